import { describe, expect, test } from "vitest";
import type { Core } from "../../../../widget/core/core.ts";
import { placeKey } from "../../../../widget/core/outboxes.ts";
import { settle } from "../../client/support/clock.ts";
import { AGENT, entry, item, MESSAGES, ORDERS, refusal } from "./support/server.ts";
import { bodies, onCreate, openEchoingThread, openThread, shown } from "./support/thread.ts";
import { createLiveWorld, tokenOf, type World } from "./support/world.ts";

const KEY = `local heddle:${AGENT}:writing`;
const DAY = 24 * 3_600_000;

/** The next page of the same browser; the former one is gone. */
async function nextPage(
  { core, reload }: World,
  options: Parameters<World["reload"]>[0] = {},
): Promise<Core> {
  core.shutdown();
  const next = reload(options);
  await next.start();
  await settle();
  return next;
}

async function open(core: Core, itemId: string | null = "c1") {
  const thread = core.openThread(MESSAGES, itemId);
  await settle();
  return thread;
}

describe("a draft", () => {
  test("is there when its thread is opened again, and in no other", async () => {
    const { core, thread } = await openThread();
    thread.setDraft("My order");
    thread.close();

    expect((await open(core, null)).draft.value.text).toBe("");
    expect((await open(core)).draft.value.text).toBe("My order");
  });

  test("is there on the next page", async () => {
    const world = await openThread();
    world.thread.setDraft("My order");
    expect((await open(await nextPage(world))).draft.value.text).toBe("My order");
  });

  test("is told of where its thread is not open", async () => {
    const world = await openThread();
    world.thread.setDraft("  My order ");
    world.thread.close();
    const mark = [placeKey(MESSAGES, "c1"), { text: "My order", isDraft: true }];
    expect([...world.core.notSent.value]).toEqual([mark]);

    const next = await nextPage(world);
    expect([...next.notSent.value]).toEqual([mark]);
    const thread = await open(next);
    thread.setDraft(" ");
    thread.close();
    expect(next.notSent.value.size).toBe(0);
  });

  test("keeps the reason why it was refused, until it is changed", async () => {
    const world = await openThread();
    onCreate(world.server, () => refusal("source_rejected", "No links, please."));
    world.thread.send("https://spam.example");
    await settle();
    const draft = {
      text: "https://spam.example",
      problem: { code: "source_rejected", message: "No links, please." },
    };
    expect(world.thread.draft.value).toEqual(draft);
    world.thread.close();
    expect([...world.core.notSent.value.values()]).toEqual([{ text: draft.text, isDraft: false }]);

    const thread = await open(await nextPage(world));
    expect(thread.draft.value).toEqual(draft);
    thread.setDraft("spam");
    expect((await open(await nextPage(world))).draft.value).toEqual({ text: "spam" });
  });

  test("of a new conversation goes on in the conversation that its first message begins", async () => {
    const world = await createLiveWorld();
    const thread = await open(world.core, null);
    world.server.holding = ({ body }) => body?.action === "create_item";
    thread.send("Hello");
    await settle();
    thread.setDraft("And");
    world.server.releaseAll();
    await settle();
    thread.setDraft("And then");

    const next = await nextPage(world);
    expect((await open(next, null)).draft.value.text).toBe("");
    expect((await open(next, "new1")).draft.value.text).toBe("And then");
  });

  test("is gone once it was sent or emptied", async () => {
    const world = await openThread();
    world.thread.setDraft("Hello");
    world.thread.send("Hello");
    await settle();
    expect(world.page.stored.has(KEY)).toBe(false);

    world.thread.setDraft("x");
    world.thread.setDraft("");
    expect(world.page.stored.has(KEY)).toBe(false);
  });

  test("is kept for 30 days", async () => {
    const world = await openThread();
    world.thread.setDraft("My order");
    world.clock.sleep(30 * DAY - 1);
    const next = await nextPage(world);
    expect((await open(next)).draft.value.text).toBe("My order");
    world.clock.sleep(1);
    expect((await open(await nextPage({ ...world, core: next }))).draft.value.text).toBe("");
  });

  test("is nobody else's, and there again when its writer is", async () => {
    const world = await openThread();
    world.thread.setDraft("My order");
    world.server.endUserId = "eve";
    const eves = await nextPage(world, { userToken: tokenOf("eve") });
    expect((await open(eves)).draft.value.text).toBe("");

    world.server.endUserId = "ada";
    const adas = await nextPage({ ...world, core: eves });
    expect((await open(adas)).draft.value.text).toBe("My order");
  });

  test("goes with its writer at log-out", async () => {
    const { core, thread, page } = await openThread();
    thread.setDraft("My order");
    core.logout();
    expect(thread.draft.value.text).toBe("");
    thread.setDraft("Nor this");
    expect(page.stored.has(KEY)).toBe(false);
  });
});

describe("a draft in two pages at once", () => {
  async function twice(text: string) {
    const world = await openThread();
    world.thread.setDraft(text);
    const second = world.reload();
    await second.start();
    return { ...world, second: await open(second) };
  }

  test("goes from both when one of them has sent it", async () => {
    const { thread, second } = await twice("Hello");
    thread.send("Hello");
    await settle();
    second.reload();
    await settle();
    expect(second.draft.value.text).toBe("");
  });

  test("is not taken away by emptying or sending what the other had written before", async () => {
    const world = await twice("");
    world.thread.setDraft("Mine");
    world.second.setDraft("Another, and longer");
    world.thread.send("Mine");
    await settle();
    expect((await open(await nextPage(world))).draft.value.text).toBe("Another, and longer");
  });

  test("stays in a field where it was too long to be kept", async () => {
    const { thread } = await twice("Hello");
    thread.setDraft("x".repeat(110_000));
    thread.reload();
    await settle();
    expect(thread.draft.value.text).toHaveLength(110_000);
  });
});

test("what others have put into storage is no reason to do much at each letter", async () => {
  const rows = Array.from({ length: 20_000 }, (_, index) => (
    { viewer: "eve", tab: MESSAGES, item: "c1", id: `${index}`, text: "x", at: Date.now() }
  ));
  const world = await openThread({ prepare: ({ page }) => void page.stored.set(KEY, JSON.stringify(rows)) });
  world.thread.setDraft("Hello");
  expect((await open(await nextPage(world))).draft.value.text).toBe("Hello");
});

test("all that is kept has at most 100 kB, and the oldest goes first", async () => {
  const world = await openThread();
  for (const [index, id] of ["c1", "c2", "c3", "c4"].entries()) {
    world.clock.sleep(1000);
    world.core.form(ORDERS, id).keep(`${index}${"ü".repeat(15_000)}`);
  }
  expect(new TextEncoder().encode(world.page.stored.get(KEY)).length).toBeLessThanOrEqual(100_000);
  const kept = ["c1", "c2", "c3", "c4"].map((id) => world.core.form(ORDERS, id).read().charAt(0));
  expect(kept).toEqual(["", "1", "2", "3"]);
});

test("a draft that is larger than that is not kept, and what waits is", async () => {
  const world = await openThread();
  world.page.emit("offline");
  world.thread.send("my order 4711 never came");
  await settle();
  world.core.form(ORDERS, "o1").keep("Ring twice");
  world.thread.setDraft("x".repeat(120_000));
  expect(world.thread.draft.value.text).toHaveLength(120_000);

  const next = await nextPage(world);
  expect(shown(await open(next)).at(-1)).toEqual(["my order 4711 never came", "waiting"]);
  expect(next.form(ORDERS, "o1").read()).toBe("Ring twice");
});

test("drafts go before messages that wait, however old these are", async () => {
  const world = await openThread();
  world.page.emit("offline");
  world.thread.send(`first ${"x".repeat(9000)}`);
  await settle();
  world.clock.sleep(1000);
  world.core.form(ORDERS, "o1").keep("o".repeat(60_000));
  world.clock.sleep(1000);
  world.core.form(ORDERS, "o2").keep("o".repeat(60_000));
  expect(world.core.form(ORDERS, "o1").read()).toBe("");
  expect(world.core.form(ORDERS, "o2").read()).toHaveLength(60_000);

  for (let sent = 0; sent < 4; sent++) world.thread.send("y".repeat(9000));
  await settle();
  expect(world.core.form(ORDERS, "o2").read()).toBe("");
  const thread = await open(await nextPage(world));
  expect(thread.state.value.entries.filter(({ delivery }) => delivery === "waiting")).toHaveLength(5);
});

test.each(["", "{", "{}", "[1]", '[{"viewer":"ada","id":1}]'])(
  "what is kept may be nonsense: %s",
  async (text) => {
    const world = await openThread({ prepare: ({ page }) => void page.stored.set(KEY, text) });
    world.thread.setDraft("Hello");
    expect((await open(await nextPage(world))).draft.value.text).toBe("Hello");
  },
);

test("an unsaved form is there on the next page", async () => {
  const world = await createLiveWorld();
  world.core.form(ORDERS, "o1").keep('{"note":"Ring twice"}');
  const next = await nextPage(world);
  expect(next.form(ORDERS, "o1").read()).toBe('{"note":"Ring twice"}');
  expect(next.form(ORDERS, "o2").read()).toBe("");
});

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
