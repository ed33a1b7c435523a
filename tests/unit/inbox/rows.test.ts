import { expect, test } from "vitest";
import {
  compareRows,
  compareWaiting,
  isInList,
  isInView,
  readTeamNews,
  type Row,
  VIEWS,
} from "../../../inbox/core/rows.ts";
import { hrefOf, NOWHERE, readPlace, SECTIONS } from "../../../inbox/ui/place.ts";
import { FakeProject } from "./support/project.ts";

const ME = "10000000-0000-4000-8000-000000000001";

function rowWith(changes: Partial<Row>): Row {
  const project = new FakeProject();
  const id = project.begin("Ada Park", "Hello");
  return { ...project.conversations.get(id)?.row as Row, ...changes };
}

const viewsOf = (row: Row) => VIEWS.filter((view) => isInView(view, row, ME));

test("a row stands in the views that the database would show it in", () => {
  expect(viewsOf(rowWith({}))).toEqual(["waiting", "unassigned", "open"]);
  expect(viewsOf(rowWith({ waitingSince: null }))).toEqual(["unassigned", "open"]);
  expect(viewsOf(rowWith({ assignee: { id: ME, name: "Mira" } }))).toEqual(["waiting", "mine", "open"]);
  expect(viewsOf(rowWith({ assignee: { id: "somebody", name: "Jonas" } }))).toEqual(["waiting", "open"]);
  expect(viewsOf(rowWith({ needsHuman: true }))).toEqual(["needs_human", "waiting", "unassigned", "open"]);
  expect(viewsOf(rowWith({ status: "SNOOZED", needsHuman: true }))).toEqual(["snoozed"]);
  expect(viewsOf(rowWith({ status: "RESOLVED" }))).toEqual(["resolved"]);
  const labelled = (status: string) =>
    isInList({ view: "open", labelId: 2 }, rowWith({ status, labels: [2] }), ME);
  expect([labelled("OPEN"), labelled("RESOLVED")]).toEqual([true, false]);
  expect(isInList({ view: "open", labelId: 1 }, rowWith({ labels: [2] }), ME)).toBe(false);
});

test("rows are in the order of the database, to the microsecond", () => {
  const at = (activeAt: string, id = "a") => rowWith({ id, activeAt });
  const rows = [
    at("2026-01-01T00:00:00+00:00"),
    at("2026-01-01T00:00:00.1+00:00"),
    at("2026-01-01T00:00:00.12+00:00", "a"),
    at("2026-01-01T00:00:00.12+00:00", "b"),
    at("2026-01-01T00:00:00.120001+00:00"),
  ];
  expect(rows.toSorted(compareRows)).toEqual(rows.toReversed());
});

test("those who wait are in the order of their first message without an answer", () => {
  const since = (waitingSince: string, id = "a") => rowWith({ id, waitingSince });
  const rows = [
    since("2026-01-01T00:00:00+00:00"),
    since("2026-01-01T00:00:00.1+00:00", "a"),
    since("2026-01-01T00:00:00.1+00:00", "b"),
    since("2026-01-01T00:00:00.100001+00:00"),
  ];
  expect(rows.toReversed().toSorted(compareWaiting)).toEqual(rows);
});

test("events say which rows changed, that something else did, and that the channel moved", () => {
  const envelope = (type: string, data: object) =>
    ({ v: 1, id: "e", type, at: "2026-01-01T00:00:00Z", data }) as Parameters<typeof readTeamNews>[0];
  const project = new FakeProject();
  const id = project.begin("Ada Park", "Hello");
  const { events } = project.write(id, "Hello?");
  expect(readTeamNews(envelope("events", { events }))).toMatchObject({
    changes: [{ id, rev: 2 }],
    rows: [{ id, rev: 2 }],
    isHint: false,
  });
  expect(readTeamNews(null).isHint).toBe(true);
  expect(readTeamNews(envelope("refresh", {})).isHint).toBe(true);
  expect(readTeamNews(envelope("x-of-tomorrow", {})).isHint).toBe(true);
  expect(readTeamNews(envelope("typing", { conversationId: id })).isHint).toBe(false);
  expect(readTeamNews(envelope("inbox:moved", { epoch: 2 }))).toMatchObject({
    hasMoved: true,
    isHint: false,
  });
});

test("an address names what is shown: list, search, conversation, message or settings", () => {
  const conversationId = "c0000000-0000-4000-8000-000000000001";
  const lists = [...VIEWS.map((view) => ({ view })), { labelId: 12 }];
  const agentId = "a0000000-0000-4000-8000-000000000001";
  const opened = [
    {},
    { conversationId },
    { conversationId, messageId: "7" },
    { conversationId, messageId: "note-7" },
    { conversationId, agentId },
    { conversationId, agentId, messageId: "7" },
  ];
  const searches = [{}, { query: "" }, { query: "label:VIP 50% off?/#" }];
  for (const list of lists) {
    for (const open of opened) {
      for (const search of searches) {
        const place = { ...NOWHERE, ...list, ...open, ...search };
        expect(readPlace(hrefOf(place))).toEqual(place);
      }
    }
  }
  expect(hrefOf({ conversationId, agentId })).toBe(`#/${agentId}/open/${conversationId}`);
  expect(hrefOf({ agentId })).toBe("#/open");
  for (const section of SECTIONS) {
    expect(readPlace(hrefOf({ section }))).toEqual({ ...NOWHERE, section });
  }
});

test("an address that names nothing is the open conversations", () => {
  const strange = [
    "",
    "#",
    "#/nothing",
    "#/open/not-an-id",
    "#access_token=x",
    "#/settings/nothing",
    "#/label-x",
  ];
  for (const hash of strange) expect(readPlace(hash), hash).toEqual(NOWHERE);
  expect(readPlace("#/open?q=50%")).toEqual({ ...NOWHERE, query: "50%" });
});
