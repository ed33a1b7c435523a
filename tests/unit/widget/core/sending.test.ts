import { describe, expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { MESSAGES, refusal } from "./support/server.ts";
import { bodies, onCreate, openEchoingThread, openThread, shown } from "./support/thread.ts";
import { createLiveWorld } from "./support/world.ts";

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

  realtime.socket.hint("conv-c1-1");
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
  realtime.socket.hint("conv-c1-1");
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
  realtime.socket.hint("conv-c1-1");
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

test("what was too much for the moment goes by itself, in the order of writing, echo or not", async () => {
  const { thread, server, clock } = await openThread();
  const accept = server.tabAction;
  onCreate(server, () => refusal("rate_limited"));
  thread.send("one");
  thread.send("two");
  await settle();
  expect(shown(thread).slice(1)).toEqual([["one", "sending"], ["two", "sending"]]);

  server.tabAction = accept;
  await clock.advance(5000);
  expect(bodies(server)).toEqual(["one", "one", "two"]);
  expect(shown(thread).slice(1)).toEqual([["one", "sent"], ["two", "sent"]]);
});

test("what stays too much has failed after a while, and says why", async () => {
  const { thread, server, clock } = await openThread();
  onCreate(server, () => refusal("rate_limited", "Because."));
  thread.send("Hello");
  await clock.advance(60_000);
  expect(bodies(server)).toHaveLength(5);
  expect(thread.state.value.entries.at(-1)).toMatchObject({
    delivery: "failed",
    problem: { code: "rate_limited", message: "Because." },
  });
});

test.each(["conflict", "action_not_enabled"] as const)(
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

describe("a message that the owner has rejected", () => {
  const rejected = { code: "source_rejected", message: "Too long." };

  test("comes back as the draft, with the owner's words, until it is changed", async () => {
    const { thread, server } = await openThread();
    onCreate(server, () => refusal("source_rejected", "Too long."));
    thread.send("Hello");
    await settle();

    expect(shown(thread)).toEqual([["Text of m1", undefined]]);
    expect(thread.draft.value).toEqual({ text: "Hello", problem: rejected });
    thread.setDraft("Hell");
    expect(thread.draft.value).toEqual({ text: "Hell" });
  });

  test("stays in the thread while something else is written, and can be edited from there", async () => {
    const { thread, server } = await openThread();
    onCreate(server, () => refusal("source_rejected", "Too long."));
    server.holding = ({ body }) => body?.action === "create_item";
    thread.send("Hello");
    await settle();
    thread.setDraft("And");
    server.releaseAll();
    await settle();

    expect(thread.state.value.entries.at(-1)).toMatchObject({ delivery: "failed", problem: rejected });
    expect(thread.draft.value).toEqual({ text: "And" });
    thread.edit(thread.state.value.entries.at(-1)?.clientId ?? "");
    expect(thread.draft.value.text).toBe("Hello\nAnd");
    expect(shown(thread)).toEqual([["Text of m1", undefined]]);
  });

  test("stays in the thread if that was closed meanwhile", async () => {
    const { core, thread, server } = await openThread();
    onCreate(server, () => refusal("source_rejected", "Too long."));
    server.holding = ({ body }) => body?.action === "create_item";
    thread.send("Hello");
    await settle();
    thread.close();
    server.releaseAll();
    await settle();

    const again = core.openThread(MESSAGES, "c1");
    await settle();
    expect(again.state.value.entries.at(-1)).toMatchObject({ delivery: "failed", problem: rejected });
  });
});

describe("a new conversation", () => {
  test("begins with its first message, then has an item, a channel and its entries", async () => {
    const { core, realtime, server } = await createLiveWorld();
    const thread = core.openThread(MESSAGES, null);
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
    core.openThread(MESSAGES, null).send("Hello");
    await settle();

    expect(core.list(MESSAGES).state.value.items.map(({ id }) => id)).toEqual(["new1", "c1"]);
  });

  test("takes all that is written meanwhile", async () => {
    const { core, server } = await createLiveWorld();
    const thread = core.openThread(MESSAGES, null);
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
    const thread = core.openThread(MESSAGES, null);
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
  const again = core.openThread(MESSAGES, "c1");
  await settle();
  expect(shown(again)).toEqual([["one", "sent"], ["two", "sent"]]);
  server.releaseAll();
  await settle();
  expect(again.state.value.entries.map(({ id }) => id)).toEqual(["m1", "e2", "e3"]);
});
