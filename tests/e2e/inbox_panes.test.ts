import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { keepScreenshot } from "../support/axe.ts";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";

let inbox: TestInbox;
beforeAll(async () => {
  inbox = await startInbox();
});
beforeEach(() => inbox.stack.sql`delete from heddle.conversations where agent_id = ${inbox.stack.agent.id}`);
afterAll(() => inbox?.stop());

const [mira, jonas] = [0, 1].map((index) => () => inbox.operators[index] ?? { email: "", password: "" }) as [
  () => { email: string; password: string },
  () => { email: string; password: string },
];

/** Where details have a column of their own. */
const WIDE = { viewport: { width: 1440, height: 900 } };
const PAGE = {
  title: "Monstera deliciosa",
  url: "https://fern-and-fable.example/monstera",
  locale: "pt-BR",
  timeZone: "Asia/Tokyo",
};

/** A conversation of somebody of whom name, address and page are known. Returns its id. */
async function begin(endUser: string, name: string, body: string): Promise<string> {
  const { sql, agent } = inbox.stack;
  const visitor = { name, email: `${endUser}@example.com` };
  const [row] = await sql`
    select heddle_api.store_post(${agent.id}, ${endUser}, null, gen_random_uuid(), ${body}, null, ${
    sql.json(visitor)
  }, ${sql.json(PAGE)}) as answer`;
  return row?.answer.conversationId;
}

async function label(name: string, color: string): Promise<void> {
  const { sql, agent } = inbox.stack;
  await sql`insert into heddle.labels (agent_id, name, color) values (${agent.id}, ${name}, ${color})
    on conflict do nothing`;
}

const details = (page: Page) => page.getByRole("complementary", { name: "Details" });

test("beside a conversation stands who it is with and what else they wrote, and that folds away", async () => {
  const first = await begin("ada", "Ada Park", "My first question");
  await begin("ada", "Ada Park", "My second question");
  await inbox.stack.sql`
    update heddle.visitors set attributes = '{"orders": 7, "Plan": "Botanist", "a newsletter": true, "Zone 2": "Attic", "Zone 10": "Yard"}'
    where end_user_id = 'ada'`;
  const { page, signIn } = await inbox.visit(WIDE);
  await signIn(mira());
  await page.getByRole("link", { name: "My second question" }).click();
  const pane = details(page);
  for (
    const known of [
      "ada@example.com",
      "From your site",
      "Monstera deliciosa",
      "fern-and-fable.example",
      "Brazilian Portuguese",
      "Asia/Tokyo",
      "First seen",
    ]
  ) {
    await pane.getByText(known).waitFor();
  }
  expect(await pane.locator(".details-said dl > div").allInnerTexts()).toEqual([
    "a newsletter\nYes",
    "orders\n7",
    "Plan\nBotanist",
    "Zone 2\nAttic",
    "Zone 10\nYard",
  ]);
  expect(await violationsOn(page, "details")).toEqual([]);
  await pane.getByRole("link", { name: "My first question" }).click();
  await page.getByRole("log").getByText("My first question").waitFor();
  expect(page.url()).toContain(first);
  await page.locator("body").click({ position: { x: 5, y: 600 } });
  await page.keyboard.press("i");
  await pane.waitFor({ state: "hidden" });
  await page.reload();
  await page.getByRole("log").getByText("My first question").waitFor();
  expect(await pane.count()).toBe(0);
  await page.getByRole("button", { name: "Details" }).click();
  await pane.waitFor();
});

test("when a visitor was there last moves with them, and a row says that its last message was deleted", async () => {
  const older = await begin("fay", "Fay Dahl", "Forget that");
  const id = await begin("fay", "Fay Dahl", "Do you water on Sundays?");
  const { sql, agent } = inbox.stack;
  const { page, signIn } = await inbox.visit(WIDE);
  await signIn(mira());
  await page.getByRole("link", { name: "Do you water" }).click();
  const seen = details(page).locator("dl > div").filter({ hasText: "Last seen" });
  await expect.poll(inbox.listening).toBe(1);
  await sql`select heddle.keep_visitor(${agent.id}, 'fay')`;
  await seen.getByText("Here now").waitFor();
  await sql`update heddle.leases set until = '2031-05-01T10:32Z' where key = 'fay'`;
  await sql`select heddle.announce_presence(${agent.id}, 'visitor', 'fay', 'offline',
    (select heddle.note_visit(lease) from heddle.leases lease where key = 'fay'))`;
  await seen.getByText("May 1, 2031").waitFor();

  await sql`select heddle_api.store_edit(${agent.id}, 'fay', ${older}, 1, null)`;
  await page.getByRole("link", { name: "Fay Dahl" }).getByText("This message was deleted.").waitFor();
  await page.goto(page.url().replace(id, older));
  await page.reload();
  await sql`select heddle_api.store_edit(${agent.id}, 'fay', ${id}, 1, null)`;
  await expect.poll(() => page.getByText("This message was deleted.").count()).toBeGreaterThan(2);
});

test("what becomes known of a visitor is in the open details at once, also what their server says", async () => {
  const id = await begin("liv", "Liv Aas", "Is the order on its way?");
  const { sql, agent } = inbox.stack;
  const { page, signIn, requests } = await inbox.visit(WIDE);
  await signIn(mira());
  await page.getByRole("link", { name: "Is the order" }).click();
  const pane = details(page);
  await pane.getByText("liv@example.com").waitFor();
  await expect.poll(inbox.listening).toBe(1);
  const say = (changes: object) =>
    sql`select heddle_api.store_visitor(${agent.id}, 'liv', ${sql.json({ ...changes })})`;
  await say({ attributes: { Plan: "Botanist", orders: 7 } });
  await pane.getByText("Botanist").waitFor();
  await say({ name: "Liv Berg", email: "berg@example.com" });
  await pane.getByRole("heading", { name: "Liv Berg" }).waitFor();
  await pane.getByText("berg@example.com").waitFor();

  requests.length = 0;
  await inbox.visitorWrites("liv", id, "Hello?");
  await page.getByRole("log").getByText("Hello?").waitFor();
  await say({ attributes: { Plan: "Gardener" } });
  await pane.getByText("Gardener").waitFor();
  expect(requests.filter((path) => path.includes("inbox_visitor"))).toHaveLength(1);

  // What the visitor has read meanwhile is told without the row.
  await page.getByRole("textbox", { name: "Reply" }).fill("It is.");
  await page.keyboard.press("Enter");
  await page.getByRole("log").getByText("It is.").waitFor();
  await expect.poll(() =>
    sql`select from heddle.messages where conversation_id = ${id} and seq = 3`.then((rows) => rows.length)
  ).toBe(1);
  await sql`select heddle_api.store_read(${agent.id}, 'liv', ${id}, 3)`;
  await say({ attributes: { Plan: "Forester" } });
  await pane.getByText("Forester").waitFor();
});

test("marks that a visitor stacks over a letter stay within their message, and within their name", async () => {
  const stacked = `Z${"\u0301\u0302\u0308".repeat(40)}`;
  await begin("zoe", stacked, `${stacked} is my name`);
  const { page, signIn } = await inbox.visit(WIDE);
  await signIn(mira());
  await page.getByRole("link", { name: "is my name" }).click();
  const log = page.getByRole("log");
  const message = log.getByText("is my name");
  await message.waitFor();
  for (const shown of [message, log.getByText("Z").first()]) {
    const clips = shown.evaluate((element) => {
      for (let each: Element | null = element; each && each.role !== "log"; each = each.parentElement) {
        if (["clip", "hidden"].includes(getComputedStyle(each).overflowY)) return true;
      }
      return false;
    });
    expect(await clips).toBe(true);
  }
});

test("labels are added and taken away, colour the rows of both operators and make a list of their own", async () => {
  await label("VIP", "#b3261e");
  await label("Shipping", "#1d8a45");
  await begin("bo", "Bo Lind", "Where is my fern?");
  await begin("cy", "Cy Moe", "Do you deliver?");
  const [first, second] = [await inbox.visit(WIDE), await inbox.visit(WIDE)];
  await first.signIn(mira());
  await second.signIn(jonas());
  await second.page.getByRole("link", { name: "Bo Lind" }).waitFor();
  await first.open("Bo Lind");
  const pane = details(first.page);
  await pane.getByLabel("Add label").selectOption("VIP");
  await pane.getByLabel("Add label").selectOption("Shipping");
  for (const { page } of [first, second]) {
    await page.getByRole("link", { name: "Bo Lind" }).getByText("Labels: Shipping, VIP").waitFor();
  }
  await pane.getByRole("button", { name: "Remove label Shipping" }).click();
  await second.page.getByRole("link", { name: "Bo Lind" }).getByText("Labels: VIP").waitFor();
  await second.page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "VIP" }).click();
  await second.page.getByRole("heading", { name: "VIP" }).waitFor();
  await second.page.getByRole("link", { name: "Bo Lind" }).waitFor();
  expect(await second.page.getByRole("link", { name: "Cy Moe" }).count()).toBe(0);
  expect(await violationsOn(second.page, "label")).toEqual([]);
});

test("a label that is refused is taken back, in words beside it", async () => {
  await label("VIP", "#b3261e");
  await begin("di", "Di Ash", "Hello");
  const { page, signIn, open } = await inbox.visit(WIDE);
  await signIn(mira());
  await open("Di Ash");
  await page.route("**/inbox_label", (route) => route.abort());
  await details(page).getByLabel("Add label").selectOption("VIP");
  await details(page).getByRole("alert").getByText("The label was not changed.").waitFor();
  expect(await details(page).getByRole("button", { name: "Remove label VIP" }).count()).toBe(0);
});

test("an owner exports and erases a person after a question, and an operator is offered neither", async () => {
  await begin("eli", "Eli Roth", "Forget me, please");
  const [owner, operator] = [await inbox.visit(WIDE), await inbox.visit(WIDE)];
  await operator.signIn(jonas());
  await operator.open("Eli Roth");
  await details(operator.page).getByText("eli@example.com").waitFor();
  expect(await details(operator.page).getByRole("button", { name: "Erase" }).count()).toBe(0);
  await owner.signIn(mira());
  await owner.open("Eli Roth");
  const pane = details(owner.page);
  const [file] = await Promise.all([
    owner.page.waitForEvent("download"),
    pane.getByRole("button", { name: "Export" }).click(),
  ]);
  expect(file.suggestedFilename()).toBe("visitor-eli.json");
  await pane.getByRole("button", { name: "Erase" }).click();
  await pane.getByText("Nobody can bring this back.").waitFor();
  expect(await violationsOn(owner.page, "erase")).toEqual([]);
  await pane.getByRole("button", { name: "Keep" }).click();
  await pane.getByRole("button", { name: "Erase" }).click();
  await pane.getByRole("button", { name: "Erase for good" }).click();
  await owner.page.getByText("Choose a conversation to read it.").waitFor();
  for (const { page } of [owner, operator]) {
    await page.getByRole("link", { name: "Eli Roth" }).waitFor({ state: "hidden" });
  }
  await operator.page.getByText("This conversation was erased or removed.").waitFor();
  expect(await operator.page.getByText(/Eli Roth|Forget me|eli@example/).count()).toBe(0);
  expect(await operator.page.getByRole("textbox", { name: "Reply" }).count()).toBe(0);
});

test("the page's title counts the open conversations that are one's own or nobody's, also beyond those loaded", async () => {
  const id = await begin("fay", "Fay Orr", "One");
  await begin("gus", "Gus Fry", "Two");
  const { page, signIn } = await inbox.visit(WIDE);
  await signIn(mira());
  await expect.poll(() => page.title()).toMatch(/^\(2\) All open/);
  const { sql } = inbox.stack;
  await sql`update heddle.conversations set assignee_id =
    (select user_id from heddle.members where email = ${jonas().email}) where id = ${id}`;
  // The server counts at most every ten seconds for a page, and at once for one that begins.
  await page.reload();
  await expect.poll(() => page.title()).toMatch(/^\(1\) All open/);
  const many = inbox.stack.agent.id;
  await sql`
    insert into heddle.conversations (agent_id, visitor_id, last_message_at)
    select ${many}, visitor_id, now() from heddle.conversations, generate_series(1, 49) where agent_id = ${many}`;
  await page.reload();
  await expect.poll(() => page.title()).toMatch(/^\(99\) All open/);
});

test("a conversation is printed whole, with names and times, and without notes unless they are asked for", async () => {
  const id = await begin("ona", "Ona Lind", "Line 1");
  const { sql, agent } = inbox.stack;
  await sql`select heddle_api.store_post(${agent.id}, 'ona', ${id}, gen_random_uuid(), 'Line ' || n)
    from generate_series(2, 120) n`;
  await sql`update heddle.conversations set team_read_seq = 120, team_unread = 0 where id = ${id}`;
  const { page, signIn } = await inbox.visit({ ...WIDE, colorScheme: "dark" });
  await signIn(mira());
  await page.getByRole("link", { name: "Ona Lind" }).click();
  await page.getByRole("button", { name: "Claim", exact: true }).click();
  await page.getByText("You claimed this").waitFor();
  await page.getByRole("textbox", { name: "Reply" }).fill("As you like.");
  await page.keyboard.press("Enter");
  await page.getByText("Sent", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Note", exact: true }).click();
  await page.keyboard.type("Be generous.");
  await page.keyboard.press("Enter");
  await page.getByRole("log").getByText("Be generous.").waitFor();
  const sheet = page.locator(".sheet");
  // Chromium alone would open a dialog of its own.
  await page.evaluate(() => void (globalThis.print = () => {}));
  const printed = async () => {
    await sheet.waitFor({ state: "attached" });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await keepScreenshot(page, "inbox/printed");
    const text = await sheet.innerText();
    const colors = await sheet.evaluate((element) => [
      getComputedStyle(element).color,
      getComputedStyle(document.body).backgroundColor,
    ]);
    const shown = [await page.locator(".inbox").isVisible(), await sheet.getByRole("button").count()];
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    await page.emulateMedia({ media: "screen", colorScheme: "dark" });
    await sheet.waitFor({ state: "detached" });
    return { text, colors, shown };
  };

  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "What do you want to do?" }).fill("print");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Print conversation" });
  await dialog.waitFor();
  expect(await violationsOn(page, "print")).toEqual([]);
  await dialog.getByRole("button", { name: "Print", exact: true }).click();
  const whole = await printed();
  expect(whole.text).toContain("Conversation with Ona Lind");
  expect(whole.text).toContain("121 messages");
  expect(whole.text.match(/^Line \d+$/gm)).toHaveLength(120);
  expect(whole.text.indexOf("Line 1\n")).toBeLessThan(whole.text.indexOf("Line 120"));
  expect(whole.text).toMatch(/Mira[^\n]*\n[^]*As you like\./);
  expect(whole.text).not.toContain("Be generous.");
  expect(whole.colors).toEqual(["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
  expect(whole.shown).toEqual([false, 0]);

  await details(page).getByRole("button", { name: "Print conversation" }).click();
  await dialog.getByRole("checkbox").check();
  await dialog.getByRole("button", { name: "Print", exact: true }).click();
  const withNotes = await printed();
  expect(withNotes.text).toContain("Be generous.");
  expect(withNotes.text).toContain("not to be handed out");
  expect(withNotes.text).toMatch(/Mira[^\n]* claimed this/);

  await page.reload();
  await page.getByRole("log").getByText("As you like.").waitFor();
  await page.waitForLoadState("networkidle");
  await expect.poll(async () => {
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    return await sheet.count();
  }).toBe(1);
  const loaded = await printed();
  expect(loaded.text).toContain("Earlier messages of this conversation are not part of this print.");
  expect(loaded.text).not.toContain("Be generous.");
  expect(loaded.text.match(/^Line \d+$/gm)?.length).toBeLessThan(60);
});

test("on a phone the details cover the conversation, and in a narrow window its right side", async () => {
  await begin("hal", "Hal Ives", "From the train");
  const { page, signIn, open } = await inbox.visit({ viewport: { width: 390, height: 760 } });
  await signIn(mira());
  await open("Hal Ives");
  expect(await details(page).count()).toBe(0);
  await page.getByRole("button", { name: "Details" }).click();
  await details(page).getByText("hal@example.com").waitFor();
  expect(await violationsOn(page, "phone_details")).toEqual([]);
  await page.goBack();
  await details(page).waitFor({ state: "hidden" });
  await page.getByRole("heading", { name: "Hal Ives" }).waitFor();
  await page.goForward();
  await details(page).waitFor();
  await page.reload();
  await details(page).waitFor();
  await page.getByRole("button", { name: "Close details" }).click();
  await details(page).waitFor({ state: "hidden" });
  await page.getByRole("heading", { name: "Hal Ives" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "All open" }).waitFor();
  await page.goForward();
  await page.getByRole("button", { name: "Details" }).click();
  await details(page).waitFor();
  await page.setViewportSize({ width: 900, height: 760 });
  expect((await details(page).boundingBox())?.width).toBe(320);
  expect(await violationsOn(page, "narrow_details")).toEqual([]);
  await page.getByRole("button", { name: "Close details" }).focus();
  await page.keyboard.press("Escape");
  await details(page).waitFor({ state: "hidden" });
});

test("where there are no labels, their key leads to where they are made", async () => {
  const { sql, agent } = inbox.stack;
  await sql`delete from heddle.labels where agent_id = ${agent.id}`;
  await begin("jan", "Jan Noor", "No labels yet");
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Jan Noor");
  await page.getByRole("textbox", { name: "Reply" }).press("Escape");
  await page.keyboard.press("l");
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(
    "Make labels in settings",
  );
});

test("keys lead to the labels and to the views, and are not taken from a field", async () => {
  await label("VIP", "#b3261e");
  await begin("ivy", "Ivy Noor", "Keys, please");
  const { page, signIn, open } = await inbox.visit({ viewport: { width: 1000, height: 800 } });
  await signIn(mira());
  await open("Ivy Noor");
  await page.keyboard.press("r");
  await page.keyboard.type("gl");
  expect(await page.getByRole("textbox", { name: "Reply" }).inputValue()).toBe("gl");
  await page.locator("body").click({ position: { x: 5, y: 600 } });
  await page.keyboard.press("l");
  await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel)).toBe("Add label");
  await page.getByRole("button", { name: "Close details" }).click();
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.getByText("Nothing is resolved yet.").waitFor();
  expect(page.url()).toMatch(/#\/resolved$/);
});

/** Another site of the same team. Returns its id. */
async function addSite(name: string): Promise<string> {
  const { sql, agent } = inbox.stack;
  const [made] = await sql`
    select heddle_api.create_agent(${name}, '{}', '{}', org_id) ->> 'id' as id from heddle.agents where id = ${agent.id}`;
  onTestFinished(async () => {
    await sql`delete from heddle.agents where id = ${made?.id}`;
  });
  return made?.id;
}

/** Kim Rho asks something on another site. Returns the conversation's id. */
async function askOn(siteId: string): Promise<string> {
  const [row] = await inbox.stack.sql`
    select heddle_api.store_post(${siteId}, 'kim', null, gen_random_uuid(), 'Do you sell moss?', null,
      '{ "name": "Kim Rho" }') as answer`;
  return row?.answer.conversationId;
}

test("who answers for several sites learns on each what waits on the others, and the bell leads there", async () => {
  const { sql, realtime } = inbox.stack;
  const moss = await addSite("Moss & Co");
  const { page, signIn } = await inbox.visit();
  await signIn(mira());
  const option = page.getByLabel("Site").locator("option", { hasText: "Moss & Co" });
  await expect.poll(async () => {
    const { topics } = await realtime() as { topics: { topic: string }[] };
    return topics.some(({ topic }) => topic.includes(`${moss}-inbox`));
  }).toBe(true);
  expect(await option.textContent()).toBe("Moss & Co");
  expect(await page.title()).toBe("All open · Fern & Fable");

  const kim = await askOn(moss);
  await expect.poll(() => option.textContent()).toBe("Moss & Co (1 waiting)");
  await page.getByText("1 waiting on other sites").waitFor({ state: "attached" });
  expect(await page.title()).toBe("(1) All open · Fern & Fable");
  await sql`select heddle_api.set_rule(${moss}, 'needs_human', true)`;
  await sql`update heddle.conversations set needs_human = true where id = ${kim}`;
  await sql`select heddle_api.notify(${moss})`;
  await page.getByRole("button", { name: "Notifications, 1 unread" }).click();
  const told = page.getByRole("link", { name: "Kim Rho needs a person." });
  await told.getByText("Moss & Co").waitFor();
  expect(await violationsOn(page, "other_site_told")).toEqual([]);
  await told.click();
  await page.getByRole("log").getByText("Do you sell moss?").waitFor();
  expect(new URL(page.url()).hash).toBe(`#/${moss}/open/${kim}`);
  await page.getByRole("button", { name: "Notifications", exact: true }).waitFor();
  await expect.poll(() => page.title()).toBe("(1) All open · Moss & Co");
});

test.each([["wide", 1360], ["middle", 900], ["phone", 390]])(
  "two sites whose names begin alike are told apart by the first 22 letters: %s",
  async (name, width) => {
    const moss = await addSite("Fern & Fable Nurseries, Lisbon");
    await askOn(moss);
    const { page, signIn } = await inbox.visit({ viewport: { width, height: 820 } });
    await signIn(mira());
    const sites = page.getByLabel("Site");
    await sites.selectOption(moss);
    await page.getByRole("link", { name: "Kim Rho" }).waitFor();
    // Beside the text there are the arrow and the paddings.
    const room = await sites.evaluate((select) => {
      const context = Object(document.createElement("canvas").getContext("2d")) as CanvasRenderingContext2D;
      context.font = getComputedStyle(select).font;
      return select.clientWidth - 36 - context.measureText("Fern & Fable Nurseries").width;
    });
    expect(room).toBeGreaterThanOrEqual(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    await keepScreenshot(page, `inbox/sites_${name}`);
  },
);

test("who answers for several sites changes between them, and each has its own conversations", async () => {
  const { agent } = inbox.stack;
  const moss = await addSite("Moss & Co");
  const kim = await askOn(moss);
  await begin("lea", "Lea Voss", "A fern, please");
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Lea Voss");
  await page.getByLabel("Site").selectOption(moss);
  await page.getByRole("link", { name: "Kim Rho" }).waitFor();
  expect(await page.getByText("Lea Voss").count()).toBe(0);
  await page.reload();
  await page.getByRole("link", { name: "Kim Rho" }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("option", { name: "Switch to Fern & Fable" }).click();
  await page.getByRole("link", { name: "Lea Voss" }).waitFor();

  const goTo = (hash: string) => page.evaluate((to) => void (location.hash = to), hash);
  await goTo(`#/open/${kim}`);
  await page.getByText("This conversation belongs to another site").waitFor();
  expect(await page.getByText("Do you sell moss?").count()).toBe(0);
  expect(await page.getByRole("textbox", { name: "Reply" }).count()).toBe(0);
  await page.getByRole("link", { name: "Open it in Moss & Co" }).click();
  await page.getByRole("log").getByText("Do you sell moss?").waitFor();
  expect(await page.getByLabel("Site").locator("option:checked").textContent()).toBe("Moss & Co");
  const address = new URL(page.url()).hash;
  expect(address).toBe(`#/${moss}/open/${kim}`);

  await page.getByLabel("Site").selectOption(agent.id);
  await page.getByRole("link", { name: "Lea Voss" }).click();
  await page.getByRole("log").getByText("A fern, please").waitFor();
  expect(new URL(page.url()).hash).toContain(`#/${agent.id}/`);
  await goTo(address);
  await page.getByRole("log").getByText("Do you sell moss?").waitFor();
  await page.reload();
  await page.getByRole("log").getByText("Do you sell moss?").waitFor();
});

test("a file that is dropped on the page leaves it where it is, and says that files can't be sent", async () => {
  await begin("eli", "Eli Roth", "Hello");
  const { page, signIn, open } = await inbox.visit(WIDE);
  await signIn(mira());
  await open("Eli Roth");
  const isCaught = await page.getByRole("textbox", { name: "Reply" }).evaluate((field) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["x"], "x.txt"));
    return !field.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  });
  expect(isCaught).toBe(true);
  await page.getByText("Files can't be sent here.").waitFor();
});

test("Escape and Keep end the question whether to erase, and give the focus back", async () => {
  await begin("eli", "Eli Roth", "Hello");
  const { page, signIn, open } = await inbox.visit({ viewport: { width: 1200, height: 720 } });
  await signIn(mira());
  await open("Eli Roth");
  await page.getByRole("button", { name: "Details" }).click();
  const pane = details(page);
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  for (const end of [() => page.keyboard.press("Escape"), () => page.keyboard.press("Enter")]) {
    await pane.getByRole("button", { name: "Erase" }).click();
    await expect.poll(focused).toBe("Keep");
    const [question, screen] = await Promise.all([
      pane.getByRole("group", { name: "Erase" }).boundingBox(),
      pane.locator(".scroll").boundingBox(),
    ]);
    expect(question?.y).toBeGreaterThanOrEqual(screen?.y ?? NaN);
    expect((question?.y ?? NaN) + (question?.height ?? NaN)).toBeLessThanOrEqual(720);
    await end();
    await expect.poll(focused).toMatch(/^Erase/);
    expect(await pane.getByText("Nobody can bring this back.").count()).toBe(0);
  }
});
