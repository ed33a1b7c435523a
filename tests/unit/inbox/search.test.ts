import { expect, test } from "vitest";
import type { Result } from "../../../client/http/problem.ts";
import type { Found, FoundMessage } from "../../../inbox/core/records.ts";
import type { ListKey, Row } from "../../../inbox/core/rows.ts";
import {
  isEmpty,
  operatorsOf,
  readQuery,
  search,
  type Searcher,
  unknownOperatorsOf,
} from "../../../inbox/core/search.ts";
import { FakeProject } from "./support/project.ts";

const ME = "10000000-0000-4000-8000-000000000001";
const LABELS = [{ id: 1, name: "VIP", color: "#000000" }, { id: 2, name: "Shipping late", color: "#000000" }];

function row(id: string, changes: Partial<Row> = {}): Row {
  const project = new FakeProject();
  const stored = project.conversations.get(project.begin("Ada Park", "Hello"))?.row;
  return { ...stored as Row, id, lastMessageAt: `2026-01-01T00:00:0${id}Z`, ...changes };
}

const said = (conversationId: string, id: string, role: string, name?: string): FoundMessage => ({
  conversationId,
  message: { id, text: "fern", role, createdAt: `2026-01-01T00:00:${id}Z`, meta: { author: { name } } },
});

function records(found: Partial<Found>, lists: Row[] = []) {
  const asked: (string | ListKey)[] = [];
  const searcher: Searcher = {
    labels: LABELS,
    userId: ME,
    records: {
      search(text) {
        asked.push(text);
        return Promise.resolve<Result<Found>>({
          ok: true,
          value: { messages: [], notes: [], rows: [], ...found },
        });
      },
      list(key) {
        asked.push(key);
        return Promise.resolve<Result<Row[]>>({ ok: true, value: lists });
      },
    },
  };
  return { asked, searcher };
}

async function hits(input: string, searcher: Searcher): Promise<string[]> {
  const result = await search(readQuery(input), searcher);
  if (!result.ok) throw new Error(result.problem.message);
  return result.value.map(({ row, entry }) => entry ? `${row.id}/${entry.id}` : row.id);
}

test("a query is words and operators, wherever they stand, with quotes around several words", () => {
  expect(readQuery('broken from:"Ada P" is:OPEN pot  label:vip is:unread')).toEqual({
    text: "broken pot",
    from: ["ada p"],
    views: ["open"],
    unread: true,
    labels: ["vip"],
  });
  expect(readQuery("is:waiting is:needs-human").views).toEqual(["waiting", "needs_human"]);
  expect(readQuery("is:it").text).toBe("is:it");
  expect(readQuery("http://from.example label").text).toBe("http://from.example label");
});

test("an operator that is half written asks for nothing", () => {
  for (const half of ["", "  ", "from:", "is:", "is:op", "label:", 'from:""']) {
    expect(isEmpty(readQuery(half)), half).toBe(true);
  }
});

test("messages and people are found, each message by itself, the newest first", async () => {
  const { asked, searcher } = records({
    messages: [said("1", "11", "USER"), said("1", "13", "USER")],
    rows: [row("1"), row("2", { lastMessageAt: "2026-01-01T00:00:12Z" })],
  });
  expect(await hits("fern", searcher)).toEqual(["1/13", "2", "1/11"]);
  expect(asked).toEqual(["fern"]);
});

test("from: is who wrote the message, a visitor by name or address and a colleague by name", async () => {
  const { asked, searcher } = records({
    messages: [said("1", "11", "USER"), said("1", "12", "AGENT", "Mira Holm"), said("2", "13", "USER")],
    rows: [row("1"), row("2", { customerName: null, customerEmail: "cy@example.com" })],
  });
  expect(await hits("fern from:ada", searcher)).toEqual(["1/11"]);
  expect(await hits("fern from:mira", searcher)).toEqual(["1/12"]);
  expect(await hits("from:cy@", searcher)).toEqual(["2/13"]);
  expect(asked).toEqual(["fern", "fern", "cy@"]);
});

test("notes are found beside messages, by what is said in them and by who wrote them", async () => {
  const { searcher } = records({
    messages: [said("1", "11", "USER")],
    notes: [{
      conversationId: "2",
      note: { id: "4", text: "fern", createdAt: "2026-01-01T00:00:12Z", author: { name: "Mira Holm" } },
    }],
    rows: [row("1"), row("2")],
  });
  expect(await hits("fern", searcher)).toEqual(["2/note-4", "1/11"]);
  expect(await hits("fern from:mira", searcher)).toEqual(["2/note-4"]);
  expect(await hits("fern from:ada", searcher)).toEqual(["1/11"]);
});

test("the operators of a query are told apart from its words", () => {
  expect(operatorsOf('broken from:"Ada P" is:open pot')).toEqual(['from:"Ada P"', "is:open"]);
  expect(operatorsOf("broken pot")).toEqual([]);
});

test("what looks like an operator and is none is told apart, and addresses and times are not taken for one", () => {
  expect(unknownOperatorsOf("is:opne parcel status:open")).toEqual(["is:opne", "status:"]);
  expect(unknownOperatorsOf('parcel is:op is:"no such" IS:opne')).toEqual([
    "is:op",
    'is:"no such"',
    "IS:opne",
  ]);
  expect(unknownOperatorsOf("состояние:открыт")).toEqual(["состояние:"]);
  for (
    const known of [
      "is:WAITING from:ada label:vip is:unread is:",
      "see https://shop.example at 10:30",
      "note: it broke",
    ]
  ) {
    expect(unknownOperatorsOf(known), known).toEqual([]);
  }
});

test("names are compared as words are: without case, accents and width", async () => {
  const { searcher } = records({
    messages: [said("1", "11", "USER"), said("2", "12", "AGENT", "ΓΙΏΡΓΟΣ")],
    rows: [row("1", { customerName: "Zoë ÅNGSTRÖM" }), row("2")],
  });
  expect(await hits("fern from:zoe from:ångstr", searcher)).toEqual(["1/11"]);
  expect(await hits("fern from:γιωργος", searcher)).toEqual(["2/12"]);
});

test("is: and label: alone take the rows of a list, and narrow what words find", async () => {
  const vip = row("1", { labels: [1], unread: 2 });
  const late = row("2", { labels: [1, 2], status: "RESOLVED" });
  const { asked, searcher } = records({ rows: [vip, late] }, [vip]);
  expect(await hits("label:vip", searcher)).toEqual(["1"]);
  expect(await hits("is:unread", searcher)).toEqual(["1"]);
  expect(await hits("is:mine", searcher)).toEqual([]);
  expect(asked).toEqual([
    { view: "open", labelId: 1 },
    { view: "open", labelId: null },
    { view: "mine", labelId: null },
  ]);
  expect(await hits("ada is:resolved", searcher)).toEqual(["2"]);
  expect(await hits('ada label:"shipping l"', searcher)).toEqual(["2"]);
  expect(await hits("ada label:unknown", searcher)).toEqual([]);
});

test("no more rows are shown than a page bears", async () => {
  const messages = Array.from({ length: 100 }, (_, index) => said("1", String(index + 10), "USER"));
  const { searcher } = records({ messages, rows: [row("1")] });
  expect((await hits("fern", searcher)).length).toBe(80);
});
