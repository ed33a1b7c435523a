import { describe, expect, it } from "vitest";
import type { ThreadEntry } from "../../../client/sync/pending.ts";
import { foldLines } from "../../../inbox/ui/lines/lines.tsx";
import { lineText } from "../../../inbox/ui/lines/words.ts";
import type { LineChange } from "../../../shared/events.ts";
import { sampleEntry } from "../../support/sample_widget.ts";

const MIRA = { id: "mira", name: "Mira" };
const JONAS = { id: "jonas", name: "Jonas" };
const READER = { userId: "ola", visitor: "Vera", full: (iso: string) => `<${iso}>` };

function said(change: LineChange, by: { id?: string; name?: string } = {}, reader = READER): string {
  const entry = sampleEntry({ id: "note 1", body: "", author: { ...by, role: "system" } });
  return lineText(entry, change, reader);
}

const OPENED = { was: "RESOLVED", status: "OPEN" };
const WOKEN = { was: "SNOOZED", status: "OPEN" };

describe("a line says", () => {
  it.each<[string, LineChange, typeof MIRA?]>([
    ["Mira claimed this", { by: "AGENT", to: MIRA }, MIRA],
    ["Jonas handed this to Mira", { by: "AGENT", to: MIRA }, JONAS],
    ["Jonas handed this to Mira", { by: "AGENT", from: JONAS, to: MIRA }, JONAS],
    ["Mira took this over from Jonas", { by: "AGENT", from: JONAS, to: MIRA }, MIRA],
    ["Mira released this", { by: "AGENT", from: MIRA }, MIRA],
    ["Mira took this from Jonas: nobody holds it", { by: "AGENT", from: JONAS }, MIRA],
    ["This was handed to Mira", { by: "SYSTEM", to: MIRA }],
    ["This was released from Mira", { by: "SYSTEM", from: MIRA }],
    ["Mira resolved this", { by: "AGENT", was: "OPEN", status: "RESOLVED" }, MIRA],
    ["Mira reopened this", { by: "AGENT", ...OPENED }, MIRA],
    ["Reopened by a message of Vera", { by: "USER", ...OPENED }],
    ["Mira snoozed this until <monday>", {
      by: "AGENT",
      was: "OPEN",
      status: "SNOOZED",
      until: "monday",
    }, MIRA],
    ["The snooze ended", { by: "SYSTEM", ...WOKEN }],
    ["Mira ended the snooze", { by: "AGENT", ...WOKEN }, MIRA],
    ["The snooze was ended by a message of Vera", { by: "USER", ...WOKEN }],
    ["Vera asked for a person", { by: "USER", needsHuman: true }],
    ["Mira asked for a person", { by: "AGENT", needsHuman: true }, MIRA],
    ["The bot passed this on to a person", { by: "BOT", needsHuman: true }],
    ["API backend handed this to Mira", { by: "API", to: MIRA }, { id: "", name: "API backend" }],
    ["API backend resolved this", { by: "API", was: "OPEN", status: "RESOLVED" }, {
      id: "",
      name: "API backend",
    }],
    ["A rule asked for a person", { by: "SYSTEM", needsHuman: true }],
    ["This was reopened · Vera asked for a person", { by: "USER", ...OPENED, needsHuman: true }],
    ["The snooze ended · Vera asked for a person", { by: "USER", ...WOKEN, needsHuman: true }],
    ["Mira released this · A person is still asked for", {
      by: "AGENT",
      from: MIRA,
      needsHuman: true,
      again: true,
    }, MIRA],
    ["The snooze ended · A person is still asked for", {
      by: "SYSTEM",
      ...WOKEN,
      needsHuman: true,
      again: true,
    }],
    ["This was handed to Mira · This was resolved", { by: "SYSTEM", to: MIRA, status: "RESOLVED" }],
  ])("%s", (text, change, by) => {
    expect(said(change, by)).toBe(text);
  });

  it("you and you to whom it is about", () => {
    const mine = { ...READER, userId: MIRA.id };
    expect(said({ by: "AGENT", to: MIRA }, MIRA, mine)).toBe("You claimed this");
    expect(said({ by: "AGENT", to: MIRA }, JONAS, mine)).toBe("Jonas handed this to you");
    expect(said({ by: "AGENT", from: MIRA, to: JONAS }, JONAS, mine)).toBe("Jonas took this over from you");
    expect(said({ by: "AGENT", from: MIRA }, MIRA, mine)).toBe("You released this");
  });

  it("its words in their order, whatever a name is written in", () => {
    expect(said({ by: "AGENT", to: MIRA }, { id: "mira", name: "\u202eMira" })).toBe("Mira claimed this");
    const vera = { ...READER, visitor: "ורה" };
    expect(said({ by: "USER", needsHuman: true }, {}, vera)).toBe("\u2068ורה\u2069 asked for a person");
  });
});

describe("lines that follow each other", () => {
  const at = (day: number, minute: number) => new Date(2026, 10, day, 9, minute).toISOString();
  const line = (id: string, day = 1): ThreadEntry => ({
    ...sampleEntry({ id, body: id, author: { role: "system" }, createdAt: at(day, 0) }),
    change: { by: "SYSTEM" },
  });
  const message = (id: string) =>
    sampleEntry({ id, body: id, author: { role: "visitor" }, createdAt: at(1, 0) });

  it("stand as one entry, until somebody writes or a day begins", () => {
    const folded = foldLines([message("1"), line("a"), line("b"), message("2"), line("c"), line("d", 2)]);
    expect(folded.entries.map(({ id }) => id)).toEqual(["1", "a", "2", "c", "d"]);
    expect([...folded.lines.values()].map((lines) => lines.map(({ id }) => id))).toEqual([["a", "b"], ["c"], [
      "d",
    ]]);
  });

  it("keep the entry they stand in when another one comes", () => {
    const before = foldLines([line("a"), line("b")]);
    const after = foldLines([line("a"), line("b"), line("c")]);
    expect(after.entries.map(({ id }) => id)).toEqual(before.entries.map(({ id }) => id));
  });
});
