import { expect, test } from "vitest";
import type { Row } from "../../../inbox/core/rows.ts";
import { withRow } from "../../../inbox/ui/details/details.tsx";

const row = (id: string, rev: number, lastMessageAt: string) => ({ id, rev, lastMessageAt }) as Row;
const told = [row("b", 4, "2026-05-02"), row("a", 7, "2026-05-01")];

test("a conversation that has changed is as it is now, with the newest first, and a new one joins", () => {
  expect(withRow(told, row("a", 8, "2026-05-03")).map(({ id, rev }) => [id, rev])).toEqual([["a", 8], [
    "b",
    4,
  ]]);
  expect(withRow(told, row("c", 1, "2026-05-03")).map(({ id }) => id)).toEqual(["c", "b", "a"]);
});

test("what an older broadcast says changes nothing", () => {
  expect(withRow(told, row("a", 7, "2026-05-09"))).toEqual(told);
});
