import { expect, test } from "vitest";
import { noteEntry } from "../../../client/sync/conversation_events.ts";
import { settle } from "./support/clock.ts";
import { entry, ID, message, NO_ANSWER, openConversation, OPERATOR, TWO } from "./support/conversation.ts";

const SECOND = 1000;

test("a hundred messages are shown as they are heard, without a fetch", async () => {
  const { hearMessage, texts, clock, asked } = await openConversation(TWO);
  asked();
  for (let seq = 3; seq < 103; seq++) hearMessage(seq, "AGENT");
  await clock.advance(10 * SECOND);

  expect(texts()).toHaveLength(102);
  expect(texts().at(-1)).toBe("text 102");
  expect(asked().filter((call) => !/^(deliver|read) /.test(call))).toEqual([]);
});

test("a gap is filled by what came after the last number", async () => {
  const { hearMessage, texts, source, asked } = await openConversation(TWO);
  asked();
  source.changes = { number: 4, entries: [entry(3, "USER"), entry(4, "AGENT")] };
  hearMessage(5, "AGENT");
  await settle();

  expect(asked()).toEqual(["changes after 2"]);
  expect(texts()).toEqual(["text 1", "text 2", "text 3", "text 4", "text 5"]);
});

test("edits and deletions take the place of what they change", async () => {
  const { conversation, hear } = await openConversation(TWO);
  hear("message:updated", { seq: 3, message: message(2, "AGENT", "better") });
  hear("message:deleted", { seq: 4, message: message(1, "USER", "") });

  expect(conversation.state.value.entries).toMatchObject([
    { id: "1", body: "", deletedAt: expect.any(String) },
    { id: "2", body: "better" },
  ]);
});

test("an edit of an older entry that is not loaded is in its page, however old the page", async () => {
  const { conversation, hear, source, texts } = await openConversation({ ...TWO, nextCursor: "older" });
  source.older = { entries: [entry(-1, "USER"), entry(0.5, "USER")] };
  let answer = (_value?: unknown) => {};
  source.until = new Promise((resolve) => (answer = resolve));
  conversation.loadOlder();
  hear("message:updated", { seq: 3, message: message(-1, "USER", "edited") });
  expect(texts()).toEqual(["text 1", "text 2"]);
  answer();
  await settle();

  expect(texts()).toEqual(["edited", "text 0.5", "text 1", "text 2"]);
  expect(conversation.state.value).toMatchObject({ hasOlder: false, loadingOlder: false });
});

test("a conversation is shown with those pages that hold only what is unread, and nothing before", async () => {
  const page = { entries: [entry(8, "AGENT"), entry(9, "AGENT")], number: 9, nextCursor: "8" };
  const { conversation, source, texts, asked } = await openConversation(
    { ...page, marks: { visitor: { read: 4, delivered: 4 } } },
    undefined,
    ID,
    { entries: [5, 6, 7].map((seq) => entry(seq, "AGENT")), nextCursor: "5" },
  );
  expect(asked().slice(0, 2)).toEqual(["page", "page 8"]);
  expect(texts()).toEqual(["text 5", "text 6", "text 7", "text 8", "text 9"]);
  expect(conversation.state.value).toMatchObject({ status: "ready", unread: 5, hasOlder: true });
  source.older = { entries: [entry(4, "AGENT")] };
  conversation.loadOlder();
  await settle();
  expect(asked()).toEqual(["page 5"]);
});

test("where all that is loaded is unread, no more than some pages are loaded at once", async () => {
  const page = { entries: [entry(900, "AGENT")], number: 900, nextCursor: "900" };
  const { conversation, asked } = await openConversation(
    { ...page, marks: { visitor: { read: 0, delivered: 0 } } },
    undefined,
    ID,
    { entries: [entry(800, "AGENT")], nextCursor: "800" },
  );
  expect(asked().filter((call) => call.startsWith("page"))).toHaveLength(5);
  expect(conversation.state.value.hasOlder).toBe(true);
});

test("a conversation too far behind takes the newest page, and none of its former rows", async () => {
  const { conversation, hearMessage, source, texts, asked } = await openConversation(TWO);
  asked();
  source.changes = { tooMany: true };
  source.page = { entries: [entry(900, "AGENT")], number: 900, nextCursor: "older" };
  hearMessage(900, "AGENT");
  await settle();
  hearMessage(901, "AGENT");

  expect(asked().slice(0, 2)).toEqual(["changes after 2", "page"]);
  expect(texts()).toEqual(["text 900", "text 901"]);
  expect(conversation.state.value.hasOlder).toBe(true);
});

test("a lower number than the last is another database's, and everything is loaded anew", async () => {
  const { conversation, source, texts } = await openConversation({
    entries: [entry(70, "AGENT")],
    number: 70,
  });
  source.changes = { number: 2 };
  source.page = TWO;
  conversation.refetcher.refetch();
  await settle();
  expect(texts()).toEqual(["text 1", "text 2"]);
});

test("what one broadcast tells under one number is applied together, whatever comes first", async () => {
  const { hearTogether, texts } = await openConversation(TWO, OPERATOR);
  hearTogether([
    ["conversation:updated", { rev: 3, status: "OPEN" }],
    ["message:new", { rev: 3, message: message(3, "USER") }],
    ["conversation:view-update", { message: {} }],
  ]);
  expect(texts()).toEqual(["text 1", "text 2", "text 3"]);
});

test("a claim takes a number and makes no gap", async () => {
  const { hear, texts, asked } = await openConversation(TWO, OPERATOR);
  asked();
  hear("conversation:updated", { rev: 3, assignee: { id: "bob", name: "Bob" } });
  hear("message:new", { rev: 4, message: message(5, "USER") });
  expect(texts()).toEqual(["text 1", "text 2", "text 5"]);
  expect(asked()).toEqual([]);
});

test.each(
  [
    ["of a type that is not known", ["message:pinned", { seq: 3 }]],
    ["without a number", ["message:new", { message: message(3, "AGENT") }]],
    ["whose message can't be read", ["message:new", { seq: 3, message: {} }]],
    ["without content", ["refresh", {}]],
  ] as const,
)("an event %s makes it ask what changed", async (_what, [type, data]) => {
  const { hear, asked } = await openConversation(TWO);
  asked();
  hear(type, data);
  await settle();
  expect(asked()).toEqual(["changes after 2"]);
});

test("an unknown event among several comes after the others were applied", async () => {
  const { hearTogether, texts, asked } = await openConversation(TWO);
  asked();
  hearTogether([["message:pinned", {}], ["message:new", { seq: 3, message: message(3, "AGENT") }]]);
  await settle();
  expect(texts()).toHaveLength(3);
  expect(asked()[0]).toMatch(/^changes after/);
});

test("events of other conversations say nothing", async () => {
  const { hear, conversation, asked } = await openConversation(TWO, OPERATOR);
  asked();
  hear("message:new", { conversationId: "c2", rev: 3, message: message(3, "USER") });
  hear("typing", { conversationId: "c2", role: "USER" });
  hear("x-later", { conversationId: "c2" });
  await settle();
  expect(asked()).toEqual([]);
  expect(conversation.state.value.typists).toEqual([]);
});

test("notes stand behind the message that they were written behind, and count as nobody's message", async () => {
  const note = {
    id: "7",
    text: "ask Ines",
    createdAt: "2026-01-01T00:00:00Z",
    author: { id: "b", name: "Bob" },
  };
  const { conversation, hear, texts } = await openConversation(
    { entries: [entry(1, "USER"), entry(5, "USER"), noteEntry({ ...note, afterSeq: 1 })], number: 7 },
    { side: "team", name: "Alice" },
  );
  expect(texts()).toEqual(["text 1", "ask Ines", "text 5"]);
  expect(conversation.state.value.unread).toBe(2);

  hear("note:new", { rev: 8, note: { ...note, id: "8", text: "done", afterSeq: 1 } });
  hear("note:deleted", { rev: 9, note: { ...note, text: "", afterSeq: 1 } });
  expect(texts()).toEqual(["text 1", "", "done", "text 5"]);
});

test("after a reconnect events wait for a fetch that started after the join", async () => {
  const { conversation, hearMessage, source, texts } = await openConversation(TWO);
  conversation.disconnected();
  conversation.listener.onJoined(false);
  let answer = (_value?: unknown) => {};
  source.until = new Promise((resolve) => (answer = resolve));
  source.changes = { number: 3, entries: [entry(3, "USER")] };
  conversation.refetcher.refetch();
  hearMessage(4, "AGENT");
  await settle();
  expect(texts()).toHaveLength(2);
  answer();
  await settle();
  expect(texts()).toEqual(["text 1", "text 2", "text 3", "text 4"]);
});

test("an answer that is older than what was heard meanwhile changes nothing", async () => {
  const { conversation, hear, source, texts } = await openConversation(TWO);
  let answer = (_value?: unknown) => {};
  source.until = new Promise((resolve) => (answer = resolve));
  source.changes = { number: 3, entries: [entry(2, "AGENT", "edited once")] };
  conversation.refetcher.refetch();
  await settle();
  hear("message:updated", { seq: 3, message: message(2, "AGENT", "edited once") });
  hear("message:updated", { seq: 4, message: message(2, "AGENT", "edited twice") });
  answer();
  await settle();
  expect(texts()).toEqual(["text 1", "edited twice"]);
});

test("one's own message shows once, whether its event or its answer comes first", async () => {
  const { outbox, hearMessage, texts, source } = await openConversation(TWO);
  outbox.add("first");
  await settle();
  const [first] = outbox.entries();
  expect(texts().at(-1)).toBe("first");
  hearMessage(3, "USER", { clientId: first?.clientId, text: "first" });

  source.until = new Promise(() => {});
  outbox.add("second");
  const [second] = outbox.entries();
  hearMessage(4, "USER", { clientId: second?.clientId, text: "second" });
  expect(texts()).toEqual(["text 1", "text 2", "first", "second"]);
});

test("one's own message whose event is lost is fetched after a moment", async () => {
  const { outbox, clock, source, asked, texts } = await openConversation(TWO);
  asked();
  outbox.add("mine");
  await settle();
  const [sent] = outbox.entries();
  source.changes = { number: 3, entries: [{ ...entry(3, "USER", "mine"), clientId: sent?.clientId }] };
  await clock.advance(2 * SECOND);

  expect(asked()).toEqual(["send mine", "deliver 2", "changes after 2"]);
  expect(texts()).toEqual(["text 1", "text 2", "mine"]);
  expect(outbox.entries()).toEqual([]);
});

test("one's own message that was not confirmed shows once when an older page has it", async () => {
  const { outbox, conversation, source, clock, texts } = await openConversation({
    ...TWO,
    nextCursor: "older",
  });
  source.problem = NO_ANSWER;
  outbox.add("mine");
  await clock.advance(60 * SECOND);
  const [sent] = outbox.entries();
  expect(sent?.delivery).toBe("not_confirmed");
  source.problem = null;
  source.older = { entries: [{ ...entry(0.5, "USER", "mine"), clientId: sent?.clientId }] };
  conversation.loadOlder();
  await settle();
  expect(texts()).toEqual(["mine", "text 1", "text 2"]);
});

test("a conversation that begins with its first message asks for nothing before", async () => {
  const { outbox, source, conversation, asked } = await openConversation({}, { side: "visitor" }, null);
  expect([asked(), conversation.state.value.status]).toEqual([[], "ready"]);
  source.page = { entries: [entry(1, "USER", "hello")], number: 1 };
  outbox.add("hello");
  await settle();
  expect(asked()).toEqual(["send hello", "page"]);
  expect(outbox.itemId).toBe(ID);
});

test("whatever the other side writes is told once, but for what was there at first", async () => {
  const { hearMessage, source, told, conversation } = await openConversation(TWO);
  hearMessage(3, "AGENT");
  hearMessage(4, "USER");
  source.changes = { number: 6, entries: [entry(3, "AGENT"), entry(6, "BOT")] };
  conversation.refetcher.refetch();
  await settle();
  expect(told.map(({ id }) => id)).toEqual(["3", "6"]);
});

test("a row that fares the same stays the same object", async () => {
  const { conversation, hearMessage } = await openConversation(TWO);
  const before = conversation.state.value.entries;
  hearMessage(3, "AGENT");
  expect(conversation.state.value.entries.slice(0, 2)).toEqual(before);
  expect(conversation.state.value.entries[1]).toBe(before[1]);
});

test("a failed first fetch is told, and tried again", async () => {
  const { conversation, source, problems } = await openConversation(TWO);
  source.problem = NO_ANSWER;
  conversation.refetcher.refetch();
  await settle();
  expect(conversation.state.value).toMatchObject({ status: "ready", problem: { code: "network" } });
  source.problem = null;
  conversation.reload();
  await settle();
  expect(conversation.state.value.problem).toBeUndefined();
  expect(problems).toHaveLength(1);
});

test("a draft that another page has sent is gone when the message is heard", async () => {
  const { outbox, kept, hearMessage } = await openConversation(TWO);
  outbox.setDraft("text 4");
  hearMessage(3, "AGENT");
  expect(outbox.draft.value.text).toBe("text 4");
  kept.clear();
  hearMessage(4, "USER", { clientId: "elsewhere" });
  expect(outbox.draft.value.text).toBe("");
});

test("in a room a visitor's own messages are theirs, and other visitors' are others'", async () => {
  const author = (id: string) => ({ meta: { author: { id, name: id }, attachments: [] } });
  const entries = [entry(1, "USER", "mine", author("ann")), entry(2, "USER", "hers", author("eve"))];
  const { conversation, hearMessage, told } = await openConversation({ entries, number: 2 }, {
    side: "visitor",
    id: "ann",
  });
  hearMessage(3, "USER", author("eve"));
  hearMessage(4, "USER", author("ann"));
  const roles = conversation.state.value.entries.map(({ author }) => author.role);
  expect(roles).toEqual(["visitor", "operator", "operator", "visitor"]);
  expect(conversation.state.value.entries.map(({ peer }) => peer)).toEqual([
    undefined,
    true,
    true,
    undefined,
  ]);
  expect(conversation.state.value.unread).toBe(2);
  expect(told.map(({ id }) => id)).toEqual(["3"]);
});

test.each([["visitor", "USER"], ["team", "AGENT"]] as const)(
  "who copies the key of a message takes no place of it in a thread: %s",
  async (side, role) => {
    const author = (id: string) => ({
      clientId: "copied",
      meta: { author: { id, name: id }, attachments: [] },
    });
    const entries = [entry(1, role, "mine", author("ann")), entry(2, role, "hers", author("eve"))];
    const page = { entries, number: 2, nextCursor: "older" };
    const { conversation, source } = await openConversation(page, { side, id: "ann" });
    source.older = { entries: [entry(0.5, role, "older", author("eve"))] };
    conversation.loadOlder();
    await expect.poll(() => conversation.state.value.entries.map(({ clientId }) => clientId))
      .toEqual([undefined, "copied", undefined]);
  },
);

test("a note that is heard keeps its writer's key, by which it takes the place of what was on its way", async () => {
  const { conversation, hear } = await openConversation(TWO, { side: "team", id: "ann" });
  const note = (id: string, author: string) => ({
    id,
    text: "ask Ines",
    clientId: "key",
    createdAt: "2026-01-01T00:00:00Z",
    afterSeq: 2,
    author: { id: author, name: author },
  });
  hear("note:new", { rev: 3, note: note("3", "ann") });
  hear("note:new", { rev: 4, note: note("4", "eve") });
  expect(conversation.state.value.entries.map(({ clientId }) => clientId).slice(-2)).toEqual([
    "key",
    undefined,
  ]);
});
