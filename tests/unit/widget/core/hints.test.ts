import { expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { entry, MESSAGES, ORDERS } from "./support/server.ts";
import { createLiveWorld, type World } from "./support/world.ts";

const SUPPORT = "b0000000-0000-4000-8000-000000000003";

function withTwoMessagingTabs({ server }: World): void {
  const actions = ["get_items" as const, "item_clicked" as const];
  server.session.tabs = [
    { id: MESSAGES, name: "Messages", category: "messaging", source: "webhook", actions },
    { id: SUPPORT, name: "Support", category: "messaging", source: "webhook", actions },
    { id: ORDERS, name: "Orders", category: "default", source: "webhook", actions },
  ];
}

test("a hint on the visitor's channel refetches every messaging tab, the visible one first", async () => {
  const { core, server, realtime } = await createLiveWorld({ prepare: withTwoMessagingTabs });
  core.list(SUPPORT).open();
  await settle();
  server.calls.length = 0;

  realtime.socket.hint("agent-x-user-ada-1");
  await settle();

  // Support has no items, so its answer is unchanged.
  expect(server.calls.map(({ query }) => query.tabId)).toEqual([SUPPORT, MESSAGES]);
});

test("a hint on the visitor's channel does not touch default tabs or the open thread", async () => {
  const { core, server, realtime } = await createLiveWorld();
  core.list(ORDERS).open();
  core.openThread(MESSAGES, "c1");
  await settle();
  server.calls.length = 0;

  realtime.socket.hint("agent-x-user-ada-1");
  await settle();

  expect(server.calls.map(({ path, query }) => [path, query.tabId])).toEqual([["tab-fetch", MESSAGES]]);
});

test("a hint on a conversation refetches the newest page of that thread and says that it is no click", async () => {
  const { core, server, realtime } = await createLiveWorld();
  core.openThread(MESSAGES, "c1");
  await settle();
  server.calls.length = 0;

  realtime.socket.hint("conv-c1-1");
  await settle();

  expect(server.calls.map(({ body }) => body)).toEqual([
    { action: "item_clicked", tabId: MESSAGES, itemId: "c1", refresh: true },
  ]);
});

test("opening a thread is a click", async () => {
  const { core, server } = await createLiveWorld();
  core.openThread(MESSAGES, "c1");
  await settle();

  const clicks = server.of("tab-action", "item_clicked").filter(({ body }) => !body.refresh);
  expect(clicks.map(({ body }) => body)).toEqual([{ action: "item_clicked", tabId: MESSAGES, itemId: "c1" }]);
});

test("an edited and a deleted message show as such after a hint", async () => {
  const { core, server, realtime } = await createLiveWorld();
  server.threads.c1 = [entry("m1"), entry("m2")];
  const thread = core.openThread(MESSAGES, "c1");
  await settle();

  server.threads.c1 = [entry("m1", "operator", { body: "Better", editedAt: "2026-01-01T00:00:01Z" })];
  realtime.socket.hint("conv-c1-1");
  await settle();

  expect(thread.state.value.entries).toMatchObject([{ id: "m1", body: "Better" }]);
});

test("a hint on a channel that was left changes nothing", async () => {
  const { core, server, realtime } = await createLiveWorld();
  core.openThread(MESSAGES, "c1").close();
  await settle();
  server.calls.length = 0;

  realtime.socket.hint("conv-c1-1");
  await settle();

  expect(server.calls).toEqual([]);
});

test("a list that is unchanged costs an answer without a body", async () => {
  const { server, realtime } = await createLiveWorld();
  realtime.socket.hint("agent-x-user-ada-1");
  await settle();

  expect(server.of("tab-fetch").at(-1)?.headers.get("if-none-match")).toMatch(/^W\//);
});
