import { describe, expect, test } from "vitest";
import { withRowsBehind } from "../../../../client/sync/paged.ts";
import { removeItem } from "../../../../widget/core/writes.ts";
import { settle } from "../../client/support/clock.ts";
import { entry, item, MESSAGES } from "./support/server.ts";
import { createLiveWorld, type World } from "./support/world.ts";
// Loaded when it is first needed, which no clock of a test waits for.
import "../../../../client/sync/later_pages.ts";

const rows = (ids: string) => [...ids].map((id) => ({ id }));
const ids = (list: { id: string }[]) => list.map(({ id }) => id).join("");

describe("rows behind a refetched first page", () => {
  test.each([
    { what: "nothing changed", page: "abc", before: "abcdef", behind: "def" },
    { what: "a new row came in", page: "xab", before: "abcdef", behind: "cdef" },
    { what: "a later row moved to the top", page: "eab", before: "abcdef", behind: "cdf" },
    { what: "a row of the first page is gone", page: "acd", before: "abcdef", behind: "ef" },
    { what: "the first page is all new", page: "xyz", before: "abcdef", behind: "" },
    { what: "the list is empty", page: "", before: "abc", behind: "" },
  ])("are those that follow its last row: $what", ({ page, before, behind }) => {
    expect(ids(withRowsBehind(rows(page), rows(before)))).toBe(page + behind);
  });
});

function fourConversations({ server }: World): void {
  server.pageSize = 2;
  server.items[MESSAGES] = [..."abcd"].map((id) => item(id));
}

test("loading more appends the next page until there is none", async () => {
  const { core } = await createLiveWorld({ prepare: fourConversations });
  const list = core.list(MESSAGES);
  expect(list.state.value).toMatchObject({ hasMore: true, loadingMore: false });

  list.loadMore();
  expect(list.state.value.loadingMore).toBe(true);
  await settle();

  expect(ids(list.state.value.items)).toBe("abcd");
  expect(list.state.value).toMatchObject({ hasMore: false, loadingMore: false });
});

test("a refetch keeps later pages that join on, each row once", async () => {
  const { core, server, realtime } = await createLiveWorld({ prepare: fourConversations });
  const list = core.list(MESSAGES);
  list.loadMore();
  await settle();

  server.items[MESSAGES] = [..."dabc"].map((id) => item(id));
  realtime.socket.hint("agent-x-user-ada-1");
  await settle();

  expect(ids(list.state.value.items)).toBe("dabc");
});

test("a refetch drops later pages that no longer join on", async () => {
  const { core, server, realtime } = await createLiveWorld({ prepare: fourConversations });
  const list = core.list(MESSAGES);
  list.loadMore();
  await settle();

  server.items[MESSAGES] = [..."xyzabcd"].map((id) => item(id));
  realtime.socket.hint("agent-x-user-ada-1");
  await settle();
  expect(ids(list.state.value.items)).toBe("xy");
  expect(list.state.value.hasMore).toBe(true);

  list.loadMore();
  await settle();
  expect(ids(list.state.value.items)).toBe("xyza");
});

test("a list without later pages shows the first page as it came", async () => {
  const { core, server, realtime } = await createLiveWorld({ prepare: fourConversations });
  server.items[MESSAGES] = [..."xabcd"].map((id) => item(id));
  realtime.socket.hint("agent-x-user-ada-1");
  await settle();

  expect(ids(core.list(MESSAGES).state.value.items)).toBe("xa");
});

test("older messages load upwards and stay when new ones arrive", async () => {
  const { core, server, realtime } = await createLiveWorld();
  server.threadPageSize = 3;
  server.threads.c1 = [..."abcdef"].map((id) => entry(id));
  const thread = core.openThread(MESSAGES, "c1");
  await settle();
  expect(ids(thread.state.value.entries)).toBe("def");
  expect(thread.state.value.hasOlder).toBe(true);

  thread.loadOlder();
  expect(thread.state.value.loadingOlder).toBe(true);
  await settle();
  expect(ids(thread.state.value.entries)).toBe("abcdef");
  expect(thread.state.value).toMatchObject({ hasOlder: false, loadingOlder: false });

  server.threads.c1 = [..."abcdefgh"].map((id) => entry(id));
  realtime.socket.hint("conv-c1-1");
  await settle();

  expect(ids(thread.state.value.entries)).toBe("abcdefgh");
  expect(thread.state.value.hasOlder).toBe(false);
});

test("an older page that was asked for before the thread moved on is dropped", async () => {
  const { core, server, realtime } = await createLiveWorld();
  server.threadPageSize = 3;
  server.threads.c1 = [..."abcdef"].map((id) => entry(id));
  const thread = core.openThread(MESSAGES, "c1");
  await settle();
  server.holding = ({ body }) => body?.cursor !== undefined;
  thread.loadOlder();
  await settle();

  server.threads.c1 = [..."abcdefghijk"].map((id) => entry(id));
  realtime.socket.hint("conv-c1-1");
  await settle();
  server.releaseAll();
  await settle();

  expect(ids(thread.state.value.entries)).toBe("ijk");
  expect(thread.state.value).toMatchObject({ hasOlder: true, loadingOlder: false });
});

test("a thread that moved on by more than a page shows the newest page alone", async () => {
  const { core, server, realtime } = await createLiveWorld();
  server.threadPageSize = 3;
  server.threads.c1 = [..."abcdef"].map((id) => entry(id));
  const thread = core.openThread(MESSAGES, "c1");
  await settle();

  server.threads.c1 = [..."abcdefghijk"].map((id) => entry(id));
  realtime.socket.hint("conv-c1-1");
  await settle();
  expect(ids(thread.state.value.entries)).toBe("ijk");

  thread.loadOlder();
  await settle();
  expect(ids(thread.state.value.entries)).toBe("fghijk");
});

test("an owner who answers every cursor with the same page is asked once", async () => {
  const { core } = await createLiveWorld({
    prepare({ server }) {
      server.tabFetch = () => ({ status: 200, body: { items: [item("a")], nextCursor: "2" } });
      server.tabAction = () => ({
        status: 200,
        body: { item: item("a"), entries: [entry("m1")], nextCursor: "2" },
      });
    },
  });
  const list = core.list(MESSAGES);
  const thread = core.openThread(MESSAGES, "a");
  await settle();

  list.loadMore();
  thread.loadOlder();
  await settle();

  expect(list.state.value).toMatchObject({ hasMore: false, loadingMore: false });
  expect(thread.state.value).toMatchObject({ hasOlder: false, loadingOlder: false });
});

/** Of a list and a thread all pages are loaded; then `change` happens on the server. */
async function changeBehind(change: (world: World) => void) {
  const world = await createLiveWorld({ prepare: fourConversations });
  const { core, server } = world;
  server.threadPageSize = 3;
  server.threads.c1 = [..."abcdef"].map((id) => entry(id));
  const list = core.list(MESSAGES);
  const thread = core.openThread(MESSAGES, "c1");
  await settle();
  list.loadMore();
  thread.loadOlder();
  await settle();
  change(world);
  return { ...world, list, thread };
}

function editAndDelete({ server }: World): void {
  server.items[MESSAGES] = [..."abcd"].map((id) => item(id, id === "d" ? { preview: "changed" } : {}));
  server.threads.c1 = [..."bcdef"].map((id) => id === "b" ? { ...entry(id), body: "changed" } : entry(id));
}

const lastPreview = (list: { preview?: string }[]) => list.at(-1)?.preview;

test("what changed on later pages is found where a hint's refetch finds nothing new on the first", async () => {
  const { realtime, clock, list, thread } = await changeBehind(editAndDelete);
  realtime.socket.hint("agent-x-user-ada-1");
  realtime.socket.hint("conv-c1-1");
  await clock.advance(1500);

  expect(ids(list.state.value.items)).toBe("abcd");
  expect(lastPreview(list.state.value.items)).toBe("changed");
  expect(ids(thread.state.value.entries)).toBe("bcdef");
  expect(thread.state.value.entries[0]?.body).toBe("changed");
});

test("what changed on later pages while the connection was lost is found after it", async () => {
  const { realtime, clock, list, thread } = await changeBehind((world) => {
    world.realtime.socket.events.lost();
    editAndDelete(world);
    world.server.items[MESSAGES]?.unshift(item("x"));
    world.server.threads.c1?.push(entry("x"));
  });
  await clock.advance(5000);

  expect(realtime.sockets).toHaveLength(2);
  expect(ids(list.state.value.items)).toBe("xabcd");
  expect(lastPreview(list.state.value.items)).toBe("changed");
  expect(ids(thread.state.value.entries)).toBe("bcdefx");
  expect(thread.state.value.entries[0]?.body).toBe("changed");
});

test("what several hints told of is looked for on later pages too", async () => {
  const { server, realtime, list } = await changeBehind(() => undefined);
  server.holding = () => true;
  realtime.socket.hint("agent-x-user-ada-1");
  server.holding = () => false;
  realtime.socket.hint("agent-x-user-ada-1");
  realtime.socket.hint("agent-x-user-ada-1");
  server.items[MESSAGES] = [..."xabcd"].map((id) => item(id, id === "d" ? { preview: "changed" } : {}));
  server.releaseAll();
  await settle();

  expect(ids(list.state.value.items)).toBe("xabcd");
  expect(lastPreview(list.state.value.items)).toBe("changed");
});

test("a hint that brings a new message asks for the newest page alone", async () => {
  const { server, realtime, thread } = await changeBehind(({ server }) => {
    server.threads.c1?.push(entry("g"));
  });
  const before = server.calls.length;
  realtime.socket.hint("conv-c1-1");
  await settle();

  expect(ids(thread.state.value.entries)).toBe("abcdefg");
  expect(server.calls.slice(before)).toHaveLength(1);
});

test("what a hint told of on a later page is found although the next hint brings something new", async () => {
  const { server, realtime, clock, list } = await changeBehind(editAndDelete);
  realtime.socket.hint("agent-x-user-ada-1");
  await clock.advance(500);
  server.items[MESSAGES]?.unshift(item("x"));
  realtime.socket.hint("agent-x-user-ada-1");
  await clock.advance(1500);

  expect(ids(list.state.value.items)).toBe("xabcd");
  expect(lastPreview(list.state.value.items)).toBe("changed");
});

test("a page that was asked for before a hint is fetched again", async () => {
  const { core, server, realtime, clock } = await createLiveWorld({ prepare: fourConversations });
  const list = core.list(MESSAGES);
  server.holding = ({ query }) => query.cursor !== undefined;
  list.loadMore();
  await settle();
  server.holding = () => false;

  server.items[MESSAGES] = [..."abcd"].map((id) =>
    item(id, id === "b" || id === "d" ? { preview: "changed" } : {})
  );
  realtime.socket.hint("agent-x-user-ada-1");
  await settle();
  server.releaseAll();
  await clock.advance(0);

  expect(lastPreview(list.state.value.items)).toBe("changed");
});

test("a page that was asked for before a row was removed does not bring it back", async () => {
  const { core, server, clock } = await createLiveWorld({ prepare: fourConversations });
  const list = core.list(MESSAGES);
  server.holding = ({ query }) => query.cursor !== undefined;
  list.loadMore();
  await settle();
  server.holding = () => false;

  server.tabAction = () => ({ status: 200, body: { deleted: true } });
  expect(await removeItem(list, "d")).toBeNull();
  server.items[MESSAGES] = [..."abc"].map((id) => item(id));
  server.releaseAll();
  await clock.advance(0);

  expect(ids(list.state.value.items)).toBe("abc");
});
