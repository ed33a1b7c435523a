import { expect, test, vi } from "vitest";
import type { Entry } from "../../../../shared/items.ts";
import type { ThreadStore } from "../../../../widget/core/thread.ts";
import { settle } from "../../client/support/clock.ts";
import { AGENT, entry, item, MESSAGES, refusal } from "./support/server.ts";
import { createLiveWorld, type World } from "./support/world.ts";

const TOPIC = "conv-c1-1";
const LIST = "agent-x-user-ada-1";
const NEWEST = "2026-01-02T10:00:00Z";

const conversation = [entry("1", "visitor", { body: "Hello?" }), entry("2", "operator", { body: "Yes?" })];

/** A visitor of a store tab whose thread `c1` is open, with two messages that nobody but the visitor has read. */
async function openStoreThread(): Promise<StoreWorld> {
  const state = { seq: 2, changes: [] as Entry[] };
  const world = await createLiveWorld({
    prepare({ server }) {
      const actions = ["get_items", "item_clicked", "create_item", "update_item"] as const;
      const tab = { id: MESSAGES, name: "Chat", category: "messaging", source: "store" } as const;
      server.session = { tabs: [{ ...tab, actions: [...actions] }] };
      server.items[MESSAGES] = [item("c2", { timestamp: "2026-01-01T10:00:00Z" }), item("c1", { unread: 1 })];
      const seqs = { readSeqs: { visitor: 0, team: 0 }, deliveredSeqs: { visitor: 0, team: 0 } };
      server.tabAction = ({ body }) => {
        if (body.action !== "item_clicked") return { status: 200, body: {} };
        const entries = "after" in body ? state.changes : conversation;
        const { seq } = state;
        return {
          status: 200,
          body: { item: item("c1"), seq, entries, conversationChannel: TOPIC, ...seqs },
        };
      };
    },
  });
  await vi.dynamicImportSettled();
  await world.core.prepareThread(MESSAGES);
  const thread = world.core.openThread(MESSAGES, "c1");
  await settle();
  return { ...world, state, thread };
}

interface StoreWorld extends World {
  state: { seq: number; changes: Entry[] };
  thread: ThreadStore;
}

const message = (id: string, text: string, role = "AGENT") => ({
  id,
  text,
  role,
  createdAt: NEWEST,
  meta: { author: { name: "Rosa" }, attachments: [] },
});

async function hear({ realtime }: World, topic: string, type: string, data: Record<string, unknown>) {
  realtime.socket.publish(topic, type, { conversationId: "c1", ...data });
  await vi.dynamicImportSettled();
  await settle();
}

const texts = ({ thread }: StoreWorld) => thread.state.value.entries.map(({ body }) => body);
const asked = ({ server }: World) =>
  server.calls.filter(({ path, body }) => path === "tab-fetch" || body?.action === "item_clicked").length;
const changed = ({ server }: World) => server.of("tab-action", "update_item").map(({ body }) => body.changes);

test("what the team writes is shown from the broadcast alone, in thread and list", async () => {
  const world = await openStoreThread();
  const before = asked(world);
  await hear(world, TOPIC, "message:new", { seq: 3, message: message("3", "Good morning") });
  await hear(world, LIST, "conversation:view-update", {
    type: "new_message",
    message: { text: "Good morning", role: "AGENT", createdAt: NEWEST },
    lastMessageAt: NEWEST,
  });
  await hear(world, LIST, "conversation:updated", { lastMessageAt: NEWEST, unread: 2, status: "OPEN" });
  expect(texts(world)).toEqual(["Hello?", "Yes?", "Good morning"]);
  expect(world.core.list(MESSAGES).state.value.items).toMatchObject([
    { id: "c1", preview: "Good morning", unread: 2, status: "OPEN" },
    { id: "c2" },
  ]);
  expect(world.emitted.filter(({ name }) => name === "message")).toHaveLength(1);
  expect(asked(world)).toBe(before);
});

test("a gap in the numbers is asked for", async () => {
  const world = await openStoreThread();
  const before = asked(world);
  world.state.seq = 4;
  world.state.changes = [entry("3", "operator", { body: "Lost" }), entry("4", "operator", { body: "Heard" })];
  await hear(world, TOPIC, "message:new", { seq: 4, message: message("4", "Heard") });
  expect(texts(world)).toEqual(["Hello?", "Yes?", "Lost", "Heard"]);
  expect(asked(world)).toBe(before + 1);
});

test("what is heard while the list is fetched shows at once, and no answer of before takes it back", async () => {
  const world = await openStoreThread();
  world.server.holding = ({ path }) => path === "tab-fetch";
  await hear(world, LIST, "refresh", {});
  const before = asked(world);
  for (const unread of [2, 3]) {
    await hear(world, LIST, "conversation:updated", { lastMessageAt: NEWEST, unread, status: "OPEN" });
  }
  const shown = () => world.core.list(MESSAGES).state.value.items;
  expect(shown()).toMatchObject([{ id: "c1", unread: 3 }, { id: "c2" }]);
  world.server.holding = () => false;
  world.server.releaseAll();
  await settle();
  expect(shown()).toMatchObject([{ id: "c1", unread: 3 }, { id: "c2" }]);
  expect(asked(world)).toBe(before);
});

test("a conversation that the list doesn't show is fetched", async () => {
  const world = await openStoreThread();
  const before = asked(world);
  world.server.items[MESSAGES]?.unshift(item("c3", { timestamp: NEWEST }));
  await hear(world, LIST, "conversation:new", { conversationId: undefined, conversation: { id: "c3" } });
  expect(world.core.list(MESSAGES).state.value.items[0]?.id).toBe("c3");
  expect(asked(world)).toBe(before + 1);
});

test("own messages say how far the team has come", async () => {
  const world = await openStoreThread();
  const receipt = () => world.thread.state.value.entries[0]?.receipt;
  expect(receipt()).toBe("sent");
  await hear(world, TOPIC, "read", { seq: 3, role: "AGENT", readSeq: 0, deliveredSeq: 1 });
  expect(receipt()).toBe("delivered");
  await hear(world, TOPIC, "read", { seq: 4, role: "AGENT", readSeq: 1, deliveredSeq: 1 });
  expect(receipt()).toBe("seen");
});

test("what the visitor sees is told by its number, what only arrived as delivered", async () => {
  const world = await openStoreThread();
  await world.clock.advance(1000);
  expect(changed(world)).toEqual([{ delivered: true }]);
  world.thread.setReading(true, "2");
  await settle();
  await world.clock.advance(1000);
  expect(world.server.of("tab-action", "update_item").at(-1)?.body).toMatchObject({
    changes: { read: true },
    entryId: "2",
  });
  expect(world.core.list(MESSAGES).state.value.items.find(({ id }) => id === "c1")?.unread).toBe(0);
});

test("what only the list has heard of is not told as delivered, until the thread holds it", async () => {
  const world = await openStoreThread();
  await world.clock.advance(5000);
  world.thread.close();
  const before = changed(world).length;
  await hear(world, LIST, "conversation:view-update", {
    type: "new_message",
    message: { text: "Good morning", role: "AGENT", createdAt: NEWEST },
    lastMessageAt: NEWEST,
  });
  await hear(world, LIST, "conversation:updated", { lastMessageAt: NEWEST, unread: 2, status: "OPEN" });
  await world.clock.advance(5000);
  expect(changed(world).length).toBe(before);

  world.core.openThread(MESSAGES, "c1");
  await settle();
  await world.clock.advance(5000);
  expect(changed(world).at(-1)).toEqual({ delivered: true });
});

test("typing goes both ways", async () => {
  const world = await openStoreThread();
  world.thread.setDraft("W");
  world.thread.setDraft("We");
  await settle();
  expect(world.server.count("tab-action", "typing")).toBe(1);
  await hear(world, TOPIC, "typing", { role: "AGENT", name: "Rosa" });
  expect(world.thread.state.value.typing).toEqual({ name: "Rosa" });
  await hear(world, TOPIC, "typing", { role: "USER" });
  expect(world.thread.state.value.typing).toEqual({ name: "Rosa" });
  await hear(world, TOPIC, "message:new", { seq: 3, message: message("3", "Here I am") });
  expect(world.thread.state.value.typing).toBeUndefined();
});

/** Answers to writes; everything else as before. */
function answerWrites(world: StoreWorld, body: Record<string, unknown>) {
  const before = world.server.tabAction;
  world.server.tabAction = (call) => {
    const isWrite = call.body.action === "update_item" || call.body.action === "delete_item";
    return isWrite && !call.body.changes?.delivered ? { status: 200, body } : before(call);
  };
}

test("an own message is changed by the answer, and a later change isn't undone by a late answer", async () => {
  const world = await openStoreThread();
  const editedAt = "2026-01-02T11:00:00Z";
  answerWrites(world, { entry: entry("1", "visitor", { body: "Hello!", editedAt }) });
  const before = asked(world);
  expect(await world.thread.kept?.change("1", "Hello!")).toBeNull();
  expect(world.thread.state.value.entries[0]).toMatchObject({ body: "Hello!", editedAt });
  const elsewhere = message("1", "Hello there!", "USER");
  const later = { ...elsewhere, meta: { ...elsewhere.meta, editedAt: "2026-01-02T12:00:00Z" } };
  await hear(world, TOPIC, "message:updated", { seq: 3, message: later });
  await world.thread.kept?.change("1", "Hello!");
  expect(texts(world)).toEqual(["Hello there!", "Yes?"]);
  expect(asked(world)).toBe(before);
});

test("an own message that was deleted leaves a tombstone at once, and no answer brings it back", async () => {
  const world = await openStoreThread();
  answerWrites(world, { deleted: true });
  expect(await world.thread.kept?.change("1", null)).toBeNull();
  expect(world.server.of("tab-action", "delete_item").at(-1)?.body).toMatchObject({ entryId: "1" });
  expect(world.thread.state.value.entries[0]).toMatchObject({ body: "", deletedAt: expect.any(String) });
  answerWrites(world, { entry: entry("1", "visitor", { body: "Late" }) });
  await world.thread.kept?.change("1", "Late");
  expect(texts(world)).toEqual(["", "Yes?"]);
});

test("asking for a person shows in thread and list, until a broadcast says that it is over", async () => {
  const world = await openStoreThread();
  const wanted = () => world.thread.state.value.item?.fields.needsHuman;
  answerWrites(world, { item: item("c1", { fields: { needsHuman: true } }) });
  const before = asked(world);
  expect(await world.thread.kept?.askForPerson(true)).toBeNull();
  expect(wanted()).toBe(true);
  const told = { lastMessageAt: NEWEST, unread: 0, status: "OPEN", needsHuman: false };
  await hear(world, LIST, "conversation:updated", told);
  expect(wanted()).toBe(false);
  expect(world.core.list(MESSAGES).state.value.items.map(({ id }) => id)).toEqual(["c1", "c2"]);
  expect(asked(world)).toBe(before);
});

test("a refused change is told, and changes nothing", async () => {
  const world = await openStoreThread();
  world.server.tabAction = () => refusal("item_not_found");
  expect(await world.thread.kept?.change("1", "Hello!")).toMatchObject({ code: "item_not_found" });
  expect(await world.thread.kept?.change("1", null)).toMatchObject({ code: "item_not_found" });
  expect(texts(world)).toEqual(["Hello?", "Yes?"]);
});

test("who has said who they are isn't asked again, another visitor of the same browser is", async () => {
  const world = await openStoreThread();
  expect(world.thread.kept?.isIntroduced("ada")).toBe(false);
  await world.thread.kept?.introduce({ name: "Ada" });
  expect(changed(world)).toContainEqual({ visitor: { name: "Ada" } });
  world.thread.kept?.setIntroduced("ada");
  const { kept } = world.core.openThread(MESSAGES, "c2");
  expect([kept?.isIntroduced("ada"), kept?.isIntroduced("bob")]).toEqual([true, false]);
});

test("whether somebody is there is asked without a conversation, and a failure tells no page", async () => {
  const world = await openStoreThread();
  const { kept } = world.core.openThread(MESSAGES, null);
  const office = { away: true, changesAt: "2026-01-05T09:00:00Z" };
  const problems = vi.fn();
  world.core.on("error", problems);
  const answers = [{ status: 200, body: { office } }, { status: 200, body: {} }, refusal("rate_limited")];
  const requests: unknown[] = [];
  world.server.tabAction = ({ body }) => {
    requests.push(body);
    return answers.shift() ?? refusal("internal");
  };
  expect([await kept?.office(), await kept?.office(), await kept?.office()]).toEqual([
    office,
    { away: false },
    null,
  ]);
  expect(requests).toEqual(Array(3).fill({ action: "office", tabId: MESSAGES }));
  expect(problems).not.toHaveBeenCalled();
});

test("closing the thread leaves its channel", async () => {
  const world = await openStoreThread();
  expect(world.realtime.socket.joins).toContain(TOPIC);
  world.thread.close();
  await settle();
  expect(world.realtime.socket.left).toContain(TOPIC);
});

test("a conversation that was erased goes from thread, list and storage", async () => {
  const world = await openStoreThread();
  const kept = () => world.environment.storage.read("local", `heddle:${AGENT}:writing`) ?? "";
  world.thread.setDraft("Half a");
  expect(kept()).toContain("Half a");
  world.server.tabAction = () => refusal("item_not_found");
  world.server.items[MESSAGES] = [item("c2")];
  world.thread.send("Anybody there?");
  await settle();
  expect(world.thread.state.value).toMatchObject({
    status: "failed",
    item: null,
    entries: [],
    problem: { code: "item_not_found" },
  });
  expect(world.core.list(MESSAGES).state.value.items.map(({ id }) => id)).toEqual(["c2"]);
  expect(kept()).not.toMatch(/Half a|Anybody/);
});
