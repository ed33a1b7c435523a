import { describe, expect, it } from "vitest";
import type { ThreadEntry } from "../../../client/sync/pending.ts";
import { authorName, groupEntries } from "../../../kit/conversation/rows.tsx";
import { en } from "../../../kit/strings/en.ts";
import { sampleEntry } from "../../support/sample_widget.ts";

const MAYA = { role: "operator", id: "maya", name: "Maya" } as const;
const NOOR = { role: "operator", id: "noor", name: "Noor" } as const;
const VISITOR = { role: "visitor" } as const;

/** Local times of 1 and 2 November 2026, so that days are the visitor's own. */
const at = (day: number, hour: number, minute: number) => new Date(2026, 10, day, hour, minute).toISOString();

function shape(rows: ReturnType<typeof groupEntries>): string[] {
  return rows.map((row) => {
    if (row.kind === "group") {
      return `${row.own ? "own" : "other"}: ${row.entries.map(({ id }) => id).join(" ")}`;
    }
    return row.kind;
  });
}

describe("groups", () => {
  it("tell an operator which colleague wrote what, and a visitor that all of theirs is their own", () => {
    const mine = { role: "operator" } as const;
    const rows = (viewer: "operator" | "visitor", ...authors: ThreadEntry["author"][]) =>
      groupEntries(
        authors.map((author, index) =>
          sampleEntry({ id: `${index}`, body: "", author, createdAt: at(1, 9, 0) })
        ),
        viewer,
      );
    expect(shape(rows("operator", mine, mine, MAYA, MAYA, NOOR))).toEqual([
      "day",
      "own: 0 1",
      "own: 2 3",
      "own: 4",
    ]);
    const bot = { role: "bot", name: "Fern" } as const;
    expect(shape(rows("operator", VISITOR, bot, mine))).toEqual(["day", "other: 0", "own: 1", "own: 2"]);
    expect(shape(rows("visitor", bot, VISITOR))).toEqual(["day", "other: 0", "own: 1"]);
    const named = { role: "visitor", name: "Ada" } as const;
    expect(shape(rows("visitor", VISITOR, named))).toEqual(["day", "own: 0 1"]);
    const nameOf = (author: ThreadEntry["author"], viewer: "operator" | "visitor") =>
      authorName(sampleEntry({ id: "a", body: "", author }), en, viewer);
    expect([
      nameOf(MAYA, "operator"),
      nameOf(mine, "operator"),
      nameOf(named, "visitor"),
      nameOf(MAYA, "visitor"),
    ])
      .toEqual(["Maya", "You", "You", "Maya"]);
  });

  it("hold what one author wrote within five minutes", () => {
    const rows = groupEntries([
      sampleEntry({ id: "a", body: "", author: MAYA, createdAt: at(1, 9, 0) }),
      sampleEntry({ id: "b", body: "", author: MAYA, createdAt: at(1, 9, 4) }),
      sampleEntry({ id: "c", body: "", author: MAYA, createdAt: at(1, 9, 10) }),
    ], "visitor");
    expect(shape(rows)).toEqual(["day", "other: a b", "other: c"]);
  });

  it("end where another author begins", () => {
    const rows = groupEntries([
      sampleEntry({ id: "a", body: "", author: MAYA, createdAt: at(1, 9, 0) }),
      sampleEntry({ id: "b", body: "", author: NOOR, createdAt: at(1, 9, 1) }),
      sampleEntry({ id: "c", body: "", author: VISITOR, createdAt: at(1, 9, 2) }),
      sampleEntry({ id: "d", body: "", author: VISITOR, createdAt: at(1, 9, 3) }),
    ], "visitor");
    expect(shape(rows)).toEqual(["day", "other: a", "other: b", "own: c d"]);
  });

  it("are interrupted by what nobody said", () => {
    const rows = groupEntries([
      sampleEntry({ id: "a", body: "", author: MAYA, createdAt: at(1, 9, 0) }),
      sampleEntry({ id: "b", body: "resolved", author: { role: "system" }, createdAt: at(1, 9, 1) }),
      sampleEntry({ id: "c", body: "", author: MAYA, createdAt: at(1, 9, 2) }),
    ], "visitor");
    expect(shape(rows)).toEqual(["day", "other: a", "notice", "other: c"]);
  });

  it("are divided where the unread ones begin", () => {
    const rows = groupEntries(
      [
        sampleEntry({ id: "a", body: "", author: MAYA, createdAt: at(1, 9, 0) }),
        sampleEntry({ id: "b", body: "", author: MAYA, createdAt: at(1, 9, 1) }),
      ],
      "visitor",
      "b",
    );
    expect(shape(rows)).toEqual(["day", "other: a", "unread", "other: b"]);
  });

  it("hold entries without a time", () => {
    const rows = groupEntries([
      sampleEntry({ id: "a", body: "", author: MAYA }),
      sampleEntry({ id: "b", body: "", author: MAYA }),
    ], "visitor");
    expect(shape(rows)).toEqual(["other: a b"]);
  });

  it("keep an entry's key when the owner's echo replaces it", () => {
    const sending = { ...sampleEntry({ id: "c1", body: "hi", author: VISITOR }), clientId: "c1" };
    const echoed = { ...sampleEntry({ id: "77", body: "hi", author: VISITOR }), clientId: "c1" };
    expect(groupEntries([sending], "visitor")[0]?.key).toBe(groupEntries([echoed], "visitor")[0]?.key);
  });
});

describe("a group's key", () => {
  const entry = (minute: number) =>
    sampleEntry({ id: `${minute}`, body: "", author: MAYA, createdAt: at(1, 9, minute) });
  const keysOf = (anchors: Set<string>, entries: ThreadEntry[], unreadFrom?: string) =>
    groupEntries(entries, "visitor", unreadFrom, anchors)
      .flatMap((row) => row.kind === "group" ? [row.key] : []);

  it("stays when older or newer entries join the group", () => {
    const anchors = new Set<string>();
    const drawn = keysOf(anchors, [entry(4), entry(5)]);
    expect(keysOf(anchors, [entry(2), entry(3), entry(4), entry(5)])).toEqual(drawn);
    expect(keysOf(anchors, [entry(1), entry(2), entry(3), entry(4), entry(5), entry(6)])).toEqual(drawn);
  });

  it("is nobody else's where a group falls in two", () => {
    const anchors = new Set<string>();
    const drawn = keysOf(anchors, [entry(1), entry(2), entry(3)]);
    const [first, second] = keysOf(anchors, [entry(1), entry(2), entry(3)], "2");
    expect([first]).toEqual(drawn);
    expect(second).not.toBe(first);
    expect(keysOf(anchors, [entry(0), entry(1), entry(2), entry(3)], "2")).toEqual([first, second]);
  });
});

describe("day separators", () => {
  it("stand before the first entry of each day", () => {
    const rows = groupEntries([
      sampleEntry({ id: "a", body: "", author: MAYA, createdAt: at(1, 23, 58) }),
      sampleEntry({ id: "b", body: "", author: MAYA, createdAt: at(2, 0, 1) }),
    ], "visitor");
    expect(shape(rows)).toEqual(["day", "other: a", "day", "other: b"]);
  });

  it("are not repeated after an entry without a time", () => {
    const rows = groupEntries([
      sampleEntry({ id: "a", body: "", author: MAYA, createdAt: at(1, 9, 0) }),
      sampleEntry({ id: "b", body: "", author: NOOR }),
      sampleEntry({ id: "c", body: "", author: MAYA, createdAt: at(1, 9, 1) }),
    ], "visitor");
    expect(shape(rows)).toEqual(["day", "other: a", "other: b", "other: c"]);
  });
});
