import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import WebSocket from "ws";
import type { Problem } from "../../../client/http/problem.ts";
import type { Desk } from "../../../inbox/core/desk.ts";
import type { Row } from "../../../inbox/core/rows.ts";
import type { Thread } from "../../../inbox/core/thread.ts";
import { earliestSnooze, momentText, snoozeChoices } from "../../../inbox/ui/snooze.tsx";
import { kitStrings } from "../../../inbox/ui/strings.ts";
import { refusalText } from "../../../inbox/ui/refused.tsx";
import { OperatorPage } from "./support/operator_page.ts";
import { JONAS, MIRA, SERVER_NOW } from "./support/project.ts";

let page: OperatorPage;
let desk: Desk;
let id: string;
let thread: Thread;

// The official client wants one to exist; nothing here connects with it.
beforeAll(() => void vi.stubGlobal("WebSocket", globalThis.WebSocket ?? WebSocket));
afterAll(() => void vi.unstubAllGlobals());

beforeEach(async () => {
  page = new OperatorPage();
  id = page.server.begin("Ada Park", "Is a north window enough?");
  desk = await page.signIn();
  for (const view of ["open", "mine", "unassigned", "resolved"] as const) desk.lists.of(view);
  thread = desk.open(id);
  await page.pass(5000);
});
afterEach(() => page.inbox.shutdown());

const row = () => thread.row.value as Row;
const idsIn = (view: "open" | "mine" | "unassigned" | "resolved") =>
  desk.lists.of(view).state.value.rows.map((row) => row.id);

test("a claim shows at once in thread and views, and stays when the server has it", async () => {
  desk.actions.claim(id);
  expect(row().assignee).toEqual({ id: MIRA.id, name: "Mira Holm" });
  expect([idsIn("mine"), idsIn("unassigned")]).toEqual([[id], []]);
  await page.pass();
  expect(row()).toMatchObject({ rev: 2, assignee: { id: MIRA.id } });
  expect(idsIn("mine")).toEqual([id]);
  expect(desk.actions.refusal.value).toBe(null);
});

test("who holds what can't be claimed is told as by the server, which is not asked", async () => {
  page.publish(page.server.change(id, { assignee: JONAS }).events);
  await page.pass();
  const asked = page.server.calls.length;
  desk.actions.tellHeld(id, "Jonas Okafor");
  const refusal = desk.actions.refusal.value;
  expect(refusal && refusalText(refusal, kitStrings)).toContain("Claimed by Jonas Okafor.");
  expect(page.server.calls).toHaveLength(asked);
  desk.actions.dismiss();
  expect(desk.actions.refusal.value).toBe(null);
});

test("who loses a race is told the holder's name, and everything is as the winner left it", async () => {
  const { events } = page.server.change(id, { assignee: JONAS });
  desk.actions.claim(id);
  expect(row().assignee?.id).toBe(MIRA.id);
  page.publish(events);
  await page.pass();
  expect(desk.actions.refusal.value).toMatchObject({
    conversationId: id,
    action: "claim",
    problem: { code: "conflict", message: "Jonas Okafor" },
  });
  expect(row().assignee).toEqual(JONAS);
  expect([idsIn("mine"), idsIn("unassigned"), idsIn("open")]).toEqual([[], [], [id]]);
});

test("a loser who has not heard of the winner asks", async () => {
  page.server.change(id, { assignee: JONAS });
  desk.actions.claim(id);
  await page.pass(1000);
  expect(row().assignee).toEqual(JONAS);
});

test.each(["resolve", "snooze"] as const)(
  "what the visitor wrote behind what was seen wins over a %s",
  async (action) => {
    const { rev } = row();
    page.server.write(id, "One more thing!");
    if (action === "resolve") desk.actions.resolve(id);
    else desk.actions.snooze(id, { until: new Date("2026-12-01T09:00:00Z") });
    expect(row().rev).toBe(rev);
    expect(idsIn("open")).toEqual([]);
    await page.pass(1000);
    expect(desk.actions.refusal.value).toMatchObject({
      action,
      problem: { code: "conflict", message: "Ada Park wrote in the meantime." },
    });
    expect(refusalText(desk.actions.refusal.value as never, kitStrings)).toBe(
      `Not ${action}d. Ada Park wrote in the meantime.`,
    );
    expect(row()).toMatchObject({ status: "OPEN", lastMessage: { text: "One more thing!" } });
    desk.actions.resolve(id);
    await page.pass();
    expect(row()).toMatchObject({ status: "RESOLVED" });
  },
);

test("without a connection an action is taken back and says so until it is tried again", async () => {
  page.server.online = false;
  desk.actions.resolve(id);
  expect([idsIn("open"), idsIn("resolved")]).toEqual([[], [id]]);
  await page.pass();
  expect([idsIn("open"), idsIn("resolved")]).toEqual([[id], []]);
  expect(desk.actions.refusal.value).toMatchObject({ action: "resolve", problem: { code: "network" } });
  page.server.online = true;
  desk.actions.resolve(id);
  expect(desk.actions.refusal.value).toBe(null);
  await page.pass();
  expect(row()).toMatchObject({ status: "RESOLVED", rev: 2 });
});

test("actions on one conversation reach the server in their order", async () => {
  page.server.calls = [];
  desk.actions.claim(id);
  desk.actions.handOver(id, JONAS);
  desk.actions.resolve(id);
  desk.actions.reopen(id);
  desk.actions.snooze(id, { until: new Date("2026-12-01T09:00:00Z") });
  expect(row()).toMatchObject({
    status: "SNOOZED",
    snoozedUntil: "2026-12-01T09:00:00.000Z",
    assignee: JONAS,
  });
  await page.pass();
  expect(page.server.calls.filter((name) => /claim|assign|status/.test(name)))
    .toEqual(["inbox_claim", "inbox_assign", "inbox_status", "inbox_status", "inbox_status"]);
  expect(row()).toMatchObject({ status: "SNOOZED", assignee: JONAS, rev: 6 });
});

test("what a colleague does is heard without a fetch", async () => {
  page.server.calls = [];
  page.publish(page.server.change(id, { assignee: JONAS }).events);
  await page.pass(500);
  expect(row().assignee).toEqual(JONAS);
  expect(page.server.calls.filter((name) => /list|thread|changes/.test(name))).toEqual([]);
});

test("snoozing offers an hour, tomorrow at nine and the next Monday at nine that is not tomorrow", () => {
  const local = (iso: string) => new Date(iso);
  expect(snoozeChoices(local("2026-11-29T23:30:00"))).toEqual([
    { name: "hour", end: { until: local("2026-11-30T00:30:00"), seconds: 3600 } },
    { name: "tomorrow", end: { until: local("2026-11-30T09:00:00") } },
    { name: "week", end: { until: local("2026-12-07T09:00:00") } },
  ]);
  expect(snoozeChoices(local("2026-11-30T08:00:00"))[2]?.end.until).toEqual(local("2026-12-07T09:00:00"));
});

test("how long a snooze lasts is reckoned by the server's clock, whatever this computer's shows", async () => {
  desk.actions.snooze(id, { until: new Date("2020-01-01T01:00:00Z"), seconds: 3600 });
  expect(row()).toMatchObject({ status: "SNOOZED", snoozedUntil: "2020-01-01T01:00:00.000Z" });
  await page.pass();
  expect(row().snoozedUntil).toBe(new Date(SERVER_NOW + 3_600_000).toISOString());
});

test("a snooze that ended is told to be seen by who holds the conversation or by anybody if nobody does, once they open it", async () => {
  const told = () => page.server.seen.length;
  const change = async (change: Partial<Row>) => {
    page.publish(page.server.change(id, change).events);
    await page.pass(500);
  };
  desk.close();
  await change({ snoozeEnded: true, assignee: JONAS });
  desk.open(id);
  await page.pass();
  desk.close();
  expect(told()).toBe(0);
  await change({ assignee: null });
  expect(told()).toBe(0);
  desk.open(id);
  await page.pass();
  expect(told()).toBe(1);
  // It ends while the conversation is open, and somebody comes back to the page.
  await change({ snoozeEnded: false });
  await change({ snoozeEnded: true });
  expect(told()).toBe(1);
  desk.used();
  desk.used();
  await page.pass();
  expect(told()).toBe(2);
});

test("a time to come is told with its day, unless that is today", () => {
  const now = new Date(2026, 10, 29, 12);
  expect(momentText(new Date(2026, 10, 29, 13), now, "en-US")).toMatch(/^1:00.PM$/);
  expect(momentText(new Date(2026, 10, 30, 9), now, "en-US")).toMatch(/^Mon, Nov 30, 9:00.AM$/);
  expect(momentText(new Date(2027, 0, 4, 9), now, "en-US")).toMatch(/^Mon, Jan 4, 2027, 9:00.AM$/);
  expect(momentText(new Date(2026, 10, 30, 9), now, "de_DE.UTF-8")).toBe("Mo., 30. Nov., 9:00");
});

test("the earliest time that can be chosen is the next minute", () => {
  expect(earliestSnooze(new Date(2026, 2, 1, 9, 0, 0))).toBe("2026-03-01T09:01");
  expect(earliestSnooze(new Date(2026, 2, 1, 23, 59, 59))).toBe("2026-03-02T00:00");
});

test("a time that was refused is told with the times that are not", () => {
  const because = (code: Problem["code"]) =>
    refusalText({ conversationId: id, action: "snooze", problem: { code, message: "" } }, kitStrings);
  expect(because("invalid_request"))
    .toBe("Not snoozed. Choose a time to come, at most five years ahead.");
  expect(because("network")).toBe(`Not snoozed. ${kitStrings.problems.network}`);
});
