import { expect, test } from "vitest";
import { settle } from "./support/clock.ts";
import { entry, message, NO_ANSWER, openConversation, OPERATOR, TWO } from "./support/conversation.ts";

const SECOND = 1000;

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

  conversation.setSeen(22);
  await settle();
  hearMessage(23, "AGENT");
  conversation.setSeen(23);
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["read 22", "read 23"]);
});

test("of what is there no more is told as seen than what was seen", async () => {
  const entries = Array.from(
    { length: 9 },
    (_, index) => entry(index + 1, index % 3 === 0 ? "USER" : "AGENT"),
  );
  const { conversation, clock, hearMessage, asked } = await openConversation({ entries, number: 9 });
  asked();
  conversation.setSeen(4);
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["read 3", "deliver 9"]);
  hearMessage(10, "AGENT");
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["deliver 10"]);
  conversation.setSeen(9);
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["read 9"]);
});

const TEN = Array.from({ length: 10 }, (_, index) => entry(index + 1, "AGENT"));

test("what was opened further down is read once everything unread before it was seen", async () => {
  const { conversation, clock, asked } = await openConversation({
    entries: TEN,
    number: 10,
    marks: { visitor: { read: 3, delivered: 10 } },
  });
  asked();
  conversation.setSeen(8, 6);
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual([]);
  conversation.setSeen(8, 4);
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["read 8"]);
});

test("what was seen before the conversation was fetched counts as little, if something unread is before it", async () => {
  const { conversation, source, clock, asked } = await openConversation({
    entries: TEN.slice(0, 3),
    number: 3,
  });
  conversation.setSeen(3);
  await clock.advance(5 * SECOND);
  asked();
  conversation.setSeen(10, 10);
  source.changes = { entries: TEN, number: 10, marks: { visitor: { read: 3, delivered: 10 } } };
  conversation.refetcher.ensure();
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["changes after 3"]);
});

test("while more unread are on pages that are not loaded nothing counts as read", async () => {
  const page = (from: number) => ({ entries: TEN.slice(from, from + 2), nextCursor: `${from}` });
  const { conversation, source, clock, asked } = await openConversation(
    { ...page(8), number: 10, marks: { visitor: { read: 3, delivered: 10 } } },
    undefined,
    undefined,
    page(6),
  );
  asked();
  expect(conversation.state.value.unreadAbove).toBe(true);
  conversation.setSeen(10, 1);
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual([]);
  source.older = { entries: TEN.slice(0, 6) };
  conversation.loadOlder();
  await clock.advance(5 * SECOND);
  expect(conversation.state.value.unreadAbove).toBe(false);
  conversation.setSeen(10, 4);
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["page 6", "read 10"]);
});

test("a message that grows is read once it is whole", async () => {
  const growing = { ...entry(3, "BOT"), status: "streaming" as const };
  const { conversation, clock, hear, asked } = await openConversation({
    entries: [...TWO.entries, growing],
    number: 3,
    marks: { visitor: { read: 1, delivered: 3 } },
  });
  asked();
  conversation.setSeen(3, 1);
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["read 2"]);
  hear("message:updated", { seq: 4, message: message(3, "BOT") });
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["read 3"]);
});

test("what the source knows already is not reported", async () => {
  const { conversation, clock, asked } = await openConversation({
    ...TWO,
    marks: { visitor: { read: 2, delivered: 2 } },
  });
  asked();
  conversation.setSeen(2);
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual([]);
});

test("what an operator has seen is reported anew when somebody else holds it, unless the team has read it", async () => {
  const { conversation, clock, hear, asked } = await openConversation(TWO, OPERATOR);
  conversation.setSeen(2);
  await clock.advance(5 * SECOND);
  asked();
  conversation.holderChanged();
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["read 1"]);

  conversation.setSeen(0);
  conversation.holderChanged();
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual([]);
  conversation.setSeen(2);
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
  conversation.setSeen(2);
  conversation.holderChanged();
  asked();
  answer();
  await clock.advance(5 * SECOND);
  expect(asked()).toEqual(["read 1"]);
});

test("a report that fails is repeated, one that is refused only with something new", async () => {
  const { conversation, source, clock, hearMessage, asked } = await openConversation(TWO);
  asked();
  source.problem = NO_ANSWER;
  conversation.setSeen(2);
  await clock.advance(0.5 * SECOND);
  source.problem = { code: "item_not_found", message: "gone" };
  await clock.advance(60 * SECOND);
  expect(asked()).toEqual(["read 2", "read 2"]);
  hearMessage(3, "AGENT");
  conversation.setSeen(3);
  await settle();
  expect(asked()).toEqual(["read 3"]);
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
