import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";

let inbox: TestInbox;
beforeAll(async () => {
  inbox = await startInbox();
});
afterAll(() => inbox?.stop());
beforeEach(() => inbox.stack.sql`delete from heddle.notifications`);

async function visitAs(index: number, options = {}): Promise<Page> {
  const visit = await inbox.visit(options);
  await visit.signIn(inbox.operators[index] ?? { email: "", password: "" });
  await visit.page.getByRole("button", { name: /^Notifications/ }).waitFor();
  return visit.page;
}

/** A visitor asks for a person, and the functions tell the team. */
async function asks(name: string): Promise<string> {
  const { sql, agent } = inbox.stack;
  const id = await inbox.visitorWrites(`visitor ${name}`, null, "A person, please", name);
  await sql`update heddle.conversations set needs_human = true where id = ${id}`;
  await sql`select heddle_api.notify(${agent.id})`;
  return id;
}

const bell = (page: Page, unread?: number) =>
  page.getByRole("button", {
    name: unread ? `Notifications, ${unread} unread` : "Notifications",
    exact: true,
  });
const centre = (page: Page) => page.getByRole("dialog", { name: "Notifications" });

it("an owner switches a rule on, each of the team is told, and once one has claimed nobody is any more", async () => {
  const [mira, jonas] = [await visitAs(0), await visitAs(1)];
  await mira.getByRole("link", { name: "Settings", exact: true }).click();
  await mira.getByRole("link", { name: "Notifications" }).click();
  const rule = mira.getByRole("checkbox", {
    name: "a visitor, a bot or a service of yours asks for a person",
  });
  await rule.check();
  await mira.getByLabel("Minutes of waiting").fill("7");
  await mira.getByRole("checkbox", { name: "a visitor waits for an answer" }).check();
  await expect.poll(() => rule.isEnabled()).toBe(true);
  expect(await violationsOn(mira, "settings_notifications")).toEqual([]);
  await expect.poll(async () => {
    const [row] = await inbox.stack.sql`select heddle_api.list_rules(${inbox.stack.agent.id}) as rules`;
    return row?.rules;
  }).toMatchObject([
    { rule: "away_reply", on: false },
    { rule: "handed_over", on: true },
    { rule: "needs_human", on: true },
    { rule: "new_message", on: false },
    { rule: "task_ended", on: false },
    { rule: "waiting", on: true, minutes: 7 },
  ]);

  await asks("Ada");
  await Promise.all([bell(mira, 1).waitFor(), bell(jonas, 1).waitFor()]);
  await bell(jonas, 1).click();
  expect(await violationsOn(jonas, "notifications")).toEqual([]);
  await centre(jonas).getByRole("link", { name: "Ada needs a person." }).click();
  await jonas.getByRole("textbox", { name: "Reply" }).waitFor();
  await bell(jonas).waitFor();
  await bell(mira, 1).waitFor();
  await jonas.getByRole("button", { name: "Claim" }).click();
  await bell(mira).waitFor();
});

it("by keyboard: b opens what somebody was told, arrows move, Enter opens, Escape leads back", async () => {
  await inbox.stack.sql`select heddle_api.set_rule(${inbox.stack.agent.id}, 'needs_human', true)`;
  const page = await visitAs(0);
  const [grace, joan] = [await asks("Grace"), await asks("Joan")];
  await bell(page, 2).waitFor();
  await page.keyboard.press("b");
  await centre(page).getByRole("link", { name: "Joan" }).waitFor();
  await page.keyboard.press("Escape");
  await centre(page).waitFor({ state: "hidden" });
  expect(await bell(page, 2).evaluate((button) => button === document.activeElement)).toBe(true);
  await page.keyboard.press("Enter");
  await centre(page).getByRole("link", { name: "Grace" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.url()).toContain(grace);
  await bell(page, 1).waitFor();
  await page.goBack();
  expect(page.url()).not.toContain(joan);
});

it("on a phone all is marked as read, and what is dismissed stays away", async () => {
  await inbox.stack.sql`select heddle_api.set_rule(${inbox.stack.agent.id}, 'needs_human', true)`;
  const page = await visitAs(1, { viewport: { width: 390, height: 760 }, hasTouch: true });
  await asks("Emmy");
  await asks("Lise");
  await bell(page, 2).tap();
  await centre(page).getByRole("button", { name: "Mark all as read" }).tap();
  await bell(page).waitFor();
  await centre(page).getByRole("button", { name: "Dismiss: Emmy needs a person." }).tap();
  await centre(page).getByText("Emmy").waitFor({ state: "hidden" });
  expect(await violationsOn(page, "phone_notifications")).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.reload();
  await bell(page).tap();
  await centre(page).getByRole("link", { name: "Lise" }).waitFor();
  expect(await centre(page).getByText("Emmy").count()).toBe(0);
});

it("a notification of the conversation that is open already is read by choosing it, and the bell closes", async () => {
  await inbox.stack.sql`select heddle_api.set_rule(${inbox.stack.agent.id}, 'needs_human', true)`;
  const page = await visitAs(0);
  const id = await inbox.visitorWrites("visitor Ragna", null, "Hello", "Ragna");
  await page.getByRole("link", { name: "Ragna" }).click();
  await page.getByRole("textbox", { name: "Reply" }).waitFor();
  // Nobody looks at it, so that it stays unread as it comes.
  await page.evaluate(() => document.hasFocus = () => false);
  await inbox.stack.sql`update heddle.conversations set needs_human = true where id = ${id}`;
  await inbox.stack.sql`select heddle_api.notify(${inbox.stack.agent.id})`;
  await bell(page, 1).click();
  await centre(page).getByRole("link", { name: "Ragna needs a person." }).click();
  await bell(page).waitFor();
  await centre(page).waitFor({ state: "hidden" });
  expect(page.url()).toContain(id);
});

it("what is about no conversation is read with a click, and stays where it is", async () => {
  const { stack: { sql, agent }, operators: [operator = { email: "", password: "" }] } = inbox;
  await sql`select heddle_api.set_rule(${agent.id}, 'task_ended', true)`;
  await sql`
    insert into heddle.events (org_id, source, resource, event, resource_id, type, data)
    select org_id, 'jobs', 'task', 'completed', '7', 'task.completed', '{"title":"Import"}'
    from heddle.agents where id = ${agent.id}`;
  await sql`delete from heddle.notifications`;
  await sql`select heddle_api.notify(${agent.id})`;
  const { page, signIn } = await inbox.visit();
  await signIn(operator);
  await page.getByRole("button", { name: /^Notifications/ }).click();
  const centre = page.getByRole("dialog", { name: "Notifications" });
  const line = centre.getByRole("button", { name: /^(Unread: ?)?Import is done\./ });
  await line.waitFor();
  expect(await violationsOn(page, "notifications_task")).toEqual([]);
  const { hash } = new URL(page.url());
  await centre.press("ArrowDown");
  await page.keyboard.press("Enter");
  await centre.getByText("Unread:").waitFor({ state: "detached" });
  await expect.poll(async () => {
    const [row] = await sql`
      select read_at is not null as is_read from heddle.notifications told
      join heddle.members member on member.user_id = told.recipient and member.email = ${operator.email}`;
    return row?.is_read;
  }).toBe(true);
  expect(new URL(page.url()).hash).toBe(hash);
});
