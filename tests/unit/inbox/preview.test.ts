// @vitest-environment happy-dom
import { expect, test } from "vitest";
import type { LastMessage, Row } from "../../../inbox/core/rows.ts";
import { previewOf } from "../../../inbox/ui/preview.tsx";

const READER = { userId: "mira", names: new Map([["mira", "Mira Holm"], ["jonas", "Jonas Okafor"]]) };

function shown(last: Partial<LastMessage> | null): string {
  const lastMessage = last && { text: "Water it weekly", role: "USER", createdAt: "", ...last };
  return previewOf({ lastMessage } as Row, READER);
}

test("a row says whose its last message is, unless it is the visitor's", () => {
  expect(shown({ role: "USER" })).toBe("Water it weekly");
  expect(shown({ role: "AGENT", authorId: "mira" })).toBe("You: Water it weekly");
  expect(shown({ role: "AGENT", authorId: "jonas" })).toBe("Jonas Okafor: Water it weekly");
  expect(shown({ role: "BOT" })).toBe("Bot: Water it weekly");
  expect(shown({ role: "SYSTEM" })).toBe("System: Water it weekly");
});

test("who has left the team, or wrote by the API, is the team", () => {
  expect(shown({ role: "AGENT", authorId: "gone" })).toBe("Team: Water it weekly");
  expect(shown({ role: "AGENT" })).toBe("Team: Water it weekly");
});

test("a deleted message says whose it was, and a row without one says nothing", () => {
  expect(shown({ role: "AGENT", authorId: "mira", text: "", isDeleted: true }))
    .toBe("You: This message was deleted.");
  expect(shown({ text: "", isDeleted: true })).toBe("This message was deleted.");
  expect(shown(null)).toBe("");
});
