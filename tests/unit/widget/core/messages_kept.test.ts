import { describe, expect, test } from "vitest";
import { placeKey } from "../../../../widget/core/outboxes.ts";
import { settle } from "../../client/support/clock.ts";
import { nextPage, open } from "./support/next_page.ts";
import { AGENT, entry, item, MESSAGES, refusal } from "./support/server.ts";
import { bodies, onCreate, openEchoingThread, openThread, shown } from "./support/thread.ts";
import { createLiveWorld, type World } from "./support/world.ts";

const KEY = `local heddle:${AGENT}:writing`;

describe("offline", () => {
  test("a message waits, and goes by itself when the network is back", async () => {
    const { core, thread, server, page, clock } = await openThread();
    page.emit("offline");
    thread.send("one");
    thread.send("two");
    await clock.advance(60_000);
    expect(shown(thread).slice(1)).toEqual([["one", "waiting"], ["two", "waiting"]]);
    expect([...core.notSent.value]).toEqual([[placeKey(MESSAGES, "c1"), { text: "two", isDraft: false }]]);
    expect(bodies(server)).toEqual([]);

    page.emit("online");
    await settle();
    expect(bodies(server)).toEqual(["one", "two"]);
    expect(core.notSent.value.size).toBe(0);
  });

  test("so does the first one ever, on a page that nobody looks at meanwhile", async () => {
    const { core, server, page } = await createLiveWorld();
    const thread = await open(core, null);
    page.emit("offline");
    thread.send("Hello");
    await settle();
    expect([...core.notSent.value]).toEqual([[placeKey(MESSAGES, null), { text: "Hello", isDraft: false }]]);
    page.emit("hidden");
    page.emit("online");
    await settle();

    expect(bodies(server)).toEqual(["Hello"]);
    expect(thread.state.value.item?.id).toBe("new1");
  });

  test("what waits when the page is left is sent by the next one, before anything is opened", async () => {
    const world = await openThread();
    world.page.emit("offline");
    world.thread.send("my order 4711 never came");
    await settle();
    world.page.online = true;
    expect(world.core.isLeftOpen()).toBe(true);
    await nextPage(world);

    expect(bodies(world.server)).toEqual(["my order 4711 never came"]);
    expect(world.page.stored.has(KEY)).toBe(false);
  });

  test("it is sent once, though two pages wait for the network with it", async () => {
    const world = await openThread();
    world.page.emit("offline");
    world.thread.send("Hello");
    await settle();
    const listeners = [...world.page.listeners];
    const second = world.reload();
    await second.start();
    const there = await open(second);
    for (const listener of listeners) world.page.listeners.add(listener);
    world.server.threads.c1 = [entry("m1")];
    onCreate(world.server, () => ({ status: 200, body: {} }));
    world.page.emit("online");
    await world.clock.advance(1000);

    expect(bodies(world.server)).toEqual(["Hello"]);
    expect(shown(there)).toEqual([["Text of m1", undefined]]);
  });
});

const DAY = 24 * 3_600_000;

test("what has waited for more than a day is not sent by itself, on the same page or the next, but by hand", async () => {
  const world = await openThread();
  world.page.emit("offline");
  world.thread.send("Is the sale still on?");
  await world.clock.advance(DAY + 1000);
  world.thread.send("Hello?");
  world.page.emit("online");
  await settle();
  expect(bodies(world.server)).toEqual(["Hello?"]);
  const own = (thread: typeof world.thread) =>
    thread.state.value.entries.find(({ body }) => body === "Is the sale still on?");
  expect(own(world.thread)?.delivery).toBe("failed");
  expect(world.core.notSent.value.size).toBe(1);

  const thread = await open(await nextPage(world));
  expect(own(thread)).toMatchObject({ delivery: "failed", problem: undefined });
  thread.resend(own(thread)?.clientId ?? "");
  await settle();
  expect(bodies(world.server)).toEqual(["Hello?", "Is the sale still on?"]);
  expect(world.page.stored.has(KEY)).toBe(false);
});

describe("a message that was on its way when the page was left", () => {
  async function left(world: World & { thread: Awaited<ReturnType<typeof open>> }) {
    world.server.holding = ({ body }) => body?.action === "create_item";
    world.thread.send("Hello");
    await settle();
    world.server.holding = () => false;
    world.server.threads.c1 = world.server.threads.c1?.filter(({ body }) => body !== "Hello") ?? [];
    world.server.calls.length = 0;
  }

  test("is not confirmed on the next page, and can be sent from there", async () => {
    const world = await openThread();
    await left(world);
    const thread = await open(await nextPage(world));
    expect(bodies(world.server)).toEqual([]);
    expect(shown(thread)).toEqual([["Text of m1", undefined], ["Hello", "not_confirmed"]]);

    thread.resend(thread.state.value.entries.at(-1)?.clientId ?? "");
    await settle();
    expect(world.server.of("tab-action", "create_item").map(({ body }) => body.clientId)).toEqual([
      "00000000-0000-4000-8000-000000000001",
    ]);
    expect(world.page.stored.has(KEY)).toBe(false);
  });

  test("is sent again by itself where the owner echoes", async () => {
    const world = await openEchoingThread();
    await left(world);
    const thread = await open(await nextPage(world));
    expect(bodies(world.server)).toEqual(["Hello"]);
    expect(shown(thread).at(-1)).toEqual(["Hello", "sent"]);
  });

  test("is not sent again by itself after a day, also where the owner echoes", async () => {
    const world = await openEchoingThread();
    await left(world);
    world.clock.time += DAY + 1000;
    const thread = await open(await nextPage(world));
    expect(bodies(world.server)).toEqual([]);
    expect(shown(thread).at(-1)).toEqual(["Hello", "not_confirmed"]);
  });

  test("is not asked about if it turns out to have arrived", async () => {
    const world = await openThread();
    await left(world);
    const clientId = "00000000-0000-4000-8000-000000000001";
    world.server.threads.c1 = [entry("m1"), entry("e2", "visitor", { body: "Hello", clientId })];
    const thread = await open(await nextPage(world));
    expect(thread.state.value.entries.map(({ id }) => id)).toEqual(["m1", "e2"]);
    expect(world.page.stored.has(KEY)).toBe(false);
  });
});

test("what another page has on its way is left to that page, also where the owner echoes", async () => {
  const world = await openEchoingThread();
  world.server.holding = ({ body }) => body?.action === "create_item";
  world.thread.send("Hello");
  await settle();
  const second = world.reload();
  await second.start();
  const there = await open(second);
  there.send("And this");
  await settle();
  expect(bodies(world.server)).toEqual(["Hello"]);

  world.server.holding = () => false;
  world.server.releaseAll();
  await settle();
  expect(bodies(world.server)).toEqual(["Hello", "And this"]);
});

test("what another page has on its way is not confirmed here, until that page has its answer", async () => {
  const world = await openThread();
  onCreate(world.server, () => ({ status: 200, body: {} }));
  world.server.holding = ({ body }) => body?.action === "create_item";
  world.thread.send("Hello");
  await settle();
  const second = world.reload();
  await second.start();
  const there = await open(second);
  expect(shown(there).at(-1)).toEqual(["Hello", "not_confirmed"]);

  world.server.releaseAll();
  await settle();
  there.reload();
  await settle();
  expect(shown(there)).toEqual([["Text of m1", undefined]]);
  expect(second.notSent.value.size).toBe(0);
});

test("a refused message is there on the next page with its reason, is never sent by itself, and can be discarded", async () => {
  const world = await openThread();
  onCreate(world.server, () => refusal("conflict", "Somebody else."));
  world.thread.send("Hello");
  await settle();
  const next = await nextPage(world);
  const thread = await open(next);

  expect(bodies(world.server)).toEqual(["Hello"]);
  expect(next.isLeftOpen()).toBe(false);
  expect([...next.notSent.value]).toEqual([[placeKey(MESSAGES, "c1"), { text: "Hello", isDraft: false }]]);
  expect(thread.state.value.entries.at(-1)).toMatchObject({
    body: "Hello",
    delivery: "failed",
    problem: { code: "conflict", message: "Somebody else." },
  });
  thread.discard(thread.state.value.entries.at(-1)?.clientId ?? "");
  expect(next.notSent.value.size).toBe(0);
  expect(world.page.stored.has(KEY)).toBe(false);
});

test("a conversation that could not begin is there when a new one is asked for", async () => {
  const world = await createLiveWorld();
  onCreate(world.server, () => refusal("conflict"));
  const thread = await open(world.core, null);
  thread.send("Hello");
  await settle();
  thread.close();
  expect(shown(await open(world.core, null))).toEqual([["Hello", "failed"]]);
  expect(shown(await open(await nextPage(world), null))).toEqual([["Hello", "failed"]]);
});

describe("order", () => {
  /** One message without an answer, then another that arrives; then the owner turns out to echo. */
  async function overtaken() {
    const world = await openThread();
    let reachable = false;
    const act = world.server.tabAction;
    onCreate(world.server, (call) => {
      if (!reachable) return "network";
      return call.body.body === "two" ? { status: 200, body: {} } : act(call);
    });
    world.thread.send("one");
    await settle();
    reachable = true;
    world.thread.send("two");
    await settle();
    world.server.threads.c1 = [entry("m1"), entry("e2", "visitor", { body: "two", clientId: "elsewhere" })];
    world.realtime.socket.hint("conv-c1-1");
    await settle();
    return world;
  }

  test("an unconfirmed message that a later one overtook is not sent by itself, when the echo is learned late", async () => {
    const world = await overtaken();
    world.page.emit("online");
    await world.clock.advance(5000);
    expect(bodies(world.server)).toEqual(["one", "two"]);
    expect(shown(world.thread).at(-1)).toEqual(["one", "not_confirmed"]);
  });

  test("nor on the next page", async () => {
    const world = await overtaken();
    const thread = await open(await nextPage(world));
    world.page.emit("online");
    await world.clock.advance(5000);
    expect(bodies(world.server)).toEqual(["one", "two"]);
    expect(shown(thread).at(-1)).toEqual(["one", "not_confirmed"]);
  });

  test("but by hand it is", async () => {
    const world = await overtaken();
    world.thread.resend(world.thread.state.value.entries.at(-1)?.clientId ?? "");
    await settle();
    expect(bodies(world.server)).toEqual(["one", "two", "one"]);
  });

  test("where the owner echoes, what was not confirmed goes before what is written next", async () => {
    const { thread, server, clock } = await openEchoingThread();
    const act = server.tabAction;
    let reachable = false;
    onCreate(server, (call) => reachable ? act(call) : "network");
    thread.send("one");
    await clock.advance(120_000);
    expect(shown(thread).at(-1)).toEqual(["one", "not_confirmed"]);
    server.calls.length = 0;
    reachable = true;
    thread.send("two");
    await settle();
    expect(bodies(server)).toEqual(["one", "two"]);
  });

  test("messages that wait are sent in the order of writing by the next page", async () => {
    const world = await openThread();
    world.server.items[MESSAGES] = [item("c1")];
    world.page.emit("offline");
    for (const body of ["one", "two", "three"]) world.thread.send(body);
    await settle();
    world.page.online = true;
    await nextPage(world);
    expect(bodies(world.server)).toEqual(["one", "two", "three"]);
  });
});
