import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import WebSocket from "ws";
import type { Desk } from "../../../inbox/core/desk.ts";
import { OperatorPage } from "./support/operator_page.ts";
import { JONAS, MIRA } from "./support/project.ts";

const COUNT = 12;
const TOMORROW = { until: new Date("2026-12-01T09:00:00Z") };
const ME = { id: MIRA.id, name: "Mira Holm" };

let page: OperatorPage;
let desk: Desk;
let ids: string[];

// The official client wants one to exist; nothing here connects with it.
beforeAll(() => void vi.stubGlobal("WebSocket", globalThis.WebSocket ?? WebSocket));
afterAll(() => void vi.unstubAllGlobals());

beforeEach(async () => {
  page = new OperatorPage();
  ids = Array.from({ length: COUNT }, (_, n) => page.server.begin(`Guest ${n}`, "Hello"));
  desk = await page.signIn();
  desk.lists.of("open");
  await page.pass(5000);
});
afterEach(() => page.inbox.shutdown());

const rows = () => desk.lists.of("open").state.value.rows;
const stored = (id: string) => page.server.conversations.get(id)?.row;
const statuses = () => ids.map((id) => stored(id)?.status);
const told = () =>
  desk.bulk.reports.value.map(({ action, rows, refused }) => ({
    action,
    count: rows.length,
    refused: refused.map(({ row, problem }) => [row.customerName, problem.code, problem.message]),
  }));
/** Somebody else changes a conversation, and the page hears of it. */
async function changed(id: string, change: Parameters<typeof page.server.change>[1]) {
  page.publish(page.server.change(id, change).events);
  await page.pass(500);
}

test("all that were resolved at once are open again, at once on the page and then on the server", async () => {
  await Promise.all([desk.bulk.resolve(rows()), page.pass()]);
  expect(desk.undo.done.value).toEqual({ action: "resolve", count: COUNT });
  expect(rows()).toEqual([]);
  const undoing = desk.undo.undo();
  expect([rows().length, desk.undo.done.value]).toEqual([COUNT, null]);
  await Promise.all([undoing, page.pass()]);
  expect(statuses()).toEqual(ids.map(() => "OPEN"));
  expect(told()).toEqual([]);
});

test("what is still on its way is taken back as well, each once it is done", async () => {
  let answer = () => {};
  page.server.answering = new Promise((resolve) => (answer = resolve));
  void desk.bulk.resolve(rows());
  await page.pass();
  const undoing = desk.undo.undo();
  expect(rows()).toHaveLength(COUNT);
  // Another action comes before their answers.
  desk.actions.claim(ids[0] ?? "");
  answer();
  await Promise.all([undoing, page.pass()]);
  expect(statuses()).toEqual(ids.map(() => "OPEN"));
  expect(desk.undo.done.value).toEqual({ action: "claim", count: 1 });
  expect(told()).toEqual([]);
});

test("each becomes what it was: resolved, or snoozed until its own time", async () => {
  const [first = "", second = "", third = ""] = ids;
  const until = "2026-12-24T09:00:00.000Z";
  await changed(first, { status: "SNOOZED", snoozedUntil: until });
  await changed(second, { status: "RESOLVED" });
  desk.lists.of("snoozed");
  desk.lists.of("resolved");
  await page.pass(1000);
  const both = [first, second].map((id) => desk.lists.find(id)).filter((row) => row !== undefined);
  await Promise.all([desk.bulk.reopen(both), page.pass()]);
  expect([stored(first)?.status, stored(second)?.status]).toEqual(["OPEN", "OPEN"]);
  await Promise.all([desk.undo.undo(), page.pass()]);
  expect(stored(first)).toMatchObject({ status: "SNOOZED", snoozedUntil: until });
  expect(stored(second)).toMatchObject({ status: "RESOLVED", snoozedUntil: null });
  await Promise.all([desk.bulk.snooze(rows().filter(({ id }) => id === third), TOMORROW), page.pass()]);
  await Promise.all([desk.undo.undo(), page.pass()]);
  expect(stored(third)).toMatchObject({ status: "OPEN", snoozedUntil: null });
});

test("each is held by whoever held it, after a claim, a release and a handover", async () => {
  const [free = "", own = "", taken = ""] = ids;
  await changed(own, { assignee: ME });
  await changed(taken, { assignee: JONAS });
  const holders = () => [free, own, taken].map((id) => stored(id)?.assignee?.id ?? null);
  const former = [null, MIRA.id, JONAS.id];
  const undone = async (act: () => unknown, between: (string | null)[]) => {
    act();
    await page.pass();
    expect(holders()).toEqual(between);
    await Promise.all([desk.undo.undo(), page.pass()]);
    expect(holders()).toEqual(former);
  };
  await undone(() => desk.actions.claim(free), [MIRA.id, MIRA.id, JONAS.id]);
  await undone(() => desk.actions.release(own), [null, null, JONAS.id]);
  const three = rows().filter(({ id }) => [free, own, taken].includes(id));
  await undone(() => desk.bulk.handOver(three, ME), [MIRA.id, MIRA.id, MIRA.id]);
  expect(told()).toEqual([]);
});

test("what a colleague has changed since stays as it is, and that is told with the rest", async () => {
  const [first = "", second = ""] = ids;
  await Promise.all([desk.bulk.resolve(rows()), page.pass()]);
  await changed(first, { assignee: JONAS });
  page.server.calls = [];
  await Promise.all([desk.undo.undo(), page.pass()]);
  expect(stored(first)).toMatchObject({ status: "RESOLVED", assignee: JONAS });
  expect(stored(second)?.status).toBe("OPEN");
  expect(page.server.calls.filter((name) => name === "inbox_status")).toHaveLength(COUNT - 1);
  expect(told()).toEqual([{ action: "undo", count: COUNT, refused: [["Guest 0", "conflict", ""]] }]);
});

test("what a fetch tells of a colleague counts as what a broadcast does", async () => {
  const [first = ""] = ids;
  await Promise.all([desk.bulk.claim(rows()), page.pass()]);
  page.server.change(first, { assignee: JONAS });
  desk.lists.refetch();
  await page.pass(1000);
  await Promise.all([desk.undo.undo(), page.pass()]);
  expect(stored(first)?.assignee).toEqual(JONAS);
  expect(told()).toEqual([{ action: "undo", count: COUNT, refused: [["Guest 0", "conflict", ""]] }]);
});

test("what the visitor wrote behind a reopening keeps it open, also if the page has heard of it", async () => {
  const [first = ""] = ids;
  await Promise.all([desk.bulk.resolve(rows().filter(({ id }) => id === first)), page.pass()]);
  desk.open(first);
  await page.pass(1000);
  desk.actions.reopen(first);
  await page.pass();
  page.publish(page.server.write(first, "Thank you!").events);
  await page.pass(500);
  await Promise.all([desk.undo.undo(), page.pass(1000)]);
  expect(stored(first)?.status).toBe("OPEN");
  expect(desk.actions.refusal.value).toEqual({
    conversationId: first,
    action: "undo",
    problem: { code: "conflict", message: "Guest 0 wrote in the meantime." },
  });
  expect(told()).toEqual([]);
});

test("a refusal about one that no list shows is told like one about several", async () => {
  const [first = ""] = ids;
  desk.actions.resolve(first);
  await page.pass();
  await changed(first, { assignee: JONAS });
  await Promise.all([desk.undo.undo(), page.pass()]);
  expect(desk.actions.refusal.value).toBeNull();
  expect(told()).toEqual([{ action: "undo", count: 1, refused: [["Guest 0", "conflict", ""]] }]);
});

test("only what was not refused counts, and is taken back", async () => {
  const [first = "", second = ""] = ids;
  page.server.write(first, "One more thing!");
  await Promise.all([desk.bulk.resolve(rows()), page.pass(1000)]);
  expect(desk.undo.done.value).toEqual({ action: "resolve", count: COUNT - 1 });
  page.server.calls = [];
  await Promise.all([desk.undo.undo(), page.pass()]);
  expect(page.server.calls.filter((name) => name === "inbox_status")).toHaveLength(COUNT - 1);
  expect([stored(first)?.status, stored(second)?.status]).toEqual(["OPEN", "OPEN"]);
  expect(told().map(({ action }) => action)).toEqual(["resolve"]);
  page.server.online = false;
  desk.actions.resolve(second);
  await page.pass();
  expect(desk.undo.done.value).toBeNull();
});

test("without a connection all stay as the action has left them, and are told", async () => {
  await Promise.all([desk.bulk.resolve(rows()), page.pass()]);
  page.server.online = false;
  await Promise.all([desk.undo.undo(), page.pass()]);
  expect(rows()).toEqual([]);
  expect(told().map(({ action, refused }) => [action, refused.length])).toEqual([["undo", COUNT]]);
});

test("it can be taken back for ten seconds, longer while somebody is at it or nobody looks at the page", async () => {
  const offered = () => desk.undo.done.value !== null;
  desk.actions.resolve(ids[0] ?? "");
  await page.pass(9000);
  expect(offered()).toBe(true);
  desk.undo.hold(true);
  await page.pass(60_000);
  expect(offered()).toBe(true);
  desk.undo.hold(false);
  page.page.page.visible = false;
  await page.pass(60_000);
  page.page.page.visible = true;
  expect(offered()).toBe(true);
  await page.pass(10_000);
  expect(offered()).toBe(false);
  await desk.undo.undo();
  expect(stored(ids[0] ?? "")?.status).toBe("RESOLVED");
});

test("the next action is what can be taken back, and the one before no more", async () => {
  const [first = "", second = ""] = ids;
  desk.actions.resolve(first);
  desk.actions.claim(second);
  await page.pass();
  await Promise.all([desk.undo.undo(), page.pass()]);
  expect([stored(first)?.status, stored(second)?.assignee]).toEqual(["RESOLVED", null]);
});
