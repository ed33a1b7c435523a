// @vitest-environment happy-dom
import { render } from "preact";
import { expect, test } from "vitest";
import type { ThreadEntry } from "../../../client/sync/pending.ts";
import type { Row } from "../../../inbox/core/rows.ts";
import { markIn } from "../../../inbox/ui/author_mark.tsx";
import { sampleEntry } from "../../support/sample_widget.ts";

const ANON = "anon_0123456789abcdef0123456789abcdef";
const ROOM = { kind: "room", psid: ANON } as Row;
const TALK = { psid: ANON } as Row;

function marked(row: Row, author: ThreadEntry["author"]): string | null {
  const root = document.createElement("div");
  render(markIn(row)(sampleEntry({ id: "1", body: "hello", author })), root);
  return root.querySelector(".chip")?.textContent?.split(":")[0] ?? null;
}

test("a bot is marked as one", () => {
  expect(marked(TALK, { role: "bot", name: "Mira" })).toBe("Bot");
});

test("in a room a visitor who only says who they are is not verified", () => {
  expect(marked(ROOM, { role: "visitor", id: ANON, name: "Mira from the team" })).toBe("Not verified");
  expect(marked(ROOM, { role: "visitor", id: "user-7", name: "Ada" })).toBe(null);
  expect(marked(ROOM, { role: "visitor", id: ANON, name: ANON })).toBe(null);
  expect(marked(ROOM, { role: "operator", id: "mira", name: "Mira" })).toBe(null);
});

test("outside a room the header says so once", () => {
  expect(marked(TALK, { role: "visitor", id: ANON, name: "Mira" })).toBe(null);
});
