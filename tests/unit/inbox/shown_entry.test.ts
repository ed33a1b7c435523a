import { expect, test } from "vitest";
import type { ConversationEntry } from "../../../client/sync/conversation_setup.ts";
import { shownEntry } from "../../../inbox/ui/thread.tsx";
import { words } from "../../../inbox/ui/strings.ts";
import { sampleEntry } from "../../support/sample_widget.ts";

const reader = {
  visitor: "Ada",
  userId: "maya",
  names: new Map([["maya", "Maya Lind"], ["noor", "Noor Aziz"]]),
  full: (time: string) => time,
};

const nameOf = (author: Omit<ConversationEntry["author"], "role">, id = "7") =>
  shownEntry(sampleEntry({ id, body: "Hello", author: { role: "operator", ...author } }), reader).author.name;

test("what the site's own server wrote is nobody's but who it says, and the team's where it says nobody", () => {
  expect([nameOf({ name: "Orders" }), nameOf({}), nameOf({ name: "\u200b" }), nameOf({}, "note 3")])
    .toEqual(["Orders", words.team, words.team, words.team]);
});

test("an operator's own is without a name, also while it is on its way, and a colleague's has theirs of now", () => {
  expect([nameOf({ id: "maya", name: "Maya" }), nameOf({}, "b0a3c1d2-not-stored")]).toEqual([
    undefined,
    undefined,
  ]);
  expect([nameOf({ id: "noor", name: "Noor" }), nameOf({ id: "gone", name: "Kim" })]).toEqual([
    "Noor Aziz",
    "Kim",
  ]);
});
