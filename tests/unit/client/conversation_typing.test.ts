import { expect, test } from "vitest";
import { message, openConversation, OPERATOR, TWO } from "./support/conversation.ts";

const SECOND = 1000;

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

test("the system's line that a bot could not answer ends the bot's, and nobody else's", async () => {
  const { conversation, hear, clock } = await openConversation(TWO);
  hear("typing", { role: "BOT", name: "Moss" });
  hear("typing", { role: "AGENT", name: "Alice" });
  await clock.advance(SECOND);
  hear("message:new", { seq: 3, message: message(SECOND, "SYSTEM") });
  expect(conversation.state.value.typists).toEqual([{ role: "operator", name: "Alice" }]);
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
