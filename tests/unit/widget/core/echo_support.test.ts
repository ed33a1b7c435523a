import { describe, expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { AGENT, entry, item, MESSAGES, refusal, type Reply } from "./support/server.ts";
import { bodies, type Creating, onCreate, openEchoingThread, openThread, shown } from "./support/thread.ts";

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
    realtime.socket.hint("conv-c1-1");
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
    realtime.socket.hint("conv-c1-1");
    await settle();

    expect(shown(thread)).toEqual([["Hello", "sent"]]);
  });

  test("what is on an older page by now does not stay behind the newest", async () => {
    const { thread, server, realtime } = await openEchoingThread();
    server.threadPageSize = 2;
    for (const body of ["One", "Two", "Three", "Four"]) thread.send(body);
    await settle();
    realtime.socket.hint("conv-c1-1");
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
    realtime.socket.hint("conv-c1-1");
    await settle();

    expect(shown(thread).map(([body]) => body)).toEqual(["Text of m2", "Text of m3"]);
    expect(thread.state.value.hasOlder).toBe(true);
  });
});

describe("a page that has seen no echo yet", () => {
  const KEY = `local heddle:${AGENT}:echo:${MESSAGES}`;

  /** A further page of the same browser: the thread shows nothing that was sent, and nothing arrives. */
  async function sendFromFreshPage(world: Awaited<ReturnType<typeof openThread>>) {
    const { server, clock, reload } = world;
    server.threads.c1 = [entry("m1")];
    onCreate(server, () => "network");
    server.calls.length = 0;
    const core = reload();
    await core.start();
    const thread = core.openThread(MESSAGES, "c1");
    await settle();
    thread.send("Hello again");
    await clock.advance(5000);
    return bodies(server);
  }

  test("sends again by itself, where an earlier page has seen one in an answer", async () => {
    const world = await openThread();
    world.thread.send("Hello");
    await settle();
    expect((await sendFromFreshPage(world)).length).toBeGreaterThan(1);
  });

  test("sends again by itself, where an earlier page has seen one in a thread", async () => {
    const world = await openEchoingThread();
    expect((await sendFromFreshPage(world)).length).toBeGreaterThan(1);
  });

  test("sends once where none has", async () => {
    const world = await openThread();
    expect(await sendFromFreshPage(world)).toEqual(["Hello again"]);
  });

  test.each([{}, { entry: entry("e2", "visitor", { body: "Hello" }) }])(
    "sends once where the owner has answered without one since: %j",
    async (body) => {
      const world = await openEchoingThread();
      expect(world.page.stored.has(KEY)).toBe(true);
      world.server.threads.c1 = [entry("m1")];
      onCreate(world.server, () => ({ status: 200, body }));
      world.thread.send("Hello");
      await settle();

      expect(world.page.stored.has(KEY)).toBe(false);
      expect(await sendFromFreshPage(world)).toEqual(["Hello again"]);
    },
  );

  test("knows it of the tab where it was seen, and of no other", async () => {
    const world = await openEchoingThread();
    world.page.stored.set(`local heddle:${AGENT}:echo:another-tab`, "1");
    world.page.stored.delete(KEY);
    expect(await sendFromFreshPage(world)).toEqual(["Hello again"]);
  });
});

test("that the owner echoes is known to the page where storage is blocked", async () => {
  const world = await openThread({
    prepare({ page, server }) {
      page.storageBlocked = true;
      server.threads.c1 = [entry("m1", "visitor", { clientId: "from another device" })];
    },
  });
  onCreate(world.server, () => "network");
  world.thread.send("Hello");
  await world.clock.advance(5000);

  expect(bodies(world.server).length).toBeGreaterThan(1);
});
