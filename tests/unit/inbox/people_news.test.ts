import { expect, test } from "vitest";
import type { Row } from "../../../inbox/core/rows.ts";
import { isAboutPeople } from "../../../inbox/ui/details/news.ts";
import { FakeProject } from "./support/project.ts";

function scene() {
  const project = new FakeProject();
  const id = project.begin("Ada Park", "Hello");
  const row = project.conversations.get(id)?.row as Row;
  return { row, next: (change: Partial<Row>) => ({ ...row, rev: row.rev + 1, ...change }) };
}

test("a row with another name or address, or in which nothing is new, tells of a conversation's people", () => {
  const { row, next } = scene();
  expect(isAboutPeople(row, next({}))).toBe(true);
  expect(isAboutPeople(row, next({ customerName: "Ada Lind" }))).toBe(true);
  // What was read since the former row was told by itself.
  const read = { unread: 0, readSeqs: { visitor: 2, team: 1 }, deliveredSeqs: { visitor: 2, team: 1 } };
  expect(isAboutPeople(row, next(read))).toBe(true);
  const written = { lastMessageAt: "2026-02-01T00:00:00.000001+00:00" };
  expect(isAboutPeople(row, next({ customerEmail: "ada@example.com", ...written }))).toBe(true);
});

test("a message, a claim and a label tell nothing of them, nor does a row that is known", () => {
  const { row, next } = scene();
  const changes: Partial<Row>[] = [
    { lastMessageAt: "2026-02-01T00:00:00.000001+00:00", unread: 2 },
    { assignee: { id: "mira", name: "Mira Holm" } },
    { status: "RESOLVED", waitingSince: null },
    { labels: [1] },
  ];
  for (const change of changes) expect(isAboutPeople(row, next(change)), JSON.stringify(change)).toBe(false);
  expect(isAboutPeople(row, row)).toBe(false);
});

test("a room's row without a newer message may tell who takes part", () => {
  const { row, next } = scene();
  const room = { ...row, kind: "room" };
  expect(isAboutPeople(room, next({ kind: "room", needsHuman: true }))).toBe(true);
  expect(isAboutPeople(room, next({ kind: "room", lastMessageAt: "2026-02-01" }))).toBe(false);
});
