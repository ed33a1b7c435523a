import { expect, test } from "vitest";
import { createRecord } from "../../../../widget/core/record.ts";
import { settle } from "../../client/support/clock.ts";
import { entry, type FakeServer, item, MESSAGES, ORDERS, refusal } from "./support/server.ts";
import { createLiveWorld, type World } from "./support/world.ts";
// Loaded when it is first needed, which no clock of a test waits for.
import "../../../../client/sync/later_pages.ts";

const USER = "agent-x-user-ada-1";

function unreadMessage({ server }: World): void {
  server.items[MESSAGES] = [item("c1", { unread: 1 })];
}

const receipts = (server: FakeServer) => server.of("tab-action", "update_item").map(({ body }) => body);

test("an unread message that is being read is receipted once, however often the thread is refetched", async () => {
  const { core, server, realtime } = await createLiveWorld({ prepare: unreadMessage });
  const thread = core.openThread(MESSAGES, "c1");
  await settle();
  expect(receipts(server)).toEqual([]);

  thread.setReading(true);
  await settle();
  expect(receipts(server)).toEqual([
    { action: "update_item", tabId: MESSAGES, itemId: "c1", changes: { read: true } },
  ]);

  // The owner publishes the receipt on both channels.
  for (let hints = 0; hints < 3; hints++) {
    realtime.socket.hint("conv-c1-1");
    realtime.socket.hint(USER);
    await settle();
  }
  thread.setReading(false);
  thread.setReading(true);
  await settle();
  expect(receipts(server)).toHaveLength(1);
});

test("a message that comes while nobody reads is receipted when the reader is back at the bottom", async () => {
  const { core, server, realtime } = await createLiveWorld();
  const thread = core.openThread(MESSAGES, "c1");
  await settle();
  server.threads.c1?.push(entry("m2"));
  realtime.socket.hint("conv-c1-1");
  await settle();
  expect(receipts(server)).toEqual([]);

  thread.setReading(true);
  await settle();
  expect(receipts(server)).toHaveLength(1);
});

test("a message that comes while it is read is receipted at once", async () => {
  const { core, server, realtime } = await createLiveWorld();
  const thread = core.openThread(MESSAGES, "c1");
  thread.setReading(true);
  await settle();
  expect(receipts(server)).toEqual([]);

  server.threads.c1?.push(entry("m2"));
  realtime.socket.hint("conv-c1-1");
  await settle();

  expect(receipts(server)).toHaveLength(1);
});

test("an own message asks for no receipt", async () => {
  const { core, server, realtime } = await createLiveWorld();
  const thread = core.openThread(MESSAGES, "c1");
  thread.setReading(true);
  await settle();

  server.threads.c1?.push(entry("mine", "visitor"));
  realtime.socket.hint("conv-c1-1");
  await settle();

  expect(receipts(server)).toEqual([]);
});

test("a message that the owner knows as read asks for none", async () => {
  const { core, server } = await createLiveWorld({ prepare: unreadMessage });
  server.threads.c1 = [entry("m1", "operator", { readAt: "2026-01-01T00:00:00Z" })];
  core.openThread(MESSAGES, "c1").setReading(true);
  await settle();

  expect(receipts(server)).toEqual([]);
});

test("an owner without update_item is asked for nothing", async () => {
  const { core, server } = await createLiveWorld({
    prepare(world) {
      unreadMessage(world);
      const actions = ["get_items" as const, "item_clicked" as const];
      world.server.session.tabs = [{
        id: MESSAGES,
        name: "Messages",
        category: "messaging",
        source: "webhook",
        actions,
      }];
    },
  });
  core.openThread(MESSAGES, "c1").setReading(true);
  await settle();

  expect(receipts(server)).toEqual([]);
});

test("a record of a default tab is no message that could be read", async () => {
  const { core, server } = await createLiveWorld({
    prepare({ server }) {
      server.items[ORDERS] = [item("o1", { unread: 1 })];
      server.threads.o1 = [entry("m1")];
      const actions = ["get_items" as const, "item_clicked" as const, "update_item" as const];
      server.session.tabs = [{ id: ORDERS, name: "Orders", category: "default", source: "webhook", actions }];
    },
  });
  core.list(ORDERS).open();
  await settle();
  core.openRecord(ORDERS, "o1", createRecord);
  await settle();

  expect(server.count("tab-action", "item_clicked")).toBe(1);
  expect(receipts(server)).toEqual([]);
});

test("a row whose receipt was accepted shows no unread messages, although an older list fetch still says so", async () => {
  const { core, server, realtime } = await createLiveWorld({ prepare: unreadMessage });
  const thread = core.openThread(MESSAGES, "c1");
  await settle();
  server.holding = ({ path }) => path === "tab-fetch";
  server.items[MESSAGES] = [item("c1", { unread: 2 })];
  realtime.socket.hint(USER);
  await settle();

  thread.setReading(true);
  await settle();
  expect(core.unread.value).toBe(0);
  server.holding = () => false;
  server.releaseAll();
  await settle();

  expect(core.unread.value).toBe(0);
});

test("a list fetch that started after the acceptance may say otherwise", async () => {
  const { core, server, realtime } = await createLiveWorld({ prepare: unreadMessage });
  const thread = core.openThread(MESSAGES, "c1");
  thread.setReading(true);
  await settle();
  expect(core.unread.value).toBe(0);
  thread.setReading(false);

  // A 304 says it, too: the owner still counts one.
  realtime.socket.hint(USER);
  await settle();

  expect(server.of("tab-fetch").at(-1)?.headers.has("if-none-match")).toBe(true);
  expect(core.unread.value).toBe(1);
});

test("a row on a later page shows no unread messages until a fetch of that page says otherwise", async () => {
  const { core, server, realtime, clock } = await createLiveWorld({
    prepare({ server }) {
      server.pageSize = 1;
      server.items[MESSAGES] = [item("c0"), item("c1", { unread: 1 })];
    },
  });
  const list = core.list(MESSAGES);
  list.loadMore();
  await settle();
  const thread = core.openThread(MESSAGES, "c1");
  thread.setReading(true);
  await settle();
  thread.setReading(false);
  expect(core.unread.value).toBe(0);

  server.items[MESSAGES] = [item("c0", { preview: "New" }), item("c1", { unread: 1 })];
  realtime.socket.hint(USER);
  await settle();
  expect(list.state.value.items[0]?.preview).toBe("New");
  expect(core.unread.value).toBe(0);

  list.open();
  await clock.advance(0);
  expect(core.unread.value).toBe(1);
});

test("a refused receipt is tried again when the reader comes back, not with every refetch", async () => {
  const { core, server, realtime } = await createLiveWorld({ prepare: unreadMessage });
  server.tabAction =
    ((act) => (call) => call.body.action === "update_item" ? refusal("source_failed") : act(call))(
      server.tabAction,
    );
  const thread = core.openThread(MESSAGES, "c1");
  thread.setReading(true);
  await settle();
  realtime.socket.hint("conv-c1-1");
  await settle();
  expect(receipts(server)).toHaveLength(1);
  expect(core.unread.value).toBe(1);

  thread.setReading(false);
  thread.setReading(true);
  await settle();
  expect(receipts(server)).toHaveLength(2);
});

test("what comes while it is read does not count as unread, and what comes later does", async () => {
  const world = await createLiveWorld();
  const { core, clock, server, realtime, emitted } = world;
  const thread = core.openThread(MESSAGES, "c1");
  thread.setReading(true);
  await settle();
  for (const id of ["m2", "m3"]) {
    unreadMessage(world);
    server.threads.c1?.push(entry(id));
    realtime.socket.hint("conv-c1-1");
    realtime.socket.hint(USER);
    await clock.advance(5000);
    server.items[MESSAGES] = [item("c1")];
    realtime.socket.hint(USER);
    await clock.advance(5000);
  }
  expect(receipts(server)).toHaveLength(2);
  expect(emitted.filter(({ name }) => name === "unread")).toEqual([]);

  thread.setReading(false);
  unreadMessage(world);
  realtime.socket.hint(USER);
  await clock.advance(5000);
  expect(emitted.filter(({ name }) => name === "unread")).toEqual([{ name: "unread", detail: 1 }]);
});

test("opening a thread that holds nothing unread asks for no receipt", async () => {
  const { core, server } = await createLiveWorld();
  core.openThread(MESSAGES, "c1").setReading(true);
  await settle();

  expect(receipts(server)).toEqual([]);
});
