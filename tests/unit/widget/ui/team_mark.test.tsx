// @vitest-environment happy-dom
import { render } from "preact";
import { expect, test } from "vitest";
import type { ThreadEntry } from "../../../../client/sync/pending.ts";
import { TextContext } from "../../../../kit/text/text_context.ts";
import { en } from "../../../../kit/strings/en.ts";
import { createFormats } from "../../../../kit/text/intl_formats.ts";
import type { ThreadStore } from "../../../../widget/core/thread.ts";
import { markFor } from "../../../../widget/ui/kept/parts.tsx";
import { sampleEntry } from "../../../support/sample_widget.ts";

const MIRA = sampleEntry({ id: "1", body: "hello", author: { role: "operator", id: "m", name: "Mira" } });
const IMPOSTOR: ThreadEntry = {
  ...sampleEntry({ id: "2", body: "hello", author: { role: "operator", id: "anon_1", name: "Mira" } }),
  peer: true,
};

function marksOf(entries: ThreadEntry[]): (string | null)[] {
  const mark = markFor({ state: { value: { entries } } } as unknown as ThreadStore);
  return entries.map((entry) => {
    const root = document.createElement("div");
    const text = { strings: en, formats: createFormats("en") };
    render(<TextContext.Provider value={text}>{mark(entry)}</TextContext.Provider>, root);
    return root.textContent;
  });
}

test("in a room the team is told from a visitor who calls themselves the same", () => {
  expect(marksOf([MIRA, IMPOSTOR])).toEqual(["Team", ""]);
});

test("a bot is told from people", () => {
  const bot = sampleEntry({ id: "3", body: "hello", author: { role: "bot", id: "b", name: "Mira" } });
  expect(marksOf([MIRA, bot])).toEqual(["", "Bot"]);
});

test("where no other visitors are nothing needs to be told apart", () => {
  expect(marksOf([MIRA])).toEqual([""]);
});
