import { afterAll, beforeAll, expect, test } from "vitest";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";

let inbox: TestInbox;
beforeAll(async () => {
  inbox = await startInbox();
});
afterAll(() => inbox?.stop());

/** Requests that bring what a broadcast should have brought. */
const fetches = (requests: string[]) =>
  requests.filter((url) => /inbox_(list|thread|changes|thread_changes)/.test(url));

const [mira, jonas] = [0, 1].map((index) => () => inbox.operators[index] ?? { email: "", password: "" }) as [
  () => { email: string; password: string },
  () => { email: string; password: string },
];

test("a wrong password is refused in words, and the right one still signs in and out", async () => {
  const { page, signIn } = await inbox.visit();
  await signIn({ ...mira(), password: "not this one" });
  await page.getByRole("alert").getByText("The email or the password is wrong.").waitFor();
  expect(await violationsOn(page, "sign_in")).toEqual([]);
  await signIn(mira());
  await page.getByRole("heading", { name: "All open" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "All open" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
});

test("an account without a team is told so", async () => {
  const { apiUrl, secretKey } = inbox.stack;
  const stranger = { email: "customer@example.com", password: "a customer of the shop" };
  const created = await fetch(`${apiUrl}/auth/v1/admin/users`, {
    method: "POST",
    headers: {
      "apikey": secretKey,
      "authorization": `Bearer ${secretKey}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ ...stranger, email_confirm: true }),
  });
  expect(created.status).toBe(200);
  const { page, signIn } = await inbox.visit();
  await signIn(stranger);
  await page.getByText("This account belongs to no team.").waitFor();
});

test("what a visitor writes is seen by two operators at once, and what one answers by the other and the store", async () => {
  const id = await inbox.visitorWrites("ada", null, "Is a north window enough?", "Ada Park");
  const [first, second] = [await inbox.visit(), await inbox.visit()];
  await first.signIn(mira());
  await second.signIn(jonas());
  for (const operator of [first, second]) {
    await operator.open("Ada Park");
    await operator.page.getByRole("log").getByText("Is a north window enough?").waitFor();
    await expect.poll(() => operator.requests.filter((url) => url.includes("inbox_thread"))).not.toEqual([]);
  }
  await expect.poll(inbox.listening).toBe(2);
  await first.page.waitForLoadState("networkidle");
  await second.page.waitForLoadState("networkidle");

  for (const operator of [first, second]) operator.requests.length = 0;
  await inbox.visitorWrites("ada", id, "And how often should I water it?");
  for (const { page } of [first, second]) {
    await page.getByRole("log").getByText("And how often").waitFor();
    await page.getByRole("link", { name: "Ada Park" }).getByText("And how often").waitFor();
  }
  await first.page.getByRole("textbox", { name: "Reply" }).fill("Once a week.");
  await first.page.keyboard.press("Enter");
  await first.page.getByRole("log").getByText("Once a week.").waitFor();
  await second.page.getByRole("group", { name: "Mira Holm" }).getByText("Once a week.").waitFor();
  await second.page.getByRole("textbox", { name: "Reply" }).fill("Twice in summer.");
  await second.page.getByRole("button", { name: "Send" }).click();
  await first.page.getByRole("group", { name: "Jonas Okafor" }).getByText("Twice in summer.").waitFor();
  expect(fetches([...first.requests, ...second.requests])).toEqual([]);

  expect(await inbox.stored(id)).toMatchObject([
    { role: "USER", text: "Is a north window enough?" },
    { role: "USER", text: "And how often should I water it?" },
    { role: "AGENT", text: "Once a week.", author: "Mira Holm" },
    { role: "AGENT", text: "Twice in summer.", author: "Jonas Okafor" },
  ]);
  expect(await violationsOn(first.page, "thread")).toEqual([]);
});

test("without a network a banner says so and a reply waits; both catch up when it is back", async () => {
  const id = await inbox.visitorWrites("noa", null, "Are you there?", "Noa Berg");
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Noa Berg");
  await page.getByRole("log").getByText("Are you there?").waitFor();
  await page.context().setOffline(true);
  await page.getByText("Reconnecting…").waitFor();
  await page.getByRole("textbox", { name: "Reply" }).fill("Yes, we are.");
  await page.keyboard.press("Enter");
  await page.getByText("Not sent yet: you are offline.").waitFor();
  expect(await violationsOn(page, "offline")).toEqual([]);
  await inbox.visitorWrites("noa", id, "Hello?");
  await page.context().setOffline(false);
  await page.getByRole("log").getByText("Hello?").waitFor();
  await page.getByText("Reconnecting…").waitFor({ state: "hidden" });
  await expect.poll(async () => (await inbox.stored(id)).map(({ text }) => text))
    .toEqual(["Are you there?", "Hello?", "Yes, we are."]);
});

test("what can't be loaded says so, and is loaded on request", async () => {
  await inbox.visitorWrites("eve", null, "Hello from Eve", "Eve Lund");
  const { page, signIn } = await inbox.visit();
  const refuse = { status: 500, contentType: "application/json", body: "{}" };
  await page.route("**/inbox_list", (route) => route.fulfill(refuse));
  await signIn(mira());
  await page.getByText("Something went wrong. Please try again.").waitFor();
  expect(await violationsOn(page, "failed")).toEqual([]);
  await page.unroute("**/inbox_list");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("link", { name: "Eve Lund" }).waitFor();
});

test("while the first rows are on their way their places are held", async () => {
  const { page, signIn } = await inbox.visit();
  let answer = () => {};
  const asked = new Promise<void>((resolve) => {
    void page.route("**/inbox_list", (route) => {
      answer = () => void route.continue();
      resolve();
    });
  });
  await signIn(mira());
  await asked;
  await page.getByRole("status", { name: "Loading" }).waitFor();
  expect(await violationsOn(page, "loading")).toEqual([]);
  answer();
  await page.getByRole("status", { name: "Loading" }).waitFor({ state: "hidden" });
});

test("a draft survives a reload, and a conversation has an address of its own", async () => {
  await inbox.visitorWrites("grace", null, "Where is my order?", "Grace Hill");
  const operator = await inbox.visit();
  await operator.signIn(mira());
  await operator.open("Grace Hill");
  await operator.page.getByRole("textbox", { name: "Reply" }).fill("It left yesterday and");
  await operator.page.reload();
  const field = operator.page.getByRole("textbox", { name: "Reply" });
  await expect.poll(() => field.inputValue()).toBe("It left yesterday and");
  await operator.page.goBack();
  await operator.page.getByText("Choose a conversation to read it.").waitFor();
});

test("two windows of one operator share a draft, and what one has sent is none in the other", async () => {
  const id = await inbox.visitorWrites("hana", null, "Has my parcel left?", "Hana Mori");
  const first = await inbox.visit();
  await first.signIn(mira());
  await first.page.getByRole("link", { name: "Hana Mori" }).waitFor();
  const second = await first.page.context().newPage();
  await second.goto(first.page.url());
  await second.getByRole("link", { name: "Hana Mori" }).click();
  const [own, other] = [first.page, second].map((page) => page.getByRole("textbox", { name: "Reply" }));
  await other?.pressSequentially("It has left, and");
  await first.open("Hana Mori");
  await expect.poll(() => own?.inputValue()).toBe("It has left, and");
  await other?.pressSequentially(" is with you tomorrow.");
  await expect.poll(() => own?.inputValue()).toBe("It has left, and is with you tomorrow.");

  await other?.press("Enter");
  await expect.poll(() => inbox.stored(id)).toHaveLength(2);
  await expect.poll(() => own?.inputValue()).toBe("");
  const kept = () => second.evaluate(() => localStorage.getItem("heddle.inbox.writing"));
  await expect.poll(kept).toBe(null);
  await second.reload();
  await other?.waitFor();
  expect(await other?.inputValue()).toBe("");
});

test("signing out asks where a draft would be lost", async () => {
  await inbox.visitorWrites("nils", null, "Do you ship to Norway?", "Nils Dahl");
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Nils Dahl");
  await page.getByRole("textbox", { name: "Reply" }).fill("We do, and");
  await page.getByRole("button", { name: "Sign out" }).click();
  const question = page.getByRole("dialog", { name: "Sign out" });
  await question.getByText("1 draft is not finished.").waitFor();
  expect(await violationsOn(page, "leaving")).toEqual([]);
  await question.getByRole("button", { name: "Stay" }).click();
  expect(await page.getByRole("textbox", { name: "Reply" }).inputValue()).toBe("We do, and");

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign out and discard" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  expect(await page.evaluate(() => localStorage.getItem("heddle.inbox.writing"))).toBe(null);
});

test("keys move through the list, open a conversation and lead to the reply", async () => {
  await inbox.visitorWrites("kai", null, "The last one to write", "Kai Sato");
  const { page, signIn } = await inbox.visit();
  await signIn(jonas());
  await page.getByRole("link", { name: "Kai Sato" }).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Kai Sato" }).waitFor();
  await page.keyboard.press("r");
  await page.keyboard.type("jk");
  expect(await page.getByRole("textbox", { name: "Reply" }).inputValue()).toBe("jk");
});

test("older messages load upwards, and a list of many rows keeps few in the document", async () => {
  const id = await inbox.visitorWrites("lin", null, "Line 1", "Lin Wu");
  const { sql, agent } = inbox.stack;
  await sql`select heddle_api.store_post(${agent.id}, 'lin', ${id}, gen_random_uuid(), 'Line ' || n)
    from generate_series(2, 70) n`;
  await sql`select heddle_api.store_post(${agent.id}, 'crowd ' || n, null, gen_random_uuid(), 'Hello ' || n)
    from generate_series(1, 120) n`;
  await inbox.visitorWrites("lin", id, "Line 71");
  await sql`update heddle.conversations set team_read_seq = 71, team_unread = 0 where id = ${id}`;
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Lin Wu");
  await page.getByRole("log").getByText("Line 71").waitFor();
  // Coming into view is enough.
  await page.getByRole("button", { name: "Show earlier messages" }).focus();
  await page.getByRole("log").getByText("Line 1", { exact: true }).waitFor();
  await page.locator(".list .scroll").hover();
  for (let turn = 0; turn < 12; turn++) {
    await page.mouse.wheel(0, 2000);
    await page.waitForLoadState("networkidle");
  }
  await page.getByText("Hello 1", { exact: true }).waitFor();
  expect(await page.locator(".list li").count()).toBeLessThanOrEqual(80);
});

test("a conversation opens where begins what is new, on an older page too, and no more is read than was seen", async () => {
  const id = await inbox.visitorWrites("ona", null, "Line 1", "Ona Lind");
  const { sql, agent } = inbox.stack;
  await sql`select heddle_api.store_post(${agent.id}, 'ona', ${id}, gen_random_uuid(), 'Line ' || n)
    from generate_series(2, 120) n`;
  await sql`update heddle.conversations set team_read_seq = 30, team_unread = 90 where id = ${id}`;
  const read = async () => {
    const [row] = await sql`select team_read_seq as read from heddle.conversations where id = ${id}`;
    return row?.read;
  };
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Ona Lind");
  const news = page.getByRole("button", { name: /^\d+ new messages$/ });
  await news.waitFor();
  const below = async () => Number.parseInt(await news.innerText());
  const topOf = async (text: string) =>
    (await page.getByRole("log").getByText(text, { exact: true }).boundingBox())?.y ?? NaN;
  expect(await topOf("New") - ((await page.getByRole("log").boundingBox())?.y ?? NaN)).toBeLessThan(30);
  expect(await topOf("Line 31")).toBeGreaterThan(await topOf("New"));
  await expect.poll(read).toBeGreaterThan(30);
  const seen = await read();
  expect(seen).toBeLessThan(90);
  expect(await below()).toBe(120 - seen);
  expect(await violationsOn(page, "much_new")).toEqual([]);

  await page.getByRole("log").hover();
  await page.mouse.wheel(0, 600);
  await expect.poll(read).toBeGreaterThan(seen);
  expect(await read()).toBeLessThan(120);
  await news.click();
  await expect.poll(read).toBe(120);
  await news.waitFor({ state: "detached" });
});

test("a conversation with more that is new than is loaded at once opens at the line that says so, and stays there", async () => {
  const id = await inbox.visitorWrites("ulf", null, "Line 1", "Ulf Berg");
  const { sql, agent } = inbox.stack;
  await sql`select heddle_api.store_post(${agent.id}, 'ulf', ${id}, gen_random_uuid(), 'Line ' || n)
    from generate_series(2, 400) n`;
  const { page, signIn, open, requests } = await inbox.visit();
  await signIn(mira());
  await open("Ulf Berg");
  const log = page.getByRole("log");
  const line = log.getByText("New, and more above");
  const offset = async () => ((await line.boundingBox())?.y ?? NaN) - ((await log.boundingBox())?.y ?? NaN);
  await page.getByRole("button", { name: /^\d+ new messages$/ }).waitFor();
  await page.waitForLoadState("networkidle");
  expect(await offset()).toBeGreaterThanOrEqual(0);
  expect(await offset()).toBeLessThan(30);
  const pages = () => requests.filter((path) => path.includes("inbox_thread")).length;
  expect(pages()).toBe(5);

  await log.hover();
  await page.mouse.wheel(0, -20);
  await expect.poll(pages).toBe(6);
});

test("a message that is changed after it was read is unread again, and the conversation says so and leads to it", async () => {
  const id = await inbox.visitorWrites("ria", null, "Line 1", "Ria Holt");
  await inbox.visitorWrites("sam", null, "Hello", "Sam Fox");
  const { sql, agent } = inbox.stack;
  await sql`select heddle_api.store_post(${agent.id}, 'ria', ${id}, gen_random_uuid(), 'Line ' || n)
    from generate_series(2, 90) n`;
  await sql`update heddle.conversations set team_read_seq = 90, team_unread = 0 where id = ${id}`;
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Sam Fox");
  await expect.poll(inbox.listening).toBe(1);
  await sql`select heddle_api.store_edit(${agent.id}, 'ria', ${id}, 3, 'Line 3, at another address')`;
  const row = page.getByRole("link", { name: "Ria Holt" });
  await row.getByText("1 unread").waitFor({ state: "attached" });
  await open("Ria Holt");
  await page.getByText("A message was changed since you read it.").waitFor();
  await row.getByText("1 unread").waitFor({ state: "detached" });
  expect(await violationsOn(page, "edited_since")).toEqual([]);
  await page.getByRole("link", { name: "Show", exact: true }).click();
  const message = page.locator("[data-found]", { hasText: "Line 3, at another address" });
  await message.getByRole("button", { name: "Edited since you read it" }).waitFor();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.getByText("A message was changed since you read it.").waitFor({ state: "detached" });
  await open("Sam Fox");
  await open("Ria Holt");
  expect(await page.getByText("A message was changed since you read it.").count()).toBe(0);
});

test("coming back to a conversation, or opening it at a message, reads no more than was seen", async () => {
  const id = await inbox.visitorWrites("per", null, "Line 1", "Per Holm");
  await inbox.visitorWrites("quin", null, "Hello", "Quin Fox");
  const { sql, agent } = inbox.stack;
  await sql`select heddle_api.store_post(${agent.id}, 'per', ${id}, gen_random_uuid(), 'Line ' || n)
    from generate_series(2, 160) n`;
  await sql`update heddle.conversations set team_read_seq = 30, team_unread = 130 where id = ${id}`;
  const read = async () => {
    const [row] = await sql`select team_read_seq as read from heddle.conversations where id = ${id}`;
    return row?.read;
  };
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  const openAtNew = async () => {
    await open("Per Holm");
    await page.getByRole("log").getByText("New", { exact: true }).waitFor();
  };
  await openAtNew();
  await expect.poll(read).toBeGreaterThan(30);
  const seen = await read();
  await open("Quin Fox");
  await openAtNew();
  await page.getByRole("log").hover();
  await page.mouse.wheel(0, 300);
  await expect.poll(read).toBeGreaterThan(seen);
  const further = await read();
  expect(further).toBeLessThan(100);

  await page.goto(page.url().replace(id, `${id}/140`));
  await page.locator("[data-found]", { hasText: "Line 140" }).waitFor();
  await page.getByRole("log").hover();
  await page.mouse.wheel(0, 100);
  await open("Quin Fox");
  await openAtNew();
  await expect.poll(read).toBeLessThan(further + 30);
});

test("on a phone the list and the thread take turns, and an empty view says so", async () => {
  await inbox.visitorWrites("mo", null, "From a phone", "Mo Diaz");
  const { page, signIn } = await inbox.visit({ viewport: { width: 390, height: 760 } });
  await signIn(mira());
  await page.getByRole("link", { name: "Mo Diaz" }).click();
  await page.getByRole("textbox", { name: "Reply" }).waitFor();
  expect(await page.getByRole("heading", { name: "All open" }).isVisible()).toBe(false);
  expect(await violationsOn(page, "phone_thread")).toEqual([]);
  await page.getByRole("link", { name: "Back" }).click();
  expect(await violationsOn(page, "phone_list")).toEqual([]);
  await page.getByRole("link", { name: "Snoozed" }).click();
  await page.getByText("Nothing is snoozed.").waitFor();
  expect(await violationsOn(page, "phone_empty")).toEqual([]);
});

test("a member who is removed is out at once, on an open page too", async () => {
  const { page, signIn } = await inbox.visit();
  await signIn(jonas());
  await page.getByRole("heading", { name: "All open" }).waitFor();
  await expect.poll(inbox.listening).toBe(1);
  const { sql, agent } = inbox.stack;
  await sql`
    select heddle_api.remove_member(${agent.id}, user_id) from heddle.members where email = ${jonas().email}`;
  await page.getByText("This account belongs to no team.").waitFor();
});
