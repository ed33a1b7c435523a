import { expect, test } from "vitest";
import { noteEntry } from "../../../client/sync/conversation_events.ts";
import { settle } from "./support/clock.ts";
import { entry, ID, message, openConversation } from "./support/conversation.ts";

const SECOND = 1000;
const TWO = { entries: [entry(1, "USER"), entry(2, "AGENT")], number: 2 };
const OPERATOR = { side: "team", name: "Bob" } as const;
const problem = { code: "network", message: "No answer came." } as const;

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
  source.problem = problem;
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

test("receipts follow the other side's marks, which never go back", async () => {
  const page = { entries: [entry(1, "USER"), entry(2, "USER"), entry(3, "AGENT")], number: 3 };
  const { hear, receipts } = await openConversation({ ...page, marks: { team: { read: 0, delivered: 1 } } });
  expect(receipts()).toEqual(["delivered", "sent", undefined]);
  hear("read", { seq: 4, role: "AGENT", readSeq: 1, deliveredSeq: 2 });
  expect(receipts()).toEqual(["seen", "delivered", undefined]);
  hear("read", { seq: 5, role: "AGENT", readSeq: 0, deliveredSeq: 1 });
  expect(receipts()).toEqual(["seen", "delivered", undefined]);
});

test("an operator's receipts are the visitor's marks, on every message of the team", async () => {
  const { receipts } = await openConversation({
    entries: [entry(1, "USER"), entry(2, "AGENT"), entry(3, "BOT")],
    number: 3,
    marks: { visitor: { read: 2, delivered: 3 } },
  }, OPERATOR);
  expect(receipts()).toEqual([undefined, "seen", "delivered"]);
});

test("what arrives is reported at most once a second, what is read at once", async () => {
  const { conversation, hearMessage, clock, asked } = await openConversation({
    ...TWO,
    marks: { visitor: { read: 2, delivered: 2 } },
  });
  asked();
  for (let seq = 3; seq < 23; seq++) {
    hearMessage(seq, "AGENT");
    await clock.advance(200);
  }
  expect(asked()).toEqual(["deliver 7", "deliver 12", "deliver 17", "deliver 22"]);
  await clock.advance(5 * SECOND);

  conversation.setReading(true);
  await settle();
  hearMessage(23, "AGENT");
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["read 22", "read 23"]);
});

test("what the source knows already is not reported", async () => {
  const { conversation, clock, asked } = await openConversation({
    ...TWO,
    marks: { visitor: { read: 2, delivered: 2 } },
  });
  asked();
  conversation.setReading(true);
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual([]);
});

test("what an operator has seen is reported anew when somebody else holds it, unless the team has read it", async () => {
  const { conversation, clock, hear, asked } = await openConversation(TWO, OPERATOR);
  conversation.setReading(true);
  await clock.advance(5 * SECOND);
  asked();
  conversation.holderChanged();
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["read 1"]);

  conversation.setReading(false);
  conversation.holderChanged();
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual([]);
  conversation.setReading(true);
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["read 1"]);

  hear("read", { rev: 3, role: "AGENT", readSeq: 1, deliveredSeq: 1 });
  conversation.holderChanged();
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual([]);
});

test("a report on its way when the holder changes does not count for the new one", async () => {
  const { conversation, source, clock, asked } = await openConversation(TWO, OPERATOR);
  let answer = (_value?: unknown) => {};
  source.until = new Promise((resolve) => (answer = resolve));
  conversation.setReading(true);
  conversation.holderChanged();
  asked();
  answer();
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["read 1"]);
});

test("a report that fails is repeated, one that is refused only with something new", async () => {
  const { conversation, source, clock, hearMessage, asked } = await openConversation(TWO);
  asked();
  source.problem = problem;
  conversation.setReading(true);
  await clock.advance(0.5 * SECOND);
  source.problem = { code: "item_not_found", message: "gone" };
  await clock.advance(60 * SECOND);
  expect(asked()).toEqual(["read 2", "read 2"]);
  hearMessage(3, "AGENT");
  await settle();
  expect(asked()).toEqual(["read 3"]);
});

const GONE = { code: "item_not_found", message: "gone" } as const;

test("a conversation that is gone keeps nothing on the screen, and nothing that was unsent for it", async () => {
  const { conversation, source, outbox, texts, hear } = await openConversation({
    ...TWO,
    nextCursor: "older",
  });
  hear("typing", { role: "AGENT", name: "Alice" });
  source.problem = problem;
  outbox.add("unsent");
  outbox.setDraft("half a");
  await settle();
  expect(texts()).toEqual(["text 1", "text 2", "unsent"]);

  source.problem = GONE;
  conversation.refetcher.refetch();
  await settle();
  expect(conversation.state.value).toMatchObject({
    status: "failed",
    problem: GONE,
    entries: [],
    typists: [],
    hasOlder: false,
    unread: 0,
  });
  expect(outbox.entries()).toEqual([]);
  expect(outbox.draft.value.text).toBe("");
});

test("a message that is refused because the conversation is gone shows that it is", async () => {
  const { conversation, source, outbox, asked } = await openConversation(TWO);
  asked();
  source.problem = GONE;
  outbox.add("Anybody there?");
  await settle();
  expect(asked()).toEqual(["send Anybody there?", "changes after 2"]);
  expect(conversation.state.value).toMatchObject({ status: "failed", problem: GONE, entries: [] });
  expect(outbox.entries()).toEqual([]);
});

test("a conversation that is there again is shown whole", async () => {
  const { conversation, source, texts, hearMessage } = await openConversation(TWO);
  source.problem = GONE;
  conversation.refetcher.refetch();
  await settle();
  hearMessage(3, "AGENT");
  expect(texts()).toEqual([]);
  source.problem = null;
  conversation.reload();
  await settle();
  expect(texts()).toEqual(["text 1", "text 2", "text 3"]);
  expect(conversation.state.value.problem).toBe(undefined);
});

test("whoever has lost the agent keeps what they have written", async () => {
  const { conversation, source, outbox } = await openConversation(TWO, OPERATOR);
  outbox.setDraft("half a");
  source.problem = { code: "agent_not_found", message: "no member" };
  conversation.refetcher.refetch();
  await settle();
  expect(conversation.state.value).toMatchObject({ status: "failed", entries: [] });
  expect(outbox.draft.value.text).toBe("half a");
});

test("unread are the other side's messages beyond one's own mark, without deleted ones", async () => {
  const { conversation, hear, hearMessage } = await openConversation({
    ...TWO,
    marks: { visitor: { read: 2, delivered: 2 } },
  });
  hearMessage(3, "AGENT");
  hearMessage(4, "BOT");
  hearMessage(5, "USER");
  expect(conversation.state.value.unread).toBe(2);
  hear("message:deleted", { seq: 6, message: message(3, "AGENT", "") });
  expect(conversation.state.value.unread).toBe(1);
  hear("read", { seq: 7, role: "USER", readSeq: 4, deliveredSeq: 4 });
  expect(conversation.state.value.unread).toBe(0);
});

test("somebody types for six seconds after the last notice", async () => {
  const { conversation, hear, clock } = await openConversation(TWO);
  hear("typing", { role: "AGENT", name: "Alice" });
  await clock.advance(3 * SECOND);
  hear("typing", { role: "AGENT", name: "Alice" });
  await clock.advance(5.9 * SECOND);
  expect(conversation.state.value.typists).toEqual([{ role: "operator", name: "Alice" }]);
  await clock.advance(0.1 * SECOND);
  expect(conversation.state.value.typists).toEqual([]);
});

test("their message ends it, also for a notice that comes late; another's does not", async () => {
  const { conversation, hear, hearMessage, clock } = await openConversation(TWO, OPERATOR);
  const typists = () => conversation.state.value.typists.map(({ name = "the visitor" }) => name);
  hear("typing", { role: "USER" });
  hear("typing", { role: "AGENT", name: "Alice" });
  await clock.advance(SECOND);
  hear("message:new", { rev: 3, message: message(SECOND, "USER") });
  expect(typists()).toEqual(["Alice"]);
  hear("message:new", { rev: 4, message: message(5 * SECOND, "AGENT") });
  hear("typing", { role: "AGENT", name: "Alice" });
  expect(typists()).toEqual([]);
  hearMessage(9, "USER");
});

test("an edit does not end it", async () => {
  const { conversation, hear, clock } = await openConversation(TWO);
  await clock.advance(SECOND);
  hear("typing", { role: "AGENT", name: "Alice" });
  hear("message:updated", { seq: 3, message: message(2, "AGENT", "better") });
  expect(conversation.state.value.typists).toHaveLength(1);
});

test("nobody sees their own typing", async () => {
  const visitor = await openConversation(TWO);
  visitor.hear("typing", { role: "USER" });
  const operator = await openConversation(TWO, OPERATOR);
  operator.hear("typing", { role: "AGENT", name: "Bob" });
  expect(visitor.conversation.state.value.typists).toEqual([]);
  expect(operator.conversation.state.value.typists).toEqual([]);
});

test("typing is told at most every three seconds", async () => {
  const { conversation, clock, asked } = await openConversation(TWO);
  asked();
  for (let key = 0; key < 35; key++) {
    conversation.typed();
    await clock.advance(200);
  }
  expect(asked().filter((call) => call === "typing")).toHaveLength(3);
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
  source.problem = problem;
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
  outbox.setDraft("text 3");
  hearMessage(3, "AGENT");
  expect(outbox.draft.value.text).toBe("text 3");
  kept.clear();
  hearMessage(4, "USER", { clientId: "elsewhere" });
  expect(outbox.draft.value.text).toBe("");
});
