import { expect, test } from "vitest";
import { createUnreadMark } from "../../../client/sync/unread_mark.ts";
import type { StreamEntry } from "../../../client/sync/conversation_events.ts";
import type { AuthorRole } from "../../../shared/items.ts";
import type { MessageRole } from "../../../shared/events.ts";
import { entry, openConversation, OPERATOR } from "./support/conversation.ts";

const ROLES = ["USER", "AGENT", "BOT", "SYSTEM"] as const satisfies MessageRole[];
const DELETED_AT = "2026-01-02T00:00:00Z";
const SIDES = {
  visitor: { viewer: { side: "visitor" } as const, isForeign: (role: AuthorRole) => role !== "visitor" },
  team: { viewer: OPERATOR, isForeign: (role: AuthorRole) => role === "visitor" },
};

/** The same numbers for the same seed, from 0 to below 1. */
function numbersFrom(seed: number) {
  let state = seed + 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return ((state ^ (state >>> 12)) >>> 0) / 2 ** 32;
  };
}

function randomThread(seed: number) {
  const next = numbersFrom(seed);
  const length = 1 + Math.floor(next() * 8);
  const entries: StreamEntry[] = Array.from({ length }, (_, index) => {
    const role = ROLES[Math.floor(next() * ROLES.length)] ?? "USER";
    const each = entry(index + 1, role);
    return next() < 0.4 ? { ...each, body: "", deletedAt: DELETED_AT } : each;
  });
  return { entries, read: Math.floor(next() * (length + 1)) };
}

test.each(Object.entries(SIDES))(
  "once all of a thread is on screen the %s has read all of it, whatever was deleted",
  async (side, { viewer, isForeign }) => {
    const faults: unknown[] = [];
    for (let seed = 0; seed < 300; seed++) {
      const { entries, read } = randomThread(seed);
      const { conversation, hear, clock, asked, scope } = await openConversation({
        entries,
        number: entries.length,
        marks: { [side]: { read, delivered: entries.length } },
      }, viewer);
      const mark = createUnreadMark(isForeign);
      mark.count(conversation.state.value.unread);
      const line = mark.from(entries);
      // What the other side wrote is seen from the line to the end, and the newest always.
      const foreign = entries.filter(({ author: { role } }) => isForeign(role) && role !== "system");
      const from = entries.findIndex(({ id }) => id === line);
      const seen = foreign.filter((each) =>
        each === foreign.at(-1) || (from >= 0 && entries.indexOf(each) >= from)
      );
      conversation.setSeen(seen.at(-1)?.place ?? 0, seen[0]?.place);
      await clock.advance(5000);
      const told = Math.max(0, ...asked().map((call) => Number(/^read (\d+)$/.exec(call)?.[1] ?? 0)));
      const role = side === "visitor" ? "USER" : "AGENT";
      hear("read", {
        [side === "visitor" ? "seq" : "rev"]: entries.length + 1,
        role,
        readSeq: told,
        deliveredSeq: told,
      });
      const { unread } = conversation.state.value;
      if (unread > 0) {
        faults.push({ seed, read, line, unread, roles: entries.map((e) => e.author.role), told });
      }
      scope.end();
    }
    expect(faults).toEqual([]);
  },
);

test("the line before what is new stays where it is when what stands before it is deleted", () => {
  const mark = createUnreadMark((role) => role === "visitor");
  const entries = [1, 2, 3, 4].map((seq) => entry(seq, "USER"));
  mark.count(0);
  expect(mark.from(entries.slice(0, 3))).toBeUndefined();
  const withoutThird = entries.map((each) => each.id === "3" ? { ...each, deletedAt: DELETED_AT } : each);
  expect(mark.from(withoutThird.slice(0, 3))).toBeUndefined();
  expect(mark.from(withoutThird)).toBe("4");
});
