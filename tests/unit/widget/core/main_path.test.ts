import { expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { entry, item, MESSAGES, ORDERS } from "./support/server.ts";
import { createLiveWorld } from "./support/world.ts";

test("a started core shows the agent, its tabs and the messages", async () => {
  const { core } = await createLiveWorld();

  expect(core.session.value).toMatchObject({ status: "ready", agentName: "Fern & Fable" });
  expect(core.list(MESSAGES).state.value).toMatchObject({ status: "ready", items: [{ id: "c1" }] });
});

test("opening a tab fetches its list", async () => {
  const { core } = await createLiveWorld();

  core.list(ORDERS).open();
  expect(core.list(ORDERS).state.value.status).toBe("loading");
  await settle();

  expect(core.list(ORDERS).state.value).toMatchObject({ status: "ready", items: [{ id: "o1" }] });
});

test("with the panel open the visitor's channel is joined and the state is live", async () => {
  const { core, realtime } = await createLiveWorld();

  expect(realtime.socket.target).toEqual({
    url: "wss://project.example/realtime/v1",
    key: "sb_publishable_test",
  });
  expect(realtime.socket.joins).toEqual(["agent-x-user-ada-1"]);
  expect(core.live.value).toBe("live");
});

test("a hint on the visitor's channel brings the new message's count", async () => {
  const { core, server, realtime, emitted } = await createLiveWorld();

  server.items[MESSAGES] = [item("c1", { unread: 2 })];
  realtime.socket.hint("agent-x-user-ada-1");
  await settle();

  expect(core.unread.value).toBe(2);
  expect(core.unreadByTab.value).toEqual({ [MESSAGES]: 2 });
  expect(emitted).toContainEqual({ name: "unread", detail: 2 });
});

test("an open thread joins its conversation and shows what a hint announces", async () => {
  const { core, server, realtime, emitted } = await createLiveWorld();

  const thread = core.openThread(MESSAGES, "c1");
  expect(thread.state.value.status).toBe("loading");
  await settle();
  expect(thread.state.value).toMatchObject({ status: "ready", entries: [{ id: "m1" }] });
  expect(realtime.socket.joins).toContain("conv-c1-1");

  server.threads.c1 = [entry("m1"), entry("m2")];
  realtime.socket.hint("conv-c1-1");
  await settle();

  expect(thread.state.value.entries.map(({ id }) => id)).toEqual(["m1", "m2"]);
  expect(emitted).toContainEqual({
    name: "message",
    detail: { tabId: MESSAGES, itemId: "c1", entry: entry("m2") },
  });
});

test("closing the thread leaves its channel and keeps the visitor's", async () => {
  const { core, realtime } = await createLiveWorld();
  const thread = core.openThread(MESSAGES, "c1");
  await settle();

  thread.close();

  expect(realtime.socket.left).toEqual(["conv-c1-1"]);
  expect(realtime.connected).toBe(true);
});

test("opening an item closes the thread that was open", async () => {
  const { core, server, realtime } = await createLiveWorld();
  server.threads.c2 = [];
  core.openThread(MESSAGES, "c1");
  await settle();

  core.openThread(MESSAGES, "c2");
  await settle();

  expect(realtime.socket.left).toEqual(["conv-c1-1"]);
  expect(realtime.socket.joins).toContain("conv-c2-1");
});
