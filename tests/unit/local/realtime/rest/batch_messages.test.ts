import { expect, test } from "vitest";
import { parseBatch } from "../../../../../local/realtime/rest/batch_messages.ts";

const MESSAGE = { topic: "t", event: "e", payload: { a: 1 } };

test("a message is public and without id unless it says otherwise", () => {
  expect(parseBatch({ messages: [MESSAGE] }, 100)).toEqual({
    messages: [{ ...MESSAGE, private: false, id: null }],
  });
});

test.each([[true, true], ["true", true], ["1", true], [false, false], ["0", false], [null, false]])(
  "private %j means %j",
  (flag, meaning) => {
    expect(parseBatch({ messages: [{ ...MESSAGE, private: flag, id: "i" }] }, 100)).toEqual({
      messages: [{ ...MESSAGE, private: meaning, id: "i" }],
    });
  },
);

test.each([
  [undefined, "can't be blank"],
  [[], "can't be blank"],
  [{}, "can't be blank"],
  [null, "is invalid"],
  ["x", "is invalid"],
  [[null], "is invalid"],
])("the messages %j are refused", (messages, error) => {
  expect(parseBatch({ messages }, 100)).toEqual({ errors: { messages: [error] } });
});

test("all that is wrong with a message is named", () => {
  const message = { topic: 5, event: null, payload: "x", private: 2, id: 7 };
  expect(parseBatch({ messages: [MESSAGE, message] }, 100)).toEqual({
    errors: {
      messages: [{}, {
        topic: ["is invalid"],
        event: ["can't be blank"],
        payload: ["is invalid"],
        private: ["is invalid"],
        id: ["is invalid"],
      }],
    },
  });
});

test("the limit counts bytes of the payload as JSON", () => {
  const batch = (filling: string) => parseBatch({ messages: [{ ...MESSAGE, payload: { a: filling } }] }, 20);
  expect(batch("x".repeat(12))).toHaveProperty("messages");
  expect(batch("ä".repeat(12))).toHaveProperty("errors");
});
