import { afterAll, beforeAll, expect, test } from "vitest";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";

let inbox: TestInbox;
beforeAll(async () => {
  inbox = await startInbox();
});
afterAll(() => inbox?.stop());

const mira = () => inbox.operators[0] ?? { email: "", password: "" };
const jonas = () => inbox.operators[1] ?? { email: "", password: "" };

test("of two who claim one wins; the other is told who, and both see what becomes of the conversation", async () => {
  await inbox.visitorWrites("ida", null, "Who will answer me?", "Ida Moss");
  const [first, second] = [await inbox.visit(), await inbox.visit()];
  await first.signIn(mira());
  await second.signIn(jonas());
  for (const operator of [first, second]) await operator.open("Ida Moss");
  await expect.poll(inbox.listening).toBe(2);
  const claim = { name: "Claim", exact: true };
  let proceed = () => {};
  const held = new Promise<void>((resolve) => (proceed = resolve));
  await first.page.route("**/inbox_claim", async (route) => {
    await held;
    await route.continue();
  });
  await first.page.getByRole("button", claim).click();
  await first.page.getByText("Held by Mira Holm (you)").waitFor();
  const answered = second.page.waitForResponse((response) =>
    response.url().includes("inbox_claim") && response.request().method() === "POST"
  );
  await second.page.getByRole("button", claim).click();
  await second.page.getByText("Held by Jonas Okafor (you)").waitFor();
  await answered;
  await first.page.getByRole("link", { name: "Ida Moss" }).getByText("Held by").waitFor({
    state: "attached",
  });
  proceed();
  await first.page.getByRole("alert").getByText("Claimed by Jonas Okafor.").waitFor();
  await first.page.getByRole("main").getByText("Held by Jonas Okafor", { exact: true }).last().waitFor();
  expect(await violationsOn(first.page, "claimed")).toEqual([]);

  await second.page.getByRole("button", { name: "Hand over" }).click();
  expect(await violationsOn(second.page, "hand_over")).toEqual([]);
  await second.page.getByRole("button", { name: "Mira Holm" }).click();
  await first.page.getByText("Held by Mira Holm (you)").waitFor();
  await first.page.getByRole("link", { name: "Mine" }).click();
  await first.page.getByRole("link", { name: "Ida Moss" }).click();
  await first.page.getByRole("button", { name: "Resolve" }).click();
  await first.page.getByText("You hold no open conversation.").waitFor();
  await second.page.getByRole("button", { name: "Reopen" }).click();
  await first.page.getByRole("link", { name: "Ida Moss" }).waitFor();
  await second.page.getByRole("button", { name: "Take over" }).click();
  await second.page.getByText("Held by Jonas Okafor (you)").waitFor();
  await first.page.getByText("You hold no open conversation.").waitFor();
});

test("who is handed a conversation is told by the bell and finds it in Mine, marked until they open it", async () => {
  await inbox.visitorWrites("yul", null, "Is it for a balcony?", "Yul Vale");
  const [first, second] = [await inbox.visit(), await inbox.visit()];
  await first.signIn(mira());
  await second.signIn(jonas());
  await first.page.getByRole("link", { name: "Mine" }).click();
  await second.open("Yul Vale");
  await expect.poll(inbox.listening).toBe(2);
  await second.page.getByRole("button", { name: "Hand over" }).click();
  await second.page.getByRole("button", { name: "Mira Holm" }).waitFor();
  expect(await second.page.getByRole("button", { name: "Jonas Okafor" }).count()).toBe(0);
  await second.page.getByRole("button", { name: "Mira Holm" }).click();
  const row = first.page.getByRole("link", { name: "Yul Vale" });
  await row.getByText("Handed to you").waitFor();
  expect(await violationsOn(first.page, "handed_over")).toEqual([]);
  await first.page.getByRole("button", { name: "Notifications, 1 unread" }).click();
  await first.page.getByText("Jonas Okafor handed you the conversation with Yul Vale.").waitFor();
  await first.page.keyboard.press("Escape");
  await row.click();
  await row.getByText("Handed to you").waitFor({ state: "hidden" });
  await first.page.getByRole("button", { name: "Notifications", exact: true }).waitFor();
});

test("both read at once who did what with a conversation, without asking for it, and later still", async () => {
  const id = await inbox.visitorWrites("ona", null, "Is it hardy?", "Ona Birk");
  const [first, second] = [await inbox.visit(), await inbox.visit()];
  await first.signIn(mira());
  await second.signIn(jonas());
  for (const operator of [first, second]) await operator.open("Ona Birk");
  await expect.poll(inbox.listening).toBe(2);
  await expect.poll(() => second.requests.some((url) => url.includes("inbox_read"))).toBe(true);
  second.requests.splice(0);
  const said = ({ page }: typeof first, text: string | RegExp) =>
    page.getByRole("log").locator(".line").getByText(text).waitFor();
  await first.page.getByRole("button", { name: "Claim", exact: true }).click();
  await said(first, "You claimed this");
  await said(second, "Mira Holm claimed this");
  await first.page.getByRole("button", { name: "Hand over" }).click();
  await first.page.getByRole("button", { name: "Jonas Okafor" }).click();
  await said(second, "Mira Holm handed this to you");
  await first.page.getByRole("button", { name: "Resolve" }).click();
  await said(second, "Mira Holm resolved this");
  await expect.poll(() => second.page.getByRole("status").allTextContents()).toContain(
    "Mira Holm resolved this",
  );
  expect(second.requests.filter((url) => url.includes("thread"))).toEqual([]);
  await inbox.visitorWrites("ona", id, "And in the shade?");
  await said(second, "Reopened by a message of Ona Birk");
  const line = second.page.locator(".line").first();
  expect(await line.getAttribute("title")).toMatch(/\d/);
  for (const action of ["Resolve", "Reopen", "Resolve", "Reopen", "Resolve"]) {
    await first.page.getByRole("button", { name: action }).click();
  }
  const more = second.page.getByRole("button", { name: "3 earlier changes" });
  await more.waitFor();
  expect(await violationsOn(second.page, "lines")).toEqual([]);
  await more.click();
  expect(await second.page.locator(".line").count()).toBe(9);
  await second.page.reload();
  await said(second, "Reopened by a message of Ona Birk");
});

test("claiming, resolving, reopening and snoozing go by keys alone", async () => {
  await inbox.visitorWrites("uma", null, "Is the shop open?", "Uma Reed");
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Uma Reed");
  await page.getByRole("textbox", { name: "Reply" }).press("Escape");
  await page.keyboard.press("c");
  await page.getByText("Held by Mira Holm (you)").waitFor();
  await page.keyboard.press("e");
  await page.getByRole("button", { name: "Reopen" }).waitFor();
  await page.keyboard.press("e");
  await page.getByRole("button", { name: "Resolve" }).waitFor();
  await page.keyboard.press("s");
  await page.getByRole("dialog", { name: "Snooze" }).waitFor();
  expect(await violationsOn(page, "snooze")).toEqual([]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByText("Snoozed until").waitFor();
  await page.keyboard.press("e");
  await page.keyboard.press("s");
  await page.getByLabel("Until").fill("2031-05-01T10:30");
  await page.keyboard.press("Enter");
  await page.getByText("Snoozed until May 1, 2031").waitFor();
  await page.keyboard.press("e");
  await page.getByRole("button", { name: "Resolve" }).waitFor();
});

test("the key that claims says who holds it, where it is open and in the list, and what takes it over", async () => {
  const id = await inbox.visitorWrites("vic", null, "Who has this one?", "Vic Reed");
  const { sql, agent } = inbox.stack;
  await sql`update heddle.conversations set assignee_id =
    (select user_id from heddle.members where name like 'Jonas%') where id = ${id} and agent_id = ${agent.id}`;
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  const row = page.getByRole("link", { name: "Vic Reed" });
  await row.focus();
  await page.keyboard.press("c");
  const told = page.getByRole("alert").getByText("Claimed by Jonas Okafor. “Take over” makes it yours.");
  await told.waitFor();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await open("Vic Reed");
  await page.getByRole("textbox", { name: "Reply" }).press("Escape");
  // A key that means nothing says nothing.
  await page.keyboard.press("z");
  expect(await told.count()).toBe(0);
  await page.keyboard.press("c");
  await told.waitFor();
  await page.getByRole("button", { name: "Take over" }).click();
  await page.getByText("Held by Mira Holm (you)").waitFor();
  await told.waitFor({ state: "detached" });
  await page.keyboard.press("c");
  await page.keyboard.press("r");
  await expect.poll(() =>
    page.getByRole("textbox", { name: "Reply" }).evaluate((field) => field.matches(":focus"))
  )
    .toBe(true);
  expect(await page.getByRole("alert").getByText("Claimed by").count()).toBe(0);
});

test("what can be done with a colleague's conversation stays within the window at every width", async () => {
  const id = await inbox.visitorWrites("wim", null, "On a small screen", "Wim Reed");
  const { sql } = inbox.stack;
  await sql`update heddle.conversations set assignee_id =
    (select user_id from heddle.members where name like 'Jonas%') where id = ${id}`;
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Wim Reed");
  for (const width of [320, 360, 390, 680, 699, 700, 720, 740, 760, 900, 1100]) {
    await page.setViewportSize({ width, height: 800 });
    const ends = await page.locator(".tools .tool").evaluateAll((tools) =>
      tools.map((tool) => tool.getBoundingClientRect().right)
    );
    expect(ends).toHaveLength(4);
    expect(Math.max(...ends), `at ${width}`).toBeLessThanOrEqual(width);
  }
});

test("while a colleague writes in the same conversation the reply says so, until the message or six seconds later", async () => {
  const id = await inbox.visitorWrites("eli", null, "Do ferns like coffee?", "Eli Voss");
  const [first, second] = [await inbox.visit(), await inbox.visit()];
  await first.signIn(mira());
  await second.signIn(jonas());
  for (const operator of [first, second]) await operator.open("Eli Voss");
  await expect.poll(inbox.listening).toBe(2);
  const { sql, agent } = inbox.stack;
  await sql`select heddle_api.store_typing(${agent.id}, 'eli', ${id})`;
  await second.page.getByText("Eli Voss is writing…").waitFor();
  const warning = second.page.getByText("Mira Holm is writing a reply.");
  await first.page.getByRole("textbox", { name: "Reply" }).pressSequentially("In small");
  await warning.waitFor();
  expect(await violationsOn(second.page, "collision")).toEqual([]);
  expect(await first.page.getByText("is writing a reply.").count()).toBe(0);
  await first.page.getByRole("textbox", { name: "Reply" }).fill("In small amounts.");
  await first.page.getByRole("button", { name: "Send" }).click();
  await second.page.getByRole("log").getByText("In small amounts.").waitFor();
  await warning.waitFor({ state: "hidden" });
  await second.page.getByText("Eli Voss is writing…").waitFor({ state: "hidden" });
});

test("a reply is sent, then delivered, then seen; what a visitor writes is seen only where somebody looks", async () => {
  const id = await inbox.visitorWrites("noor", null, "Can I return it?", "Noor Sand");
  const { sql, agent } = inbox.stack;
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Noor Sand");
  const seqs = async () => {
    const [row] = await sql`
      select team_read_seq as read, team_delivered_seq as delivered from heddle.conversations where id = ${id}`;
    return row;
  };
  await expect.poll(seqs).toEqual({ read: 1, delivered: 1 });
  await page.getByRole("textbox", { name: "Reply" }).fill("Within 30 days.");
  await page.keyboard.press("Enter");
  await page.getByText("Sent", { exact: true }).waitFor();
  const [{ seq }] =
    await sql`select max(seq)::int as seq from heddle.messages where conversation_id = ${id}` as unknown as [
      { seq: number },
    ];
  await sql`select heddle_api.store_read(${agent.id}, 'noor', ${id}, ${seq}, false)`;
  await page.getByText("Delivered", { exact: true }).waitFor();
  await sql`select heddle_api.store_read(${agent.id}, 'noor', ${id}, ${seq}, true)`;
  await page.getByText("Seen", { exact: true }).waitFor();

  await page.clock.install();
  await page.evaluate(() => {
    document.hasFocus = () => false;
    dispatchEvent(new Event("blur"));
  });
  await page.clock.fastForward(61_000);
  await inbox.visitorWrites("noor", id, "Thank you!");
  await page.getByRole("log").getByText("Thank you!").waitFor();
  await page.clock.fastForward(2000);
  await expect.poll(async () => (await seqs())?.delivered).toBeGreaterThan(seq);
  expect((await seqs())?.read).toBe(1);
  await page.evaluate(() => {
    document.hasFocus = () => true;
    dispatchEvent(new Event("focus"));
  });
  await expect.poll(async () => (await seqs())?.read).toBeGreaterThan(seq);
});

test("the team and visitors are here at once without being asked for, away by choice, and gone with their page", async () => {
  await inbox.visitorWrites("ora", null, "Anybody here?", "Ora Finn");
  const { sql, agent } = inbox.stack;
  // Of pages that earlier tests left.
  await sql`delete from heddle.leases`;
  const first = await inbox.visit();
  await first.signIn(mira());
  const team = first.page.getByRole("region", { name: "Team" });
  const jonasIs = (state: string) => team.getByRole("listitem").filter({ hasText: `Jonas Okafor${state}` });
  await jonasIs("not here").waitFor();
  const second = await inbox.visit();
  await second.signIn(jonas());
  await jonasIs("here").filter({ hasNotText: "not here" }).waitFor();
  await second.page.getByRole("combobox", { name: "Your availability" }).selectOption("away");
  await jonasIs("away").waitFor();
  await second.page.goto("about:blank");
  await jonasIs("not here").waitFor();

  await first.open("Ora Finn");
  first.requests.splice(0);
  await sql`select heddle.keep_visitor(${agent.id}, 'ora')`;
  await first.page.locator(".thread-header").getByText("Here now").waitFor({ state: "attached" });
  expect(first.requests.filter((url) => url.includes("inbox_present"))).toEqual([]);
  expect(await violationsOn(first.page, "presence")).toEqual([]);
});

test("a note is for the team alone, stands in the same stream, and its writer changes or deletes what is own", async () => {
  const id = await inbox.visitorWrites("zoe", null, "Can I pay later?", "Zoe Hart");
  const [first, second] = [await inbox.visit(), await inbox.visit()];
  await first.signIn(mira());
  await second.signIn(jonas());
  for (const operator of [first, second]) await operator.open("Zoe Hart");
  await expect.poll(inbox.listening).toBe(2);
  const { page } = first;
  await page.getByRole("textbox", { name: "Reply" }).fill("Let me");
  await page.getByRole("textbox", { name: "Reply" }).press("Escape");
  await page.keyboard.press("n");
  await page.getByRole("textbox", { name: "Note" }).fill("She is a regular.");
  expect(await violationsOn(page, "note")).toEqual([]);
  await page.keyboard.press("Enter");
  const note = second.page.getByRole("group", { name: "Mira Holm" });
  await note.getByText("She is a regular.").waitFor();
  await note.getByText("Internal note").waitFor();
  await page.getByRole("button", { name: "Add note" }).waitFor();
  await inbox.visitorWrites("yara", null, "Hello", "Yara Lund");
  await first.open("Yara Lund");
  expect(await page.getByRole("button", { name: "Add note" }).count()).toBe(0);
  await page.getByRole("link", { name: "Zoe Hart" }).click();
  await page.getByRole("textbox", { name: "Note" }).waitFor();
  await page.getByRole("button", { name: "Add note" }).waitFor();
  expect(await second.page.getByText("is writing a reply.").count()).toBe(0);
  expect(await inbox.stored(id)).toHaveLength(1);

  await page.getByRole("log").getByRole("button", { name: "Edit", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Changed text" }).fill("She is a good customer.");
  await page.keyboard.press("Enter");
  await note.getByText("She is a good customer.").waitFor();
  await page.getByRole("textbox", { name: "Note" }).press("Escape");
  await page.keyboard.press("r");
  const reply = page.getByRole("textbox", { name: "Reply" });
  expect(await reply.inputValue()).toBe("Let me");
  await reply.fill("Within 14 days.");
  await page.keyboard.press("Enter");
  await second.page.getByRole("log").getByText("Within 14 days.").waitFor();
  expect(await violationsOn(page, "notes")).toEqual([]);
  const own = page.getByRole("log").locator(".entry").filter({ hasText: "Within 14 days." });
  await own.getByRole("button", { name: "Delete" }).click();
  await own.getByRole("button", { name: "Delete for everybody" }).click();
  await second.page.getByRole("log").getByText("This message was deleted.").waitFor();
  expect(await second.page.getByRole("log").getByRole("button", { name: "Edit", exact: true }).count())
    .toBe(0);
});

test("a slash finds saved replies, and the chosen one is filled in", async () => {
  await inbox.visitorWrites("ben", null, "When do you open?", "Ben Rost");
  const { sql, agent } = inbox.stack;
  const body = "Hello {{visitor.name}}, we open at nine. {{agent.name}}";
  await sql`
    insert into heddle.saved_replies (agent_id, shortcut, body) values (${agent.id}, 'hours', ${body})`;
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Ben Rost");
  const reply = page.getByRole("textbox", { name: "Reply" });
  await reply.pressSequentially("/ho");
  await page.getByRole("option", { name: "/hours" }).waitFor();
  expect(await violationsOn(page, "saved_replies")).toEqual([]);
  await page.keyboard.press("Enter");
  await expect.poll(() => reply.inputValue()).toBe("Hello Ben Rost, we open at nine. Mira Holm");
});

test("a list of saved replies that is open has at once what a colleague adds, in the composer and in the settings", async () => {
  await inbox.visitorWrites("cam", null, "Do you deliver?", "Cam Rost");
  const [first, second, third] = [await inbox.visit(), await inbox.visit(), await inbox.visit()];
  await first.signIn(mira());
  await first.open("Cam Rost");
  await first.page.getByRole("textbox", { name: "Reply" }).pressSequentially("/");
  await expect.poll(inbox.listening).toBe(1);
  for (const { page, signIn } of [second, third]) {
    await signIn(jonas());
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("link", { name: "Saved replies" }).click();
    await page.getByRole("button", { name: "Add reply" }).waitFor();
  }
  await expect.poll(inbox.listening).toBe(3);
  await second.page.getByLabel("Short name").fill("delivery");
  await second.page.getByRole("textbox", { name: "Text" }).fill("We deliver everywhere.");
  await second.page.getByRole("button", { name: "Add reply" }).click();
  await first.page.getByRole("option", { name: "/delivery" }).waitFor();
  await third.page.getByText("/delivery").waitFor();
});

test("a slash command is never sent while the saved replies are on their way, and Shift+Enter breaks the line", async () => {
  const id = await inbox.visitorWrites("kim", null, "Are you there?", "Kim Dale");
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Kim Dale");
  let proceed = () => {};
  const held = new Promise<void>((resolve) => (proceed = resolve));
  await page.route("**/inbox_replies", async (route) => {
    await held;
    await route.continue();
  });
  const reply = page.getByRole("textbox", { name: "Reply" });
  await reply.pressSequentially("/hou");
  await page.getByText("Loading saved replies…").waitFor();
  await page.keyboard.press("Enter");
  expect(await reply.inputValue()).toBe("/hou");
  proceed();
  await page.getByRole("option", { name: "/hours" }).waitFor();
  expect(await inbox.stored(id)).toHaveLength(1);
  await page.keyboard.press("Shift+Enter");
  await expect.poll(() => reply.inputValue()).toBe("/hou\n");
});

test("a correction that could not be saved stays in its field, with the reason, and after a reload, until Escape", async () => {
  await inbox.visitorWrites("lou", null, "Which pot?", "W".repeat(120));
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("W".repeat(120));
  const log = page.getByRole("log");
  const fits = () => log.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth);
  expect(await fits()).toBe(true);
  await page.getByRole("textbox", { name: "Reply" }).fill("The blew one.");
  await page.keyboard.press("Enter");
  await log.getByRole("button", { name: "Edit", exact: true }).click();
  const editor = page.getByRole("textbox", { name: "Changed text" });
  await page.route("**/inbox_edit", (route) => route.abort());
  await editor.fill("The blue one.");
  await editor.press("Enter");
  await log.getByRole("alert").waitFor();
  expect(await editor.inputValue()).toBe("The blue one.");
  expect(await violationsOn(page, "edit_refused")).toEqual([]);
  await page.unroute("**/inbox_edit");
  await page.reload();
  await expect.poll(() => editor.inputValue()).toBe("The blue one.");
  await editor.press("Escape");
  await editor.waitFor({ state: "hidden" });
  await page.reload();
  await log.getByText("The blew one.").waitFor();
  expect(await editor.count()).toBe(0);
  await log.getByRole("button", { name: "Edit", exact: true }).click();
  await editor.fill("x".repeat(10_001));
  await log.getByRole("alert").getByText("Too long by 1 characters.").waitFor();
  await editor.fill("The blue one.");
  await editor.press("Enter");
  await editor.waitFor({ state: "hidden" });
  await log.getByText("The blue one.").waitFor();
  await log.getByRole("button", { name: "Edited" }).click();
  const former = log.getByRole("list", { name: "Former texts" });
  await former.getByRole("listitem").filter({ hasText: "Until" }).getByText("The blew one.").waitFor();
  expect(await violationsOn(page, "former_texts")).toEqual([]);
  await log.getByRole("button", { name: "Edited" }).click();
  await former.waitFor({ state: "hidden" });
});
