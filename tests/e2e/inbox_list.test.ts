import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";

let inbox: TestInbox;
beforeAll(async () => {
  inbox = await startInbox();
});
beforeEach(() => inbox.stack.sql`delete from heddle.conversations where agent_id = ${inbox.stack.agent.id}`);
afterAll(() => inbox?.stop());

const WIDE = { viewport: { width: 1440, height: 900 } };
const mira = () => inbox.operators[0] ?? { email: "", password: "" };

const row = (page: Page, name: string) => page.getByRole("link", { name });
const placeOf = (page: Page, name: string) =>
  row(page, name).evaluate((link) => Number(link.closest("li")?.ariaPosInSet));

test("since when somebody waits is in view beside a long name", async () => {
  await inbox.visitorWrites("ada", null, "One", "Ada ".repeat(47).trim());
  const { page, signIn } = await inbox.visit(WIDE);
  await signIn(mira());
  const time = row(page, "Ada").locator("time");
  await time.getByText(/^Waiting since/).waitFor();
  const [end, limit] = await time.evaluate((element) => {
    const range = document.createRange();
    range.selectNodeContents(element.lastChild ?? element);
    return [range.getBoundingClientRect().right, element.getBoundingClientRect().right];
  });
  expect(end).toBeLessThanOrEqual((limit ?? 0) + 0.5);
});

test("a row that was opened by a click goes to its place once the pointer has left it, one that keys have reached stays", async () => {
  await inbox.visitorWrites("ada", null, "One", "Ada Park");
  const bo = await inbox.visitorWrites("bo", null, "Two", "Bo Lind");
  await inbox.visitorWrites("cy", null, "Three", "Cy Moe");
  const { page, signIn } = await inbox.visit(WIDE);
  await signIn(mira());
  await row(page, "Bo Lind").click();
  await page.getByRole("log").getByText("Two").waitFor();
  await row(page, "Ada Park").click();
  await page.mouse.move(900, 5);
  const ada = await page.evaluate(() => document.activeElement?.closest("li")?.dataset.id ?? "");
  await inbox.visitorWrites("ada", ada, "Newest");
  await expect.poll(() => placeOf(page, "Ada Park")).toBe(1);

  await page.keyboard.press("k");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const place = await page.evaluate(() => Number(document.activeElement?.closest("li")?.ariaPosInSet));
  const focused = await page.evaluate(() => document.activeElement?.closest("li")?.dataset.id ?? "");
  await inbox.visitorWrites(focused === bo ? "bo" : "cy", focused, "From the focus");
  await page.locator("li", { hasText: "From the focus" }).waitFor();
  expect(await page.evaluate(() => Number(document.activeElement?.closest("li")?.ariaPosInSet))).toBe(place);
});

test("a row stays under the pointer that is over it, also one that leaves, and goes to its place after that", async () => {
  const ada = await inbox.visitorWrites("ada", null, "One", "Ada Park");
  const bo = await inbox.visitorWrites("bo", null, "Two", "Bo Lind");
  await inbox.visitorWrites("cy", null, "Three", "Cy Moe");
  const { page, signIn } = await inbox.visit(WIDE);
  await signIn(mira());
  await row(page, "Bo Lind").hover();
  await inbox.visitorWrites("ada", ada, "From below");
  await expect.poll(() => placeOf(page, "Ada Park")).toBe(1);
  await inbox.visitorWrites("bo", bo, "From under the pointer");
  await row(page, "Bo Lind").getByText("From under the pointer").waitFor();
  expect(await placeOf(page, "Bo Lind")).toBe(2);
  await row(page, "Cy Moe").hover();
  await expect.poll(() => placeOf(page, "Bo Lind")).toBe(1);

  await row(page, "Ada Park").hover();
  const place = await placeOf(page, "Ada Park");
  const { sql } = inbox.stack;
  await sql`update heddle.conversations set status = 'resolved' where id in (${ada}, ${bo})`;
  await row(page, "Bo Lind").waitFor({ state: "hidden" });
  expect(await placeOf(page, "Ada Park")).toBe(Math.min(place, 2));
  await page.mouse.move(5, 5);
  await row(page, "Ada Park").waitFor({ state: "hidden" });
});

test("rows glide to their places, but not for somebody who wants less motion", async () => {
  for (const reducedMotion of ["no-preference", "reduce"] as const) {
    const ada = await inbox.visitorWrites("ada", null, "One", "Ada Park");
    await inbox.visitorWrites("bo", null, "Two", "Bo Lind");
    const { page, signIn } = await inbox.visit({ ...WIDE, reducedMotion });
    await page.evaluate(() => {
      const { animate } = Element.prototype;
      Element.prototype.animate = function (...args) {
        this.setAttribute("data-moved", JSON.stringify(args[0]));
        return animate.apply(this, args);
      };
    });
    await signIn(mira());
    await expect.poll(() => placeOf(page, "Ada Park")).toBe(2);
    await inbox.visitorWrites("ada", ada, "News");
    await expect.poll(() => placeOf(page, "Ada Park")).toBe(1);
    const moved = await page.locator("[data-moved]").evaluateAll((rows) =>
      rows.map((row) => row.getAttribute("data-moved"))
    );
    if (reducedMotion === "reduce") expect(moved).toEqual([]);
    else {
      expect(moved).toHaveLength(2);
      expect(moved.join()).toContain("translateY(72px)");
    }
    await inbox.stack.sql`delete from heddle.conversations where agent_id = ${inbox.stack.agent.id}`;
  }
});

test("after a conversation was resolved by keys, the next one is one key away", async () => {
  for (const [id, name] of [["ada", "Ada Park"], ["bo", "Bo Lind"], ["cy", "Cy Moe"]] as const) {
    await inbox.visitorWrites(id, null, "Hello", name);
  }
  const { page, signIn, open } = await inbox.visit(WIDE);
  await signIn(mira());
  await open("Bo Lind");
  await page.keyboard.press("Escape");
  await page.keyboard.press("e");
  await row(page, "Bo Lind").waitFor({ state: "hidden" });
  await page.keyboard.press("j");
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  await expect.poll(focused).toContain("Ada Park");
  await page.keyboard.press("Enter");
  await page.getByRole("log").getByText("Hello").waitFor();
  await row(page, "Ada Park").focus();
  await page.keyboard.press("e");
  await row(page, "Ada Park").waitFor({ state: "hidden" });
  await expect.poll(focused).toContain("Cy Moe");
});

test("keys act on the conversation with the focus in the list, once however long they are held", async () => {
  const { sql, agent } = inbox.stack;
  for (const [id, name] of [["ada", "Ada Park"], ["bo", "Bo Lind"]] as const) {
    await inbox.visitorWrites(id, null, "Hello", name);
  }
  const { page, signIn, open } = await inbox.visit(WIDE);
  await signIn(mira());
  await open("Bo Lind");
  await row(page, "Ada Park").focus();
  await page.keyboard.press("c");
  await row(page, "Ada Park").getByText("Held by Mira Holm").waitFor();
  for (let repeat = 0; repeat < 4; repeat++) await page.keyboard.down("e");
  await page.keyboard.up("e");
  await row(page, "Ada Park").waitFor({ state: "hidden" });
  const states = async () =>
    (await sql`
      select visitor.end_user_id as who, status, assignee_id is not null as held from heddle.conversations conversation
      join heddle.visitors visitor on visitor.id = conversation.visitor_id
      where conversation.agent_id = ${agent.id} order by 1`).map((
      { who, status, held },
    ) => [who, status, held]);
  await expect.poll(states).toEqual([["ada", "resolved", true], ["bo", "open", false]]);
  await inbox.visitorWrites("cy", null, "Hello", "Cy Moe");
  await row(page, "Cy Moe").focus();
  await page.keyboard.press("s");
  await page.getByRole("dialog", { name: "Snooze" }).waitFor();
  await page.getByRole("heading", { name: "Cy Moe", level: 1 }).waitFor();
});

test("a dot tells in the list which visitors are there, until they leave", async () => {
  const { sql, agent } = inbox.stack;
  await inbox.visitorWrites("ada", null, "Hello", "Ada Park");
  await inbox.visitorWrites("bo", null, "Hello", "Bo Lind");
  const { page, signIn } = await inbox.visit(WIDE);
  await signIn(mira());
  await row(page, "Ada Park").waitFor();
  expect(await page.locator(".list").getByText("Here now").count()).toBe(0);
  await sql`select heddle.keep_visitor(${agent.id}, 'ada')`;
  await row(page, "Ada Park").getByText("Here now").waitFor();
  expect(await page.locator(".list").getByText("Here now").count()).toBe(1);
  expect(await violationsOn(page, "presence")).toEqual([]);
  await sql`update heddle.leases set until = now() where key = 'ada'`;
  await sql`select heddle.end_leases(${agent.id})`;
  await row(page, "Ada Park").getByText("Here now").waitFor({ state: "hidden" });
});

test("a question that was read and not answered waits in its row and in a view of its own", async () => {
  const { sql } = inbox.stack;
  const first = await inbox.visitorWrites("wes", null, "Is it hardy?", "Wes Crane");
  await inbox.visitorWrites("wyn", null, "Does it climb?", "Wyn Hale");
  const { page, signIn, open } = await inbox.visit(WIDE);
  await signIn(mira());
  await open("Wes Crane");
  await expect.poll(async () =>
    (await sql`select team_unread from heddle.conversations where id = ${first}`)[0]
  )
    .toEqual({ team_unread: 0 });
  await row(page, "Wes Crane").getByText(/^Waiting since /).waitFor();
  expect(await row(page, "Wes Crane").locator("time .icon").isVisible()).toBe(false);
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Waiting" }).click();
  await page.getByRole("heading", { name: "Waiting" }).waitFor();
  const names = () => page.locator(".list .row-title").allTextContents();
  await expect.poll(names).toEqual(["Wes Crane", "Wyn Hale"]);
  expect(await violationsOn(page, "waiting")).toEqual([]);
  await open("Wes Crane");
  await page.setViewportSize({ width: 1100, height: 800 });
  await page.getByRole("complementary", { name: "Details" }).waitFor();
  const isCut = ({ scrollWidth, clientWidth }: Element) => scrollWidth > clientWidth;
  expect(await row(page, "Wes Crane").locator(".row-title").evaluate(isCut)).toBe(false);
  expect(await violationsOn(page, "waiting_narrow")).toEqual([]);
  const leftOver = await row(page, "Wes Crane").locator("time").evaluate((time) => {
    const text = document.createRange();
    text.selectNodeContents(time);
    return Math.round(time.getBoundingClientRect().right - text.getBoundingClientRect().right);
  });
  expect(leftOver).toBe(0);
  await page.getByRole("textbox", { name: "Reply" }).fill("It is.");
  await page.keyboard.press("Enter");
  await expect.poll(names).toEqual(["Wyn Hale"]);
});

test("a view counts what is heard of its conversations at once, however short ago they were counted", async () => {
  const id = await inbox.visitorWrites("una", null, "Is it hardy?", "Una Fox");
  const { sql } = inbox.stack;
  const { page, signIn } = await inbox.visit(WIDE);
  await signIn(mira());
  const count = (view: string, counted: number) =>
    page.getByRole("link", { name: counted ? `${view} ${counted}` : view, exact: true }).waitFor();
  await expect.poll(inbox.listening).toBe(1);
  await count("Unassigned", 1);
  // What is counted again from now on is not answered.
  await page.route("**/inbox_counts", () => undefined);
  await inbox.visitorWrites("una", id, "Is it?");
  await page.getByRole("link", { name: "Una Fox" }).getByText("Is it?").waitFor();
  await count("Waiting", 1);
  await sql`update heddle.conversations set needs_human = true where id = ${id}`;
  await count("Needs human", 1);
  await sql`update heddle.conversations set status = 'resolved' where id = ${id}`;
  for (const view of ["Needs human", "Waiting", "Unassigned", "All open"]) await count(view, 0);
});

test("a conversation whose snooze ended is on top, and marked until it is opened", async () => {
  const { sql } = inbox.stack;
  const id = await inbox.visitorWrites("ula", null, "Tell me on Monday", "Ula Beck");
  await sql`update heddle.conversations set status = 'snoozed', snoozed_until = now() + interval '1 hour',
    team_unread = 0, waiting_since = null where id = ${id}`;
  await inbox.visitorWrites("vic", null, "Hello", "Vic Tarn");
  const { page, signIn, open } = await inbox.visit(WIDE);
  await signIn(mira());
  await row(page, "Vic Tarn").waitFor();
  await sql`update heddle.conversations set snoozed_until = now() where id = ${id}`;
  await sql`select heddle_api.tend_store()`;
  const mark = row(page, "Ula Beck").getByText("Snooze ended");
  await mark.waitFor();
  expect(await placeOf(page, "Ula Beck")).toBe(1);
  expect(await violationsOn(page, "snooze_ended")).toEqual([]);
  await open("Ula Beck");
  await mark.waitFor({ state: "hidden" });
});

test("a snoozed conversation's row says until when, and a phone's views begin with the first", async () => {
  const id = await inbox.visitorWrites("ada", null, "Later, please", "Ada Park");
  await inbox.stack
    .sql`update heddle.conversations set status = 'snoozed', snoozed_until = now() + interval '3 days' where id = ${id}`;
  const { page, signIn } = await inbox.visit({ viewport: { width: 390, height: 760 } });
  await signIn(mira());
  const views = page.getByRole("navigation", { name: "Views" });
  await views.getByRole("link", { name: "All open" }).waitFor();
  expect(await views.evaluate(({ scrollLeft }) => scrollLeft)).toBe(0);
  await views.getByRole("link", { name: "Snoozed" }).click();
  await row(page, "Ada Park").getByText(/^Until \w+, /).waitFor();
  expect(await violationsOn(page, "phone_snoozed")).toEqual([]);
});

test("a name and a message that are read from the right stand beside the picture like all others", async () => {
  await inbox.visitorWrites("ada", null, "Hello", "Ada Park");
  await inbox.visitorWrites("dan", null, "שלום", "דניאל כהן");
  const { page, signIn } = await inbox.visit(WIDE);
  await signIn(mira());
  const startOf = (text: string) =>
    page.locator(".list").getByText(text).evaluate((element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      return Math.round(range.getBoundingClientRect().left);
    });
  const start = await startOf("Ada Park");
  for (const text of ["Hello", "שלום", "דניאל כהן"]) expect(await startOf(text)).toBe(start);
});

test("of rows that come at once every unread one stands out", async () => {
  const { page, signIn } = await inbox.visit(WIDE);
  await signIn(mira());
  await page.getByText("All answered. Nothing is open.").waitFor();
  await expect.poll(inbox.listening).toBe(1);
  const guests = Array.from({ length: 12 }, (_, n) => `Guest ${n}`);
  await Promise.all(guests.map((name, n) => inbox.visitorWrites(`guest ${n}`, null, "Hello", name)));
  await page.locator('.row[data-unread="true"]').nth(guests.length - 1).waitFor();
  const weights = await page.locator(".row .row-title").evaluateAll((titles) =>
    titles.map((title) => getComputedStyle(title).fontWeight)
  );
  expect(weights).toEqual(guests.map(() => "650"));
});

test("a row and the button to the newest messages count the same: what the visitor wrote", async () => {
  const { sql, agent } = inbox.stack;
  const id = await inbox.visitorWrites("ugo", null, "Line 1", "Ugo Berg");
  await sql`select heddle_api.store_post(${agent.id}, 'ugo', ${id}, gen_random_uuid(), 'Line ' || n)
    from generate_series(2, 40) n`;
  await sql`update heddle.conversations set team_read_seq = 40, team_unread = 0 where id = ${id}`;
  const { page, signIn, open } = await inbox.visit({ viewport: { width: 1440, height: 500 } });
  await signIn(mira());
  await open("Ugo Berg");
  await page.getByRole("log").getByText("Line 40", { exact: true }).waitFor();
  await page.getByRole("log").hover();
  await page.mouse.wheel(0, -900);
  await page.getByRole("button", { name: "Jump to newest" }).waitFor();
  await inbox.visitorWrites("ugo", id, "Are you there?");
  await sql`insert into heddle.messages (conversation_id, role, author_name, body)
    values (${id}, 'bot', 'Fern', 'I am.'), (${id}, 'operator', 'Jonas', 'So am I.')`;
  await inbox.visitorWrites("ugo", id, "Forget it");
  await sql`select heddle_api.store_edit(${agent.id}, 'ugo', ${id}, max(seq), null) from heddle.messages
    where conversation_id = ${id}`;
  await page.getByRole("log").getByText("So am I.").waitFor({ state: "attached" });
  await row(page, "Ugo Berg").locator(".pill").getByText("1", { exact: true }).waitFor();
  await page.getByRole("button", { name: "1 new message", exact: true }).waitFor();
});

test("a name keeps its room beside what a conversation is marked with, in rows and header, at every width", async () => {
  const { sql, agent } = inbox.stack;
  const name = "Alexandra Papadopoulou";
  const visitor = { name, email: "alexandra.papadopoulou@a-rather-long-domain.example" };
  const [made] = await sql`
    select heddle_api.store_post(${agent.id}, 'anon_0123456789abcdef0123456789abcdef', null, gen_random_uuid(),
      'Where is my order?', null, ${sql.json(visitor)}) as answer`;
  const id = made?.answer.conversationId;
  await sql`insert into heddle.labels (agent_id, name, color)
    select ${agent.id}, 'Label ' || n, '#1d8a45' from generate_series(1, 7) n on conflict do nothing`;
  await sql`insert into heddle.conversation_labels (conversation_id, label_id)
    select ${id}, id from heddle.labels where agent_id = ${agent.id}`;
  await sql`update heddle.conversations set assignee_id = (select user_id from heddle.members where name like 'Mira%')
    where id = ${id}`;
  await sql`update heddle.conversations set needs_human = true, snooze_ended = true where id = ${id}`;
  const shown = (element: Element) => element.clientWidth >= Math.min(element.scrollWidth, 110);
  const isCut = ({ scrollWidth, clientWidth }: Element) => scrollWidth > clientWidth;
  for (const width of [1440, 1360, 1280, 1000, 390]) {
    const { page, signIn } = await inbox.visit({ viewport: { width, height: 800 } });
    await signIn(mira());
    const title = row(page, name).locator(".row-title");
    await title.waitFor();
    expect(await title.evaluate(shown), `row at ${width}`).toBe(true);
    await row(page, name).getByText("Needs human").waitFor();
    await row(page, name).getByText("+2", { exact: true }).waitFor();
    await row(page, name).getByText("Handed to you, Snooze ended").waitFor({ state: "attached" });
    const time = row(page, name).locator("time");
    const [icon, whole] = [await time.locator(".icon").boundingBox(), await time.boundingBox()];
    expect(icon?.x, `icon at ${width}`).toBeGreaterThanOrEqual(whole?.x ?? Infinity);
    expect(await time.getAttribute("title")).toMatch(/^Waiting since .*\d{4}/);
    expect(await time.textContent()).toMatch(/^Waiting since \d/);
    expect(await violationsOn(page, `marked_rows_${width}`)).toEqual([]);
    await row(page, name).click();
    const heading = page.getByRole("heading", { name, level: 1 });
    await heading.waitFor();
    expect(await heading.evaluate(shown), `header at ${width}`).toBe(true);
    for (const mark of ["Not verified", "Needs human"]) {
      const chip = page.locator(".thread-header .chip", { hasText: mark });
      expect(await chip.evaluate(isCut), `${mark} at ${width}`).toBe(false);
    }
    expect(await violationsOn(page, `marked_header_${width}`)).toEqual([]);
    // A page that still has it open would mark it as opened again.
    await expect.poll(async () =>
      (await sql`select snooze_ended from heddle.conversations where id = ${id}`)[0]
    )
      .toEqual({ snooze_ended: false });
    await page.close();
    await sql`update heddle.conversations set snooze_ended = true where id = ${id}`;
    await sql`update heddle.notifications set read_at = null where conversation_id = ${id}`;
  }
  await sql`delete from heddle.labels where agent_id = ${agent.id}`;
});
