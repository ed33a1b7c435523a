import { describe, expect, test } from "vitest";
import { removeItem, updateItem } from "../../../../widget/core/writes.ts";
import type { Problem } from "../../../../client/http/problem.ts";
import { settle } from "../../client/support/clock.ts";
import { entry, type FakeServer, item, MESSAGES } from "./support/server.ts";
import { openThread } from "./support/thread.ts";
import { createLiveWorld, createWorld, type World } from "./support/world.ts";

/** What stands between a page and the server answers in its place: a service worker, a captive portal. */
const FOREIGN: [string, () => Response][] = [
  ["{}", () => Response.json({})],
  ["[]", () => Response.json([])],
  ["a text", () => Response.json("ok")],
  ["null", () => Response.json(null)],
  ["a number", () => Response.json(0)],
  ["a service worker's fallback", () => Response.json({ offline: true })],
  ["HTML", () => new Response("<!doctype html><p>Sign in", { headers: { "content-type": "text/html" } })],
  ["an empty body", () => new Response("")],
  ["204", () => new Response(null, { status: 204 })],
  ["a cached 304 that nobody asked for", () => new Response(null, { status: 304 })],
  ["keys of the wrong type", () => Response.json({ items: {}, entries: {}, session: 1, deleted: "" })],
  ["rows without ids", () => Response.json({ items: [{}], item: {}, entry: {}, deleted: 1 })],
];

const everyAnswer = (server: FakeServer, answer: () => Response) => {
  server.validate = server.tabFetch = server.tabAction = answer;
};

/** Runs it while something else answers; gives back what puts the server in its place again. */
async function meanwhile(server: FakeServer, answer: () => Response, run: () => unknown) {
  const { validate, tabFetch, tabAction } = server;
  everyAnswer(server, answer);
  await run();
  await settle();
  return () => Object.assign(server, { validate, tabFetch, tabAction });
}

const list = ({ core }: World) => core.list(MESSAGES);
const network = expect.objectContaining({ code: "network" });
const told = ({ emitted }: World) =>
  emitted.filter(({ name }) => name === "error").map(({ detail }) => (detail as Problem).code);

describe.each(FOREIGN)("%s instead of the server's answer", (_case, answer) => {
  test("to validate-widget: the session fails, and starts by itself when the server answers again", async () => {
    const { server, core, clock } = createWorld();
    const restore = await meanwhile(server, answer, () => core.start());
    expect(core.session.value).toEqual({ status: "failed", problem: network });

    restore();
    await clock.advance(30_000);
    expect(core.session.value.status).toBe("ready");
  });

  test("to the first fetch of a list: it fails, and fills by itself", async () => {
    const world = createWorld();
    world.server.tabFetch = answer;
    await world.core.start();
    await settle();
    expect(list(world).state.value).toMatchObject({ status: "failed", problem: network });

    world.server.tabFetch = createWorld().server.tabFetch;
    await world.clock.advance(30_000);
    expect(list(world).state.value).toMatchObject({ status: "ready", items: [{ id: "c1" }] });
    expect(told(world)).toEqual(["network"]);
  });

  test("to a list's next page: it can be asked for again", async () => {
    const world = await createLiveWorld({
      prepare({ server }) {
        server.pageSize = 1;
        server.items[MESSAGES] = [item("c1"), item("c2")];
      },
    });
    const restore = await meanwhile(world.server, answer, () => list(world).loadMore());
    expect(list(world).state.value).toMatchObject({ loadingMore: false, hasMore: true, problem: network });

    restore();
    list(world).loadMore();
    await settle();
    expect(list(world).state.value.items).toHaveLength(2);
  });

  test("to the opening of a thread: it fails, and fills by itself", async () => {
    const world = await createLiveWorld();
    const restore = await meanwhile(world.server, answer, () => world.core.openThread(MESSAGES, "c1"));
    const thread = world.core.openThread(MESSAGES, "c1");
    world.server.tabAction = answer;
    await settle();
    expect(thread.state.value).toMatchObject({ status: "failed", problem: network });

    restore();
    await world.clock.advance(30_000);
    expect(thread.state.value).toMatchObject({ status: "ready", entries: [{ id: "m1" }] });
  });

  test("to a thread's older page: it can be asked for again", async () => {
    const { server, thread } = await openThread({
      prepare({ server }) {
        server.threadPageSize = 1;
        server.threads.c1 = [entry("m1"), entry("m2")];
      },
    });
    const restore = await meanwhile(server, answer, () => thread.loadOlder());
    expect(thread.state.value).toMatchObject({ loadingOlder: false, hasOlder: true, problem: network });

    restore();
    thread.loadOlder();
    await settle();
    expect(thread.state.value.entries).toHaveLength(2);
  });

  test("to what the visitor sends: it is not confirmed, and can be sent again", async () => {
    const { server, thread } = await openThread();
    const restore = await meanwhile(server, answer, () => thread.send("Hello"));
    const sent = thread.state.value.entries.at(-1);
    expect(sent).toMatchObject({ body: "Hello", delivery: "not_confirmed", problem: network });

    restore();
    thread.resend(sent?.clientId ?? "");
    await settle();
    expect(thread.state.value.entries.at(-1)).toMatchObject({ body: "Hello", delivery: "sent" });
  });

  test("to a change or a deletion: the visitor sees a problem, and nothing is removed from the list", async () => {
    const world = await createLiveWorld();
    const problems: unknown[] = [];
    await meanwhile(world.server, answer, async () => {
      problems.push(
        await updateItem(list(world), "c1", { colour: "green" }),
        await removeItem(list(world), "c1"),
      );
    });
    expect(problems).toEqual([network, network]);
    expect(list(world).state.value.items).toHaveLength(1);
  });

  test("in the browser's storage: the page validates", async () => {
    const world = createWorld();
    await world.core.start();
    world.page.stored.set(
      "session heddle:a0000000-0000-4000-8000-000000000001:session",
      await answer().text(),
    );
    const core = world.reload();
    await core.start();
    expect(world.server.count("validate-widget")).toBe(2);
    expect(core.session.value.status).toBe("ready");
  });
});

test("entries that can't be shown are a problem of the thread", async () => {
  const { server, core } = await createLiveWorld();
  server.tabAction = () => ({
    status: 200,
    body: { item: item("c1"), entries: [{ id: "m1", body: "Hello" }] },
  });
  const thread = core.openThread(MESSAGES, "c1");
  await settle();
  expect(thread.state.value).toMatchObject({ status: "failed", problem: network });
});

test("an answer with unknown fields is accepted", async () => {
  const world = await createLiveWorld({
    prepare({ server }) {
      const { tabFetch } = server;
      server.tabFetch = (call) => {
        const reply = tabFetch(call);
        return reply instanceof Response || reply === "network"
          ? reply
          : { ...reply, body: { ...reply.body as object, epoch: 7 } };
      };
    },
  });
  expect(list(world).state.value.status).toBe("ready");
});

test("an answer without content is the server's if it carries a request's id", async () => {
  const world = await createLiveWorld();
  world.server.tabAction = () => ({ status: 200, body: {} });
  expect(await updateItem(list(world), "c1", { colour: "green" })).toBeNull();
});

test("a stored session that lacks what this release needs is not resumed", async () => {
  const world = createWorld();
  await world.core.start();
  for (const [key, text] of world.page.stored) {
    if (!text.startsWith("{")) continue;
    const { answer: { tabs: _tabs, ...answer }, ...stored } = JSON.parse(text);
    world.page.stored.set(key, JSON.stringify({ ...stored, answer }));
  }
  await world.reload().start();
  expect(world.server.count("validate-widget")).toBe(2);
});

// A refetch asks with an ETag: there a 304 is an answer.
describe.each(FOREIGN.filter(([, answer]) => answer().status !== 304))(
  "%s instead of the server's answer",
  (_case, answer) => {
    test("to a refetch of a list: what it shows stays, and follows later hints", async () => {
      const world = await createLiveWorld();
      const { server, realtime, clock } = world;
      const restore = await meanwhile(server, answer, () => realtime.socket.hint("agent-x-user-ada-1"));
      expect(list(world).state.value).toMatchObject({
        status: "ready",
        items: [{ id: "c1" }],
        problem: network,
      });

      restore();
      server.items[MESSAGES] = [item("c2")];
      await clock.advance(30_000);
      expect(list(world).state.value).toMatchObject({ items: [{ id: "c2" }], problem: undefined });

      server.items[MESSAGES] = [item("c3")];
      realtime.socket.hint("agent-x-user-ada-1");
      await settle();
      expect(list(world).state.value.items).toMatchObject([{ id: "c3" }]);
    });
  },
);

// As gateways of hosts answer for a function that they could not reach.
const GATEWAY = () =>
  Response.json({ error: { code: "502", message: "A server error has occurred" } }, { status: 502 });

describe("a gateway's error with a code of its own", () => {
  test("ends a session no more than a missing answer does", async () => {
    const { server, core, clock } = createWorld();
    const restore = await meanwhile(server, GATEWAY, () => core.start());
    expect(core.session.value).toMatchObject({ status: "failed", problem: { code: "internal" } });
    restore();
    await clock.advance(30_000);
    expect(core.session.value.status).toBe("ready");
  });

  test("leaves it open whether a message arrived", async () => {
    const world = await createLiveWorld();
    const thread = world.core.openThread(MESSAGES, "c1");
    await settle();
    const restore = await meanwhile(world.server, GATEWAY, () => thread.send("Hello"));
    expect(thread.state.value.entries.at(-1)?.delivery).not.toBe("failed");
    restore();
  });
});
