// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { memberNames } from "../../../inbox/ui/names.ts";

const member = (id: string, name: string, email: string | null = `${id}@shop.example`) => ({
  id,
  name,
  email,
  role: "operator",
  state: "online",
});

test("members who share a name are told apart by their addresses", () => {
  const members = [
    member("1", "Mira Holm", "mira@a.example"),
    member("2", "Mira Holm", "mira@b.example"),
    member("3", "Jonas Okafor", "jonas@a.example"),
  ];
  expect([...memberNames(members).values()])
    .toEqual(["Mira Holm (mira@a.example)", "Mira Holm (mira@b.example)", "Jonas Okafor"]);
});

test("a member's name is read without signs that turn it, and whose reads alike is told apart", () => {
  const members = [member("1", "Mira"), member("2", "\u2067Mira\u200b"), member("3", "\u202esanoJ")];
  expect([...memberNames(members).values()])
    .toEqual(["Mira (1@shop.example)", "Mira (2@shop.example)", "sanoJ"]);
});
