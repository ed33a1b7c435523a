import { expect, test } from "vitest";
import { fillReply, repliesFor, unknownIn } from "../../../inbox/ui/saved_replies.tsx";

const replies = [
  { id: "1", shortcut: "shipping", body: "It ships tomorrow." },
  { id: "2", shortcut: "hours", body: "We open at nine." },
  { id: "3", shortcut: "thanks", body: "Thank you for shopping here." },
];
const found = (draft: string) => repliesFor(draft, replies)?.map(({ shortcut }) => shortcut) ?? null;

test("a draft that is a slash and the beginning of a shortcut asks for replies, by shortcut before text", () => {
  expect(found("/")).toEqual(["shipping", "hours", "thanks"]);
  expect(found("/sh")).toEqual(["shipping", "thanks"]);
  expect(found("/HOU")).toEqual(["hours"]);
  expect(found("/nothing")).toEqual([]);
  for (const draft of ["", "either/or", "/hours and more", " /hours"]) expect(found(draft)).toBe(null);
});

test("a reply is filled in with what is known, and says nothing else anew", () => {
  const values = { "visitor.name": "Ada $& Park" };
  expect(fillReply("Hello {{visitor.name}}, {{ visitor.name }}: {{order.id}} {x}", values))
    .toBe("Hello Ada $& Park, Ada $& Park: {{order.id}} {x}");
});

test("a name that every object has is no value", () => {
  for (const body of ["{{constructor}}", "{{toString}} {{ __proto__ }}"]) {
    expect(fillReply(body, {})).toBe(body);
  }
});

test("a shortcut is found with accents or without", () => {
  const replies = [{ id: "1", shortcut: "rückgabe", body: "Zurück an uns." }];
  for (const draft of ["/ruck", "/rück", "/RÜCKGABE", "/ru\u0308ck", "/zuruck"]) {
    expect(repliesFor(draft, replies)).toEqual(replies);
  }
});

test("a name that is not known goes with what parts it from the text", () => {
  const values = { "visitor.name": "", "agent.name": "Mira", "site.name": "Fern & Fable" };
  const filled = (body: string) => fillReply(body, values);
  expect(filled("We are sorry, {{visitor.name}}.")).toBe("We are sorry.");
  expect(filled("Hello {{visitor.name}},\nyours, {{agent.name}}")).toBe("Hello,\nyours, Mira");
  expect(filled("{{visitor.name}}, it ships.\n{{ visitor.name }} It left.")).toBe("it ships.\nIt left.");
  expect(filled("{{agent.name}} {{visitor.name}}")).toBe("Mira");
});

test("what nothing fills in is named once each", () => {
  expect(unknownIn("{{visitor.name}} {{order.id}} {{ agent.name }} {{order.id}} {{visitor.nmae}} {x}"))
    .toEqual(["{{order.id}}", "{{visitor.nmae}}"]);
});
