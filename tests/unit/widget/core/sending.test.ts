import { describe, expect, test } from "vitest";
import type { ThreadStore } from "../../../../widget/core/types.ts";
import { settle } from "./support/clock.ts";
import { entry, item, MESSAGES, refusal } from "./support/server.ts";
import type { Call, FakeServer, Reply } from "./support/server.ts";
import { createLiveWorld } from "./support/world.ts";
import type { World } from "./support/world.ts";

type Creating = (call: Call) => Reply | "network";

function onCreate(server: FakeServer, reply: Creating): void {
  const act = server.tabAction;
  server.tabAction = (call) => call.body.action === "create_item" ? reply(call) : act(call);
}

async function openThread(
  options: Parameters<typeof createLiveWorld>[0] = {},
): Promise<World & { thread: ThreadStore }> {
  const world = await createLiveWorld(options);
  const thread = world.core.openItem(MESSAGES, "c1");
  await settle();
  return { ...world, thread };
}

/** The owner's entries carry the `clientId` of whoever sent them. */
async function openEchoingThread(): Promise<World & { thread: ThreadStore }> {
  return await openThread({
    prepare: (
      { server },
    ) => (server.threads.c1 = [entry("m1", "visitor", { clientId: "from another device" })]),
  });
}

const shown = (thread: ThreadStore) =>
  thread.state.value.entries.map(({ body, delivery }) => [body, delivery]);
const bodies = (server: FakeServer) => server.of("tab-action", "create_item").map(({ body }) => body.body);

test("a message stands in the thread at once and last, and says that it is being sent", async () => {
  const { thread, server } = await openThread();
  server.holding = ({ body }) => body?.action === "create_item";
  thread.send("Hello");
  await settle();

  expect(shown(thread)).toEqual([["Text of m1", undefined], ["Hello", "sending"]]);
  expect(server.of("tab-action", "create_item")[0]?.body).toEqual({
    action: "create_item",
    tabId: MESSAGES,
    itemId: "c1",
    clientId: "00000000-0000-4000-8000-000000000001",
    body: "Hello",
  });
});

test("an accepted message is sent, and the entry that echoes its clientId takes its place", async () => {
  const { thread, realtime } = await openThread();
  thread.send("Hello");
  await settle();
  expect(shown(thread).at(-1)).toEqual(["Hello", "sent"]);

  realtime.socket.events.hint("conv-c1-1");
  await settle();

  expect(thread.state.value.entries).toMatchObject([
    { id: "m1" },
    { id: "e2", clientId: "00000000-0000-4000-8000-000000000001", delivery: "sent" },
  ]);
});

test("the echo may come before the answer", async () => {
  const { thread, server, realtime } = await openThread();
  server.holding = ({ body }) => body?.action === "create_item";
  thread.send("Hello");
  await settle();
  realtime.socket.events.hint("conv-c1-1");
  await settle();
  expect(thread.state.value.entries.map(({ id }) => id)).toEqual(["m1", "e2"]);

  server.releaseAll();
  await settle();
  expect(thread.state.value.entries.map(({ id }) => id)).toEqual(["m1", "e2"]);
});

test("two messages of the same text are two messages", async () => {
  const { thread, realtime } = await openThread();
  thread.send("Yes");
  thread.send("Yes");
  await settle();
  realtime.socket.events.hint("conv-c1-1");
  await settle();

  expect(thread.state.value.entries.map(({ id }) => id)).toEqual(["m1", "e2", "e3"]);
});

test("messages go out one after the other, in the order of writing", async () => {
  const { thread, server } = await openThread();
  server.holding = ({ body }) => body?.action === "create_item";
  thread.send("one");
  thread.send("two");
  thread.send("three");
  await settle();
  expect(bodies(server)).toEqual(["one"]);

  server.releaseAll();
  await settle();
  expect(bodies(server)).toEqual(["one", "two"]);

  server.holding = () => false;
  server.releaseAll();
  await settle();
  expect(bodies(server)).toEqual(["one", "two", "three"]);
});

describe("where the owner echoes no clientId", () => {
  const silent: Creating = () => ({ status: 200, body: {} });

  test("the message goes when a fetch that started after its acceptance shows the thread", async () => {
    const { thread, server } = await openThread();
    onCreate(server, silent);
    server.threads.c1 = [entry("m1"), entry("stored", "visitor", { body: "Hello" })];
    thread.send("Hello");
    await settle();

    expect(thread.state.value.entries.map(({ id }) => id)).toEqual(["m1", "stored"]);
  });

  test("a fetch that started earlier does not remove it", async () => {
    const { thread, server, realtime } = await openThread();
    onCreate(server, silent);
    server.holding = ({ body }) => body?.action === "item_clicked";
    realtime.socket.events.hint("conv-c1-1");
    await settle();
    thread.send("Hello");
    await settle();

    const [earlier] = server.held.splice(0, 1);
    earlier?.release();
    await settle();

    expect(shown(thread)).toEqual([["Text of m1", undefined], ["Hello", "sent"]]);
  });

  test("a message without an answer is not confirmed, and nothing is sent twice by itself", async () => {
    const { thread, server, clock, page } = await openThread();
    onCreate(server, () => "network");
    thread.send("Hello");
    await clock.advance(60_000);
    page.emit("online");
    await clock.advance(60_000);

    expect(bodies(server)).toEqual(["Hello"]);
    expect(thread.state.value.entries.at(-1)).toMatchObject({
      delivery: "not_confirmed",
      problem: { code: "network" },
    });
  });

  test.each(["source_timeout", "source_failed", "source_invalid", "internal"] as const)(
    "%s leaves open whether it arrived",
    async (code) => {
      const { thread, server } = await openThread();
      onCreate(server, () => refusal(code));
      thread.send("Hello");
      await settle();
      expect(shown(thread).at(-1)).toEqual(["Hello", "not_confirmed"]);
    },
  );

  test("the button sends it again with the same clientId", async () => {
    const { thread, server } = await openThread();
    let answer: Reply | "network" = "network";
    onCreate(server, () => answer);
    thread.send("Hello");
    await settle();
    answer = { status: 200, body: {} };
    thread.resend(thread.state.value.entries.at(-1)?.clientId ?? "");
    await settle();

    const ids = server.of("tab-action", "create_item").map(({ body }) => body.clientId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  test("it can be discarded", async () => {
    const { thread, server } = await openThread();
    onCreate(server, () => "network");
    thread.send("Hello");
    await settle();
    thread.discard(thread.state.value.entries.at(-1)?.clientId ?? "");

    expect(shown(thread)).toEqual([["Text of m1", undefined]]);
  });
});

describe("where the owner echoes clientId", () => {
  test("a message without an answer is sent again by itself, with the same clientId", async () => {
    const { thread, server, clock } = await openEchoingThread();
    const create = server.tabAction;
    let failures = 2;
    onCreate(server, (call) => failures-- > 0 ? "network" : create(call));
    thread.send("Hello");
    await settle();
    expect(shown(thread).at(-1)).toEqual(["Hello", "sending"]);
    await clock.advance(5000);

    expect(bodies(server)).toEqual(["Hello", "Hello", "Hello"]);
    expect(new Set(server.of("tab-action", "create_item").map(({ body }) => body.clientId)).size).toBe(1);
    expect(shown(thread).at(-1)).toEqual(["Hello", "sent"]);
  });

  test("it gives up after five attempts, and tries again when the page comes back online", async () => {
    const { thread, server, clock, page } = await openEchoingThread();
    const create = server.tabAction;
    let reachable = false;
    onCreate(server, (call) => reachable ? create(call) : "network");
    thread.send("Hello");
    await clock.advance(120_000);
    expect(bodies(server)).toHaveLength(5);
    expect(shown(thread).at(-1)).toEqual(["Hello", "not_confirmed"]);

    reachable = true;
    page.emit("online");
    await clock.advance(1000);

    expect(bodies(server)).toHaveLength(6);
    expect(shown(thread).at(-1)).toEqual(["Hello", "sent"]);
  });

  test("later messages wait for it", async () => {
    const { thread, server, clock } = await openEchoingThread();
    const create = server.tabAction;
    let failures = 1;
    onCreate(server, (call) => failures-- > 0 ? "network" : create(call));
    thread.send("one");
    thread.send("two");
    await clock.advance(5000);

    expect(bodies(server)).toEqual(["one", "one", "two"]);
  });

  test("a message stays until its echo is there, although the owner reads from a replica", async () => {
    const { thread, server, realtime } = await openEchoingThread();
    const { tabAction } = server;
    thread.send("Hello");
    await settle();
    server.tabAction = (call) =>
      call.body.action === "item_clicked"
        ? { status: 200, body: { item: item("c1"), entries: [], conversationChannel: "conv-c1-1" } }
        : tabAction(call);
    realtime.socket.events.hint("conv-c1-1");
    await settle();

    expect(shown(thread)).toEqual([["Hello", "sent"]]);
  });

  test("what is on an older page by now does not stay behind the newest", async () => {
    const { thread, server, realtime } = await openEchoingThread();
    server.threadPageSize = 2;
    for (const body of ["One", "Two", "Three", "Four"]) thread.send(body);
    await settle();
    realtime.socket.events.hint("conv-c1-1");
    await settle();
    expect(shown(thread).map(([body]) => body)).toEqual(["Three", "Four"]);

    thread.loadOlder();
    await settle();
    expect(shown(thread).map(([body]) => body)).toEqual(["One", "Two", "Three", "Four"]);
  });

  test("nor does it when others have filled the newest page", async () => {
    const { thread, server, realtime } = await openEchoingThread();
    server.threadPageSize = 2;
    const at = (minute: number) => ({ createdAt: `2026-01-01T00:0${minute}:00Z` });
    onCreate(server, ({ body: { clientId, body } }) => {
      const sent = entry("e1", "visitor", { clientId, body, ...at(1) });
      server.threads.c1 = [sent, entry("m2", "operator", at(2)), entry("m3", "operator", at(3))];
      return { status: 200, body: { entry: sent } };
    });
    thread.send("Anybody there?");
    await settle();
    realtime.socket.events.hint("conv-c1-1");
    await settle();

    expect(shown(thread).map(([body]) => body)).toEqual(["Text of m2", "Text of m3"]);
    expect(thread.state.value.hasOlder).toBe(true);
  });
});

test.each(["source_rejected", "rate_limited", "conflict", "action_not_enabled"] as const)(
  "a message refused with %s has failed, and says why",
  async (code) => {
    const { thread, server } = await openEchoingThread();
    onCreate(server, () => refusal(code, "Because."));
    thread.send("Hello");
    await settle();

    expect(bodies(server)).toHaveLength(1);
    expect(thread.state.value.entries.at(-1)).toMatchObject({
      delivery: "failed",
      problem: { code, message: "Because." },
    });
  },
);

describe("a new conversation", () => {
  test("begins with its first message, then has an item, a channel and its entries", async () => {
    const { core, realtime, server } = await createLiveWorld();
    const thread = core.openItem(MESSAGES, null);
    expect(thread.state.value).toMatchObject({ status: "ready", item: null, entries: [] });

    thread.send("Hello");
    await settle();

    expect(server.of("tab-action", "create_item")[0]?.body).not.toHaveProperty("itemId");
    expect(thread.state.value).toMatchObject({
      item: { id: "new1" },
      entries: [{ id: "e1", delivery: "sent" }],
    });
    expect(realtime.socket.joins).toContain("conv-new1-1");
  });

  test("stands in the list before the list is fetched again", async () => {
    const { core, server } = await createLiveWorld();
    server.holding = ({ path }) => path === "tab-fetch";
    core.openItem(MESSAGES, null).send("Hello");
    await settle();

    expect(core.list(MESSAGES).state.value.items.map(({ id }) => id)).toEqual(["new1", "c1"]);
  });

  test("takes all that is written meanwhile", async () => {
    const { core, server } = await createLiveWorld();
    const thread = core.openItem(MESSAGES, null);
    thread.send("one");
    thread.send("two");
    await settle();

    expect(server.of("tab-action", "create_item").map(({ body }) => body.itemId)).toEqual([
      undefined,
      "new1",
    ]);
  });

  test("that could not begin does not begin twice with what was written behind", async () => {
    const { core, server } = await createLiveWorld();
    onCreate(server, () => "network");
    const thread = core.openItem(MESSAGES, null);
    thread.send("one");
    thread.send("two");
    await settle();

    expect(bodies(server)).toEqual(["one"]);
    expect(shown(thread)).toEqual([["one", "not_confirmed"], ["two", "failed"]]);
  });
});

test("what waits is sent although the thread is closed, and shows when it is opened again", async () => {
  const { core, thread, server } = await openThread();
  server.holding = ({ body }) => body?.action === "create_item";
  thread.send("one");
  thread.send("two");
  await settle();
  thread.close();
  server.holding = () => false;
  server.releaseAll();
  await settle();
  expect(bodies(server)).toEqual(["one", "two"]);

  server.holding = ({ body }) => body?.action === "item_clicked";
  const again = core.openItem(MESSAGES, "c1");
  await settle();
  expect(shown(again)).toEqual([["one", "sent"], ["two", "sent"]]);
  server.releaseAll();
  await settle();
  expect(again.state.value.entries.map(({ id }) => id)).toEqual(["m1", "e2", "e3"]);
});

describe("the list, after a message was accepted,", () => {
  const USER = "agent-x-user-ada-1";

  /** The owner's list shows what was written last. */
  async function openListedThread() {
    const world = await openThread();
    const { server } = world;
    onCreate(server, ({ body: { clientId, body } }) => {
      server.items[MESSAGES] = [item("c1", { preview: body })];
      return {
        status: 200,
        body: { entry: entry("e2", "visitor", { clientId, body }), item: item("c1", { preview: body }) },
      };
    });
    server.calls.length = 0;
    return world;
  }

  test("is fetched once, for the broadcast that tells of it", async () => {
    const { thread, server, realtime, clock } = await openListedThread();
    thread.send("Hello");
    await settle();
    expect(server.count("tab-fetch")).toBe(0);

    realtime.socket.events.hint(USER);
    await clock.advance(60_000);

    expect(server.count("tab-fetch")).toBe(1);
  });

  test("is fetched once, although the broadcast was faster than the answer", async () => {
    const { thread, server, realtime, clock } = await openListedThread();
    server.holding = ({ body }) => body?.action === "create_item";
    thread.send("Hello");
    await settle();
    realtime.socket.events.hint(USER);
    await settle();
    server.releaseAll();
    await clock.advance(60_000);

    expect(server.count("tab-fetch")).toBe(1);
  });

  test("is fetched once, although that broadcast's fetch takes its time", async () => {
    const { thread, server, realtime, clock } = await openListedThread();
    server.holding = ({ path, body }) => path === "tab-fetch" || body?.action === "create_item";
    thread.send("Hello");
    await settle();
    realtime.socket.events.hint(USER);
    await settle();
    server.held.shift()?.release();
    await clock.advance(4000);
    server.releaseAll();
    await clock.advance(8000);

    expect(server.count("tab-fetch")).toBe(1);
  });

  test("is fetched again if the faster broadcast's fetch did not show it yet", async () => {
    const { core, thread, server, realtime, clock } = await openListedThread();
    server.holding = ({ body }) => body?.action === "create_item";
    thread.send("Hello");
    await settle();
    server.items[MESSAGES] = [item("c1", { preview: "From a replica" })];
    realtime.socket.events.hint(USER);
    await settle();
    server.releaseAll();
    await settle();
    server.items[MESSAGES] = [item("c1", { preview: "Hello" })];
    await clock.advance(1500);

    expect(core.list(MESSAGES).state.value.items).toMatchObject([{ preview: "Hello" }]);
    expect(server.count("tab-fetch")).toBe(2);
  });

  test("is fetched after 1.5 s where no broadcast comes", async () => {
    const { thread, server, clock } = await openListedThread();
    thread.send("One");
    await settle();
    await clock.advance(1499);
    expect(server.count("tab-fetch")).toBe(0);

    await clock.advance(1);
    expect(server.count("tab-fetch")).toBe(1);

    await clock.advance(60_000);
    expect(server.count("tab-fetch")).toBe(1);
  });
});
