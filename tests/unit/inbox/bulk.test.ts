import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import WebSocket from "ws";
import type { Desk } from "../../../inbox/core/desk.ts";
import type { Row } from "../../../inbox/core/rows.ts";
import { createTurns } from "../../../inbox/core/turns.ts";
import { OperatorPage } from "./support/operator_page.ts";
import { JONAS, MIRA } from "./support/project.ts";

const COUNT = 20;
const NAMES = Array.from({ length: COUNT }, (_, n) => `Guest ${n}`);

let page: OperatorPage;
let desk: Desk;
let ids: string[];

// The official client wants one to exist; nothing here connects with it.
beforeAll(() => void vi.stubGlobal("WebSocket", globalThis.WebSocket ?? WebSocket));
afterAll(() => void vi.unstubAllGlobals());

beforeEach(async () => {
  page = new OperatorPage();
  ids = NAMES.map((name) => page.server.begin(name, "Hello"));
  desk = await page.signIn();
  for (const view of ["open", "resolved"] as const) desk.lists.of(view);
  await page.pass(5000);
  page.server.calls = [];
});
afterEach(() => page.inbox.shutdown());

const rows = (view: "open" | "resolved" = "open") => desk.lists.of(view).state.value.rows;
const called = (name: string) => page.server.calls.filter((each) => each === name).length;
const told = () =>
  desk.bulk.reports.value.map(({ action, rows, refused }) => ({
    action,
    count: rows.length,
    refused: refused.map(({ row, problem }) => [row.customerName, problem.code, problem.message]),
  }));

test("all of them show it at once, each is asked of the server like a single one, and nothing is told", async () => {
  void desk.bulk.resolve(rows());
  expect([rows().length, rows("resolved").length]).toEqual([0, COUNT]);
  await page.pass();
  expect(rows("resolved").map(({ rev, status }) => [rev, status])).toEqual(
    NAMES.map(() => [2, "RESOLVED"]),
  );
  expect(called("inbox_status")).toBe(COUNT);
  expect(told()).toEqual([]);
});

test("refusals are told together with their reasons, and those conversations are as they were", async () => {
  const [first = "", second = ""] = ids;
  page.server.write(first, "One more thing!");
  page.server.conversations.delete(second);
  await Promise.all([desk.bulk.resolve(rows()), page.pass(1000)]);
  expect(told()).toEqual([{
    action: "resolve",
    count: COUNT,
    refused: [
      ["Guest 1", "item_not_found", "There is nothing of that name."],
      ["Guest 0", "conflict", "Guest 0 wrote in the meantime."],
    ],
  }]);
  expect(desk.actions.refusal.value).toBeNull();
  expect(rows().map(({ id }) => id)).toContain(first);
  expect(rows("resolved")).toHaveLength(COUNT - 2);
});

test("without a connection all are taken back, and told once", async () => {
  page.server.online = false;
  await Promise.all([desk.bulk.resolve(rows()), page.pass()]);
  expect([rows().length, rows("resolved").length]).toEqual([COUNT, 0]);
  expect(desk.bulk.reports.value.map(({ refused }) => refused.map(({ problem }) => problem.code))).toEqual([
    NAMES.map(() => "network"),
  ]);
  page.server.online = true;
  await Promise.all([desk.bulk.resolve(rows()), page.pass()]);
  expect(rows("resolved")).toHaveLength(COUNT);
  desk.bulk.dismiss(desk.bulk.reports.value[0] as never);
  expect(told()).toEqual([]);
});

test("a claim leaves out what is one's own and tells who holds the rest, and handing over takes it", async () => {
  const [own = "", taken = ""] = ids;
  page.publish(page.server.change(own, { assignee: { id: MIRA.id, name: "Mira Holm" } }).events);
  page.publish(page.server.change(taken, { assignee: JONAS }).events);
  await page.pass(500);
  await Promise.all([desk.bulk.claim(rows()), page.pass()]);
  expect(called("inbox_claim")).toBe(COUNT - 2);
  expect(told()).toEqual([{
    action: "claim",
    count: COUNT - 1,
    refused: [["Guest 1", "conflict", "Jonas Okafor"]],
  }]);
  await Promise.all([desk.bulk.handOver(rows(), JONAS), page.pass()]);
  expect(called("inbox_assign")).toBe(COUNT - 1);
  expect(rows().every(({ assignee }) => assignee?.id === JONAS.id)).toBe(true);
});

test("what is resolved is neither resolved nor snoozed again, and reopened with the rest", async () => {
  const all = rows();
  await Promise.all([desk.bulk.resolve(all.slice(0, 2)), page.pass()]);
  const mixed = [...rows(), ...rows("resolved")];
  await Promise.all([desk.bulk.snooze(mixed, { until: new Date("2026-12-01T09:00:00Z") }), page.pass()]);
  expect(called("inbox_status")).toBe(COUNT);
  await Promise.all([desk.bulk.reopen(mixed), page.pass()]);
  expect(rows()).toHaveLength(COUNT);
});

test("a refusal is told no more of those that something else is done to, alone or together", async () => {
  const [first = "", second = "", third = ""] = ids;
  for (const id of [first, second, third]) page.publish(page.server.change(id, { assignee: JONAS }).events);
  await page.pass(500);
  await Promise.all([desk.bulk.claim(rows()), page.pass()]);
  const names = () => told().map(({ refused }) => refused.map(([name]) => name));
  expect(names()).toEqual([["Guest 2", "Guest 1", "Guest 0"]]);
  desk.actions.resolve(second);
  expect(names()).toEqual([["Guest 2", "Guest 0"]]);
  void desk.bulk.handOver(rows().filter(({ id }) => id === first || id === third), JONAS);
  expect(names()).toEqual([["Guest 2", "Guest 0"]]);
  await Promise.all([desk.bulk.resolve(rows()), page.pass()]);
  expect(told()).toEqual([]);
});

test("a label goes to each, and those that it was refused to are told", async () => {
  const labelled: string[] = [];
  const label = (id: string) => {
    labelled.push(id);
    return Promise.resolve(
      id === ids[3]
        ? { ok: false as const, problem: { code: "invalid_request" as const, message: "No such label." } }
        : { ok: true as const, value: {} as Row },
    );
  };
  await desk.bulk.label(rows(), label);
  expect(labelled.sort()).toEqual(ids);
  expect(told()).toEqual([{
    action: "label",
    count: COUNT,
    refused: [["Guest 3", "invalid_request", "No such label."]],
  }]);
});

test("no more than a few are on their way at once, in their order, also where some fail", async () => {
  const inTurn = createTurns(3);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const outcomes = Array.from({ length: 7 }, (_, n) =>
    inTurn(() =>
      new Promise<void>((resolve, reject) => {
        begun.push(n);
        ends.push(n === 1 ? () => reject(new Error("Refused.")) : resolve);
      })
    ).catch(() => "refused"));
  await page.pass();
  expect(begun).toEqual([0, 1, 2]);
  for (const [done, underWay] of [[1, 4], [0, 5], [3, 6], [2, 7]] as const) {
    ends[done]?.();
    await page.pass();
    expect(begun).toHaveLength(underWay);
  }
  for (const end of ends) end();
  expect(await Promise.all(outcomes)).toEqual([undefined, "refused", ...Array(5).fill(undefined)]);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test("the server is asked for a few conversations at a time", async () => {
  let answer = () => {};
  page.server.answering = new Promise((resolve) => (answer = resolve));
  void desk.bulk.resolve(rows());
  await page.pass();
  expect([rows("resolved").length, called("inbox_status")]).toEqual([COUNT, 4]);
  answer();
  await page.pass();
  expect(rows("resolved").every(({ rev }) => rev === 2)).toBe(true);
});
