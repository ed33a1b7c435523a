import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type OperatorPage, startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";

const COUNT = 24;

let inbox: TestInbox;
/** Of Guest 1 to Guest 24, of whom the last is on top of the list. */
let ids: string[];
beforeAll(async () => {
  inbox = await startInbox();
});
beforeEach(async () => {
  const { sql, agent } = inbox.stack;
  await sql`delete from heddle.conversations where agent_id = ${agent.id}`;
  ids = [];
  for (let n = 1; n <= COUNT; n++) {
    ids.push(await inbox.visitorWrites(`guest ${n}`, null, "Hello", `Guest ${n}`));
  }
});
afterAll(() => inbox?.stop());

const WIDE = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true };

async function begin(options = WIDE): Promise<OperatorPage> {
  const visit = await inbox.visit(options);
  await visit.signIn(inbox.operators[0] ?? { email: "", password: "" });
  await row(visit.page, COUNT).waitFor();
  await expect.poll(inbox.listening).toBe(1);
  return visit;
}

const idOf = (n: number) => ids[n - 1] ?? "";
const row = (page: Page, n: number) => page.getByRole("link", { name: `Guest ${n} ` });
const check = (page: Page, n: number) =>
  page.getByRole("checkbox", { name: `Select Guest ${n}`, exact: true });
const bar = (page: Page) => page.getByRole("group", { name: "Selection" });
const action = (page: Page, name: string) => bar(page).getByRole("button", { name });
const report = (page: Page) => page.locator(".bulk-report");
/** Waits until so many are selected, and says so. */
const selected = (page: Page, count: number) =>
  page.getByRole("status").getByText(`${count} selected`, { exact: true }).waitFor({ state: "attached" });

/** Numbers of the guests whose rows are selected, of those that are in the document. */
const checked = (page: Page) =>
  page.locator(".row-check:checked").evaluateAll((checks) =>
    checks.map((each) => Number(each.ariaLabel?.replace("Select Guest ", ""))).sort((a, b) => a - b)
  );

/** How many of the conversations are in a state, by SQL. */
async function statuses(): Promise<Record<string, number>> {
  const { sql, agent } = inbox.stack;
  const rows = await sql`
    select status::text, count(*)::integer from heddle.conversations where agent_id = ${agent.id} group by status`;
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

/** The next calls about that conversation find that a colleague has erased it. */
async function eraseBefore(page: Page, call: string, id: string): Promise<void> {
  await page.route(`**/rpc/${call}`, async (route) => {
    if (route.request().postDataJSON().p_conversation_id === id) {
      await inbox.stack.sql`delete from heddle.conversations where id = ${id}`;
    }
    await route.continue();
  });
}

test("keys select five of many and resolve them; the one that a colleague erased is named with the reason", async () => {
  const { page } = await begin();
  await row(page, COUNT).focus();
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await selected(page, 1);
  for (let step = 0; step < 5; step++) await page.keyboard.press("Shift+J");
  await selected(page, 6);
  await page.keyboard.press("Shift+ArrowUp");
  await selected(page, 5);
  expect(await checked(page)).toEqual([19, 20, 21, 22, 23]);
  await action(page, "Resolve").waitFor();
  expect(await violationsOn(page, "bulk_selected")).toEqual([]);
  await eraseBefore(page, "inbox_status", idOf(21));
  await page.keyboard.press("e");
  await bar(page).waitFor({ state: "hidden" });
  await report(page).getByText("1 of 5 could not be resolved:").waitFor();
  await report(page).getByText("Guest 21: This is not here any more.").waitFor();
  expect(await report(page).getByRole("button", { name: "Select them" }).count()).toBe(0);
  expect(await statuses()).toEqual({ open: COUNT - 5, resolved: 4 });
  expect(await violationsOn(page, "bulk_refused")).toEqual([]);
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  await expect.poll(focused).toContain("Guest 18");
  await report(page).getByRole("button", { name: "Dismiss" }).click();
  await report(page).waitFor({ state: "hidden" });
});

test("pointer and modifiers select rows in their places, and a plain click opens one", async () => {
  const { page } = await begin();
  const top = async (n: number) => (await row(page, n).boundingBox())?.y;
  const before = await top(20);
  await row(page, 22).click({ modifiers: ["ControlOrMeta"] });
  await selected(page, 1);
  await action(page, "Resolve").waitFor();
  expect(await top(20)).toBe(before);
  await row(page, 18).click({ modifiers: ["Shift"] });
  await selected(page, 5);
  await row(page, 20).click({ modifiers: ["ControlOrMeta"] });
  await row(page, 16).hover();
  await check(page, 16).click();
  await selected(page, 5);
  expect(await checked(page)).toEqual([16, 18, 19, 21, 22]);
  expect(page.context().pages()).toHaveLength(1);
  expect(await page.evaluate(() => getSelection()?.isCollapsed)).toBe(true);

  await row(page, 19).click();
  await page.getByRole("heading", { name: "Guest 19", level: 1 }).waitFor();
  await selected(page, 5);
  // Keys act on what is selected, not on what is open.
  await page.keyboard.press("e");
  await bar(page).waitFor({ state: "hidden" });
  await expect.poll(statuses).toEqual({ open: COUNT - 5, resolved: 5 });

  await row(page, 14).hover();
  await check(page, 14).click();
  await page.keyboard.press("Escape");
  await bar(page).waitFor({ state: "hidden" });
  expect(await checked(page)).toEqual([]);
});

test("the key that begins with none takes nothing back of what is selected, and arrows with Shift mark text elsewhere", async () => {
  const { page } = await begin();
  await page.keyboard.press("x");
  await bar(page).getByText("Select conversations").waitFor();
  for (const n of [22, 20]) await row(page, n).click({ modifiers: ["ControlOrMeta"] });
  await selected(page, 2);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press("x");
  await page.keyboard.press("Shift+ArrowDown");
  expect(await checked(page)).toEqual([20, 22]);
  await page.keyboard.press("Control+a");
  await selected(page, COUNT);
});

test("a selected row that moves stays selected, and one that a colleague resolves is selected no more", async () => {
  const { page } = await begin();
  await row(page, 18).click({ modifiers: ["ControlOrMeta"] });
  await row(page, 20).click({ modifiers: ["ControlOrMeta"] });
  await selected(page, 2);
  await page.mouse.move(900, 5);
  await inbox.visitorWrites("guest 18", idOf(18), "Once more");
  await row(page, 18).getByText("Once more").waitFor();
  await expect.poll(() => page.locator(".rows li[aria-posinset='1']").textContent()).toContain("Guest 18");
  expect(await checked(page)).toEqual([18, 20]);
  await inbox.stack.sql`update heddle.conversations set status = 'resolved' where id = ${idOf(20)}`;
  await selected(page, 1);
  expect(await checked(page)).toEqual([18]);
  await inbox.stack.sql`update heddle.conversations set status = 'open' where id = ${idOf(20)}`;
  await row(page, 20).waitFor();
  expect(await checked(page)).toEqual([18]);
});

test("all that is loaded is claimed but for a colleague's, which can be selected again and handed over", async () => {
  const { sql, agent } = inbox.stack;
  const holders = async () =>
    (await sql`
      select coalesce(member.name, '') as name, count(*)::integer from heddle.conversations conversation
      left join heddle.members member on member.user_id = assignee_id and member.org_id =
        (select org_id from heddle.agents where id = ${agent.id})
      where agent_id = ${agent.id} group by 1 order by 1`).map(({ name, count }) => [name, count]);
  await sql`update heddle.conversations set assignee_id = (select user_id from heddle.members where name like 'Jonas%')
    where id = ${idOf(3)}`;
  const { page } = await begin();
  await row(page, 20).focus();
  await page.keyboard.press("Control+a");
  await selected(page, COUNT);
  await page.keyboard.press("c");
  await report(page).getByText(`1 of ${COUNT} could not be claimed:`).waitFor();
  await report(page).getByText("Guest 3: Held by Jonas Okafor").waitFor();
  await expect.poll(holders).toEqual([["Jonas Okafor", 1], ["Mira Holm", COUNT - 1]]);
  // What has been claimed is selected no more: the next action is for the one that is left.
  await selected(page, 1);
  expect(await bar(page).getByText("1").isVisible()).toBe(true);
  await action(page, "Hand over").click();
  const members = page.getByRole("dialog", { name: "Hand over" });
  await members.getByRole("button", { name: "Take over" }).click();
  await expect.poll(holders).toEqual([["Mira Holm", COUNT]]);
  await report(page).waitFor({ state: "hidden" });
});

test("labels, snoozing and the commands act on what is selected", async () => {
  const { sql, agent } = inbox.stack;
  await sql`insert into heddle.labels (agent_id, name, color) values (${agent.id}, 'VIP', '#b3261e')`;
  const labelled = async () =>
    (await sql`select count(*)::integer as count from heddle.conversation_labels
      where conversation_id in ${sql(ids)}`)[0]?.count;
  const { page } = await begin();
  await row(page, 20).focus();
  await page.keyboard.press("x");
  await page.keyboard.press("Shift+J");
  await page.keyboard.press("Shift+J");
  await selected(page, 3);
  await action(page, "Hand over").click();
  const pictures = page.getByRole("dialog", { name: "Hand over" }).locator(".with-presence");
  expect(await pictures.evaluateAll((all) => all.map((each) => getComputedStyle(each).opacity))).toEqual([
    "1",
  ]);
  expect(await violationsOn(page, "bulk_hand_over")).toEqual([]);
  await page.keyboard.press("Escape");
  await pictures.waitFor({ state: "detached" });
  await page.keyboard.press("l");
  const labels = page.getByRole("dialog", { name: "Label" });
  await labels.getByRole("button", { name: "Add label VIP" }).waitFor();
  expect(await violationsOn(page, "bulk_labels")).toEqual([]);
  await page.keyboard.press("Enter");
  await row(page, 18).getByText("Labels: VIP").waitFor({ state: "attached" });
  await expect.poll(labelled).toBe(3);
  await page.keyboard.press("l");
  await labels.getByRole("button", { name: "Remove label VIP" }).click();
  await expect.poll(labelled).toBe(0);

  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "What do you want to do?" }).fill("hand jonas");
  await page.getByRole("option", { name: /Hand over to Jonas Okafor Selection/ }).waitFor();
  await page.keyboard.press("Enter");
  await row(page, 19).getByText("Held by Jonas Okafor").waitFor();
  await selected(page, 3);
  await page.keyboard.press("s");
  await page.getByRole("dialog", { name: "Snooze" }).waitFor();
  expect(await violationsOn(page, "bulk_snooze")).toEqual([]);
  await page.keyboard.press("Enter");
  await expect.poll(statuses).toEqual({ open: COUNT - 3, snoozed: 3 });
  await sql`delete from heddle.labels where agent_id = ${agent.id}`;
});

test("where there are no labels Escape closes what says so and leads to the settings, and nothing else", async () => {
  const { page } = await begin();
  await row(page, 20).focus();
  await page.keyboard.press("x");
  await selected(page, 1);
  await page.keyboard.press("l");
  const labels = page.getByRole("dialog", { name: "Label" });
  await labels.getByText("There are no labels yet.").waitFor();
  expect(await violationsOn(page, "bulk_no_labels")).toEqual([]);
  await page.keyboard.press("Escape");
  await labels.waitFor({ state: "hidden" });
  expect(await checked(page)).toEqual([20]);
  await page.keyboard.press("l");
  await labels.getByRole("link", { name: "Make labels in settings" }).click();
  await page.getByRole("heading", { name: "Labels" }).waitFor();
});

test("a box selects all that is loaded, says of how many, and takes that back", async () => {
  const { sql } = inbox.stack;
  await sql`insert into heddle.conversations (agent_id, visitor_id, active_at)
    select agent_id, visitor_id, now() - interval '1 day' from heddle.conversations, generate_series(1, 63)
    where id = ${idOf(1)}`;
  const { page } = await begin();
  const all = bar(page).getByRole("checkbox", { name: "Select all that are loaded" });
  await row(page, 20).hover();
  await check(page, 20).click();
  await selected(page, 1);
  await all.click();
  await bar(page).getByText(/^of 87$/).waitFor();
  expect(await all.isChecked()).toBe(true);
  expect(await violationsOn(page, "bulk_all")).toEqual([]);
  await all.click();
  await bar(page).waitFor({ state: "hidden" });
});

test("without a network all come back and are told once, and can be tried again", async () => {
  const { page } = await begin();
  for (const n of [20, 19, 18]) await row(page, n).click({ modifiers: ["ControlOrMeta"] });
  await action(page, "Resolve").waitFor();
  await page.context().setOffline(true);
  await page.keyboard.press("e");
  await report(page).getByText("3 of 3 could not be resolved:").waitFor();
  await report(page).getByText("Guest 20, Guest 19, Guest 18: No connection.").waitFor();
  await row(page, 19).waitFor();
  await page.context().setOffline(false);
  await report(page).getByRole("button", { name: "Select them" }).click();
  await selected(page, 3);
  await page.keyboard.press("e");
  await expect.poll(statuses).toEqual({ open: COUNT - 3, resolved: 3 });
});

test("on a phone a tap selects once that was asked for or a row was pressed for long, and everything stays within the screen", async () => {
  const { page } = await begin(PHONE);
  await page.getByRole("button", { name: "Select", exact: true }).tap();
  await bar(page).getByText("Select conversations").waitFor();
  for (const n of [24, 22, 21]) await row(page, n).tap();
  await selected(page, 3);
  await page.getByRole("heading", { level: 1, name: "Guest 21" }).waitFor({ state: "detached" });
  expect(await violationsOn(page, "bulk_phone")).toEqual([]);
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 760 });
    const ends = await bar(page).locator("button").evaluateAll((buttons) =>
      buttons.map((button) => button.getBoundingClientRect().right)
    );
    expect(ends).toHaveLength(6);
    expect(Math.max(...ends), `at ${width}`).toBeLessThanOrEqual(width);
  }
  await action(page, "Snooze").tap();
  expect(await violationsOn(page, "bulk_phone_snooze")).toEqual([]);
  await page.getByRole("button", { name: /^1 hour/ }).tap();
  await expect.poll(statuses).toEqual({ open: COUNT - 3, snoozed: 3 });
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain("Guest 23");
  // As a browser tells of a long press; none comes of a synthesized touch in this one.
  const isShown = await row(page, 19).evaluate((link) =>
    link.dispatchEvent(
      new PointerEvent("contextmenu", { pointerType: "touch", bubbles: true, cancelable: true }),
    )
  );
  expect(isShown).toBe(false);
  await selected(page, 1);
  await action(page, "End selection").tap();
  await row(page, 19).tap();
  await page.getByRole("heading", { level: 1, name: "Guest 19" }).waitFor();
});

test("beside the details of a narrow window the bar keeps all of its actions", async () => {
  const { page } = await begin({ viewport: { width: 1100, height: 800 } });
  await row(page, 20).click();
  await page.getByRole("textbox", { name: "Reply" }).waitFor();
  if (await page.getByRole("complementary", { name: "Details" }).count() === 0) {
    await page.getByRole("button", { name: "Details" }).click();
  }
  await row(page, 18).click({ modifiers: ["Shift"] });
  await selected(page, 3);
  await action(page, "Label").waitFor();
  const [list, ...buttons] = await page.locator(".list, .selection-bar button").evaluateAll((all) =>
    all.map((each) => each.getBoundingClientRect().right)
  );
  expect(buttons).toHaveLength(6);
  expect(Math.max(...buttons)).toBeLessThanOrEqual(list ?? 0);
  expect(await violationsOn(page, "bulk_narrow")).toEqual([]);
});

/** The line that says what was done last, and its button. */
const undoLine = (page: Page) =>
  page.locator(".undo").filter({ has: page.getByRole("button", { name: "Undo" }) });

test("all that were resolved by one key are open and waiting again by another, and the line goes", async () => {
  const { sql, agent } = inbox.stack;
  const before = async () =>
    await sql`select id, status, waiting_since, assignee_id, needs_human from heddle.conversations
      where agent_id = ${agent.id} order by id`;
  await sql`update heddle.conversations set needs_human = true where id = ${idOf(7)}`;
  await sql`update heddle.conversations set assignee_id = (select user_id from heddle.members where name like 'Jonas%')
    where id = ${idOf(3)}`;
  const was = await before();
  const { page } = await begin();
  await row(page, 20).focus();
  await page.keyboard.press("Control+a");
  await selected(page, COUNT);
  const place = await row(page, 20).boundingBox();
  await page.keyboard.press("e");
  await page.getByRole("status").getByText(`${COUNT} resolved`).waitFor();
  await page.getByText("All answered. Nothing is open.").waitFor();
  await expect.poll(statuses).toEqual({ resolved: COUNT });
  expect(await violationsOn(page, "bulk_undo")).toEqual([]);
  await page.keyboard.press("z");
  await row(page, 20).waitFor();
  await undoLine(page).waitFor({ state: "hidden" });
  await page.getByRole("status").getByText("Undone").waitFor({ state: "attached" });
  await expect.poll(statuses).toEqual({ open: COUNT });
  expect(await before()).toEqual(was);
  expect(await row(page, 20).boundingBox()).toEqual(place);
});

test("a single action is taken back by the line's button, by Ctrl and Z outside of fields, and by its command", async () => {
  const { page } = await begin();
  const place = await row(page, 20).boundingBox();
  await row(page, 22).focus();
  await page.keyboard.press("e");
  await page.getByRole("status").getByText("1 resolved").waitFor();
  await row(page, 22).waitFor({ state: "detached" });
  await undoLine(page).getByRole("button", { name: "Undo" }).click();
  await row(page, 22).waitFor();
  await expect.poll(statuses).toEqual({ open: COUNT });
  expect(await row(page, 20).boundingBox()).toEqual(place);

  await row(page, 18).click();
  await page.getByRole("group", { name: "Actions" }).getByRole("button", { name: "Claim" }).click();
  await page.getByRole("status").getByText("1 claimed").waitFor();
  await page.getByRole("textbox", { name: "Reply" }).fill("Dear");
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Escape");
  expect(await undoLine(page).isVisible()).toBe(true);
  await page.keyboard.press("Control+z");
  await page.getByRole("group", { name: "Actions" }).getByRole("button", { name: "Claim" }).waitFor();

  await page.keyboard.press("e");
  await expect.poll(statuses).toEqual({ open: COUNT - 1, resolved: 1 });
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "What do you want to do?" }).fill("undo");
  await page.getByRole("option", { name: /^Undo/ }).waitFor();
  await page.keyboard.press("Enter");
  await expect.poll(statuses).toEqual({ open: COUNT });
});

test("what a colleague has changed since is told by name, and stays", async () => {
  const { page } = await begin();
  for (const n of [20, 19, 18]) await row(page, n).click({ modifiers: ["ControlOrMeta"] });
  await action(page, "Resolve").click();
  await expect.poll(statuses).toEqual({ open: COUNT - 3, resolved: 3 });
  await inbox.stack
    .sql`update heddle.conversations set status = 'snoozed', snoozed_until = now() + interval '1 day'
    where id = ${idOf(19)}`;
  await page.getByRole("link", { name: "Snoozed 1" }).waitFor();
  await page.keyboard.press("z");
  await report(page).getByText("1 of 3 could not be undone:").waitFor();
  await report(page).getByText("Guest 19: It has been changed since.").waitFor();
  expect(await statuses()).toEqual({ open: COUNT - 1, snoozed: 1 });
});

test("what was snoozed is open again, and what was reopened snoozed until the same moment", async () => {
  const { sql } = inbox.stack;
  const end = async () =>
    (await sql`select status, snoozed_until::text from heddle.conversations where id = ${idOf(5)}`)[0];
  await sql`update heddle.conversations set status = 'snoozed', snoozed_until = now() + interval '3 days'
    where id = ${idOf(5)}`;
  const was = await end();
  const { page } = await begin();
  for (const n of [20, 18]) await row(page, n).click({ modifiers: ["ControlOrMeta"] });
  await action(page, "Snooze").click();
  await page.getByRole("button", { name: /^Tomorrow/ }).click();
  await page.getByRole("link", { name: "Snoozed 3" }).waitFor();
  await expect.poll(statuses).toEqual({ open: COUNT - 3, snoozed: 3 });
  await page.keyboard.press("z");
  await row(page, 18).waitFor();
  await expect.poll(statuses).toEqual({ open: COUNT - 1, snoozed: 1 });

  await page.getByRole("link", { name: "Snoozed 1" }).click();
  await row(page, 5).focus();
  await page.keyboard.press("e");
  await expect.poll(statuses).toEqual({ open: COUNT });
  await page.getByRole("link", { name: `All open ${COUNT}` }).waitFor();
  await page.keyboard.press("z");
  await row(page, 5).waitFor();
  await expect.poll(end).toEqual(was);
  expect(await report(page).count()).toBe(0);
});

test("the line goes after a while, and not from under the pointer", async () => {
  const { page } = await begin();
  await page.clock.install();
  await row(page, 20).focus();
  await page.keyboard.press("c");
  // Whatever the answer moves on the page has moved before the pointer is there.
  await expect.poll(async () =>
    (await inbox.stack.sql`select assignee_id from heddle.conversations where id = ${idOf(20)}`)[0]
      ?.assignee_id
  ).not.toBeNull();
  await row(page, 20).getByText("Held by").waitFor({ state: "attached" });
  await undoLine(page).hover();
  await page.clock.fastForward(30_000);
  expect(await undoLine(page).isVisible()).toBe(true);
  await page.mouse.move(900, 300);
  await page.clock.fastForward(11_000);
  await undoLine(page).waitFor({ state: "hidden" });
  await page.keyboard.press("z");
  await row(page, 20).getByText("Held by").waitFor({ state: "attached" });
  expect(await page.getByRole("link", { name: "Mine 1" }).count()).toBe(1);
});

test("on a phone the open conversation has the line under its name, and the list at its foot", async () => {
  const { page } = await begin(PHONE);
  await row(page, 19).tap();
  await page.getByRole("heading", { level: 1, name: "Guest 19" }).waitFor();
  await page.getByRole("group", { name: "Actions" }).getByRole("button", { name: "Resolve" }).tap();
  const undo = page.getByRole("button", { name: "Undo" });
  await page.getByText("1 resolved").locator("visible=true").waitFor();
  expect(await violationsOn(page, "undo_phone")).toEqual([]);
  await undo.tap();
  await page.getByRole("group", { name: "Actions" }).getByRole("button", { name: "Resolve" }).waitFor();
  await expect.poll(statuses).toEqual({ open: COUNT });
  await page.getByRole("group", { name: "Actions" }).getByRole("button", { name: "Resolve" }).tap();
  await expect.poll(statuses).toEqual({ open: COUNT - 1, resolved: 1 });
  await inbox.stack.sql`update heddle.conversations set assignee_id =
    (select user_id from heddle.members where name like 'Jonas%') where id = ${idOf(19)}`;
  await page.getByText("Held by Jonas Okafor").locator("visible=true").waitFor();
  await undo.tap();
  await page.getByText("Not undone. It has been changed since.").locator("visible=true").waitFor();
  expect(await statuses()).toEqual({ open: COUNT - 1, resolved: 1 });
  await page.getByRole("link", { name: "Back" }).tap();
  await page.getByRole("button", { name: "Select", exact: true }).tap();
  for (const n of [24, 22]) await row(page, n).tap();
  await action(page, "Resolve").tap();
  await page.getByText("2 resolved").locator("visible=true").waitFor();
  expect(await violationsOn(page, "undo_phone_list")).toEqual([]);
  await undo.tap();
  await expect.poll(statuses).toEqual({ open: COUNT - 1, resolved: 1 });
  await row(page, 22).waitFor();
});
