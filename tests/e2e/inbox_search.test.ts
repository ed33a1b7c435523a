import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";

let inbox: TestInbox;
beforeAll(async () => {
  inbox = await startInbox();
  const { sql, agent } = inbox.stack;
  await sql`insert into heddle.labels (agent_id, name, color) values (${agent.id}, 'VIP', '#b3261e')`;
});
afterAll(() => inbox?.stop());

const mira = () => inbox.operators[0] ?? { email: "", password: "" };
const search = (page: Page) => page.getByRole("searchbox", { name: "Search messages and people" });

/** Whether nothing of it is cut off by its row. */
const isSeenWhole = (found: Locator) =>
  found.evaluate((mark) => {
    const { left, right, width } = mark.getBoundingClientRect();
    const row = mark.closest(".row-preview")?.getBoundingClientRect();
    return row !== undefined && width > 0 && left >= row.left - 1 && right <= row.right + 1;
  });

/** Where no field has the focus. */
const leaveFields = (page: Page) => page.locator("body").click({ position: { x: 5, y: 500 } });

test("search finds a message far back and opens the conversation at it, and Back leads to the results", async () => {
  const id = await inbox.visitorWrites(
    "ada",
    null,
    "It was well packed, yet the sansevieria arrived broken",
    "Ada Park",
  );
  const { sql, agent } = inbox.stack;
  await sql`select heddle_api.store_post(${agent.id}, 'ada', ${id}, gen_random_uuid(), 'Line ' || n)
    from generate_series(2, 170) n`;
  await inbox.visitorWrites("bo", null, "My palm is fine", "Bo Lind");
  const { page, signIn } = await inbox.visit();
  await signIn(mira());
  await page.getByRole("link", { name: "Ada Park" }).waitFor();
  await page.keyboard.press("/");
  await search(page).pressSequentially("broken sansev");
  await page.getByText("1 result").waitFor();
  expect(await page.locator("mark").allTextContents()).toEqual(["sansev", "broken"]);
  expect(await violationsOn(page, "search")).toEqual([]);
  for (const width of [390, 700, 900, 1110, 1360]) {
    await page.setViewportSize({ width, height: 800 });
    expect([width, await isSeenWhole(page.locator("mark").first())]).toEqual([width, true]);
  }
  await search(page).focus();
  await page.keyboard.press("Enter");
  const message = page.locator("[data-found]", { hasText: "arrived broken" });
  await message.waitFor();
  await expect.poll(() =>
    message.evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    })
  ).toBe(true);
  expect(page.url()).toMatch(new RegExp(`${id}/1\\?q=`));
  await page.goBack();
  await page.getByText("Choose a conversation to read it.").waitFor();
  expect(await search(page).inputValue()).toBe("broken sansev");
});

test("people are found by a part of their name, operators narrow, and what is not there is said", async () => {
  await inbox.visitorWrites("cleo", null, "Is it in stock?", "Cleo Quist");
  const done = await inbox.visitorWrites("cleo", null, "Thank you", "Cleo Quist");
  const { sql } = inbox.stack;
  await sql`update heddle.conversations set status = 'resolved' where id = ${done}`;
  const { page, signIn } = await inbox.visit();
  await signIn(mira());
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("what somebody wrote").waitFor();
  expect(await violationsOn(page, "search_hint")).toEqual([]);
  await search(page).fill("uist");
  await page.getByText("2 results").waitFor();
  await search(page).fill("uist is:resolved");
  await page.getByText("1 result").waitFor();
  await page.getByRole("link", { name: "Cleo Quist" }).getByText("Thank you").waitFor();
  await search(page).fill("nothing of the kind");
  await page.getByText("Nothing was found for “nothing of the kind”.").waitFor();
  await page.getByText("Try fewer words").waitFor();
  await search(page).fill("uist is:snoozed");
  await page.getByText("Try without is:snoozed").waitFor();
  await search(page).fill("is:opne parcel");
  await page.getByText("There is no filter is:opne. Filters are from:, label: and is: with open, snoozed")
    .waitFor();
  await search(page).fill("status:open");
  await page.getByText("There is no filter status:.").waitFor();
  await search(page).fill("is:snoozed");
  await page.getByText("No conversation is like that now.").waitFor();
  await search(page).fill("is:snoozed is:waiting");
  await page.getByText("Try fewer filters: a conversation has to fit all of is:snoozed is:waiting.")
    .waitFor();
  await search(page).fill("from:nobody");
  await page.getByText("Try fewer words").waitFor();
  await page.getByRole("button", { name: "Close search" }).click();
  await page.getByRole("heading", { name: "All open" }).waitFor();
});

test("a note is found, marked as one, and opens where it stands", async () => {
  const id = await inbox.visitorWrites("nora", null, "Where is it?", "Nora Dean");
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Nora Dean");
  await leaveFields(page);
  await page.keyboard.press("n");
  await page.getByRole("textbox", { name: "Note" }).fill("The courier lost the pelargonium");
  await page.getByRole("button", { name: "Add note" }).click();
  await page.getByRole("log").getByText("lost the pelargonium").waitFor();
  await page.keyboard.press("Escape");
  await leaveFields(page);
  await page.keyboard.press("/");
  await search(page).fill("courier PELARG");
  const hit = page.locator(".hits").getByRole("link", { name: "Nora Dean" });
  await hit.getByText("Note", { exact: true }).waitFor();
  expect(await violationsOn(page, "search_note")).toEqual([]);
  await hit.click();
  await page.locator("[data-found]", { hasText: "lost the pelargonium" }).waitFor();
  expect(page.url()).toMatch(new RegExp(`${id}/note-\\d+\\?q=`));
});

test("a search that fails says so, and is repeated on request", async () => {
  const { page, signIn } = await inbox.visit();
  await signIn(mira());
  await page.getByRole("heading", { name: "All open" }).waitFor();
  await page.route("**/inbox_search", (route) => route.fulfill({ status: 500, body: "{}" }));
  await page.keyboard.press("/");
  await search(page).fill("palm");
  await page.getByText("Something went wrong.").waitFor();
  await page.unroute("**/inbox_search");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText(/\d results?$/).waitFor();
});

test("the palette does what its names say, by keyboard alone", async () => {
  await inbox.visitorWrites("ed", null, "Is this palm poisonous?", "Ed Moss");
  const id = await inbox.visitorWrites("dan", null, "I need a hand", "Dan Ives");
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Dan Ives");
  const palette = page.getByRole("dialog", { name: "Commands" });
  await page.keyboard.press("Control+k");
  await palette.getByRole("option", { name: "Claim" }).waitFor();
  expect(await violationsOn(page, "palette")).toEqual([]);
  await page.keyboard.type("claim");
  await page.keyboard.press("Enter");
  await palette.waitFor({ state: "hidden" });
  const holder = async () =>
    (await inbox.stack.sql`select assignee_id from heddle.conversations where id = ${id}`)[0]?.assignee_id;
  await expect.poll(holder).not.toBeNull();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("add vip");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Dan Ives" }).getByText("Labels: VIP").waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("hand jonas");
  await page.keyboard.press("Enter");
  await expect.poll(holder).toBe(
    (await inbox.stack.sql`
    select user_id from heddle.members where name like 'Jonas%'`)[0]?.user_id,
  );
  await page.keyboard.press("Control+k");
  await palette.getByRole("option", { name: "Take over" }).waitFor();
  await page.keyboard.type("hand mira");
  expect(await palette.getByRole("option", { name: /Hand over/ }).count()).toBe(0);
  await page.keyboard.press("Escape");
  await palette.waitFor({ state: "hidden" });
  await page.keyboard.press("Control+k");
  await page.keyboard.type("be away");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.getByRole("combobox", { name: "Your availability" }).inputValue()).toBe(
    "away",
  );
  await page.keyboard.press("Meta+k");
  await page.keyboard.type("resolved");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Resolved" }).waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("palm tree");
  await palette.getByRole("option", { name: "Search for “palm tree”" }).waitFor();
  await page.keyboard.press("Escape");
  await palette.waitFor({ state: "hidden" });
  await page.keyboard.press("Control+k");
  await page.keyboard.type("poisonous");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Ed Moss" }).waitFor();
});

test("? shows the keys, and is a character in a field", async () => {
  await inbox.visitorWrites("eva", null, "Which keys?", "Eva Lund");
  const { page, signIn, open } = await inbox.visit();
  await signIn(mira());
  await open("Eva Lund");
  await page.keyboard.press("r");
  await page.keyboard.type("/?");
  expect(await page.getByRole("textbox", { name: "Reply" }).inputValue()).toBe("/?");
  await leaveFields(page);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).getByText("resolve or reopen").waitFor();
  expect(await violationsOn(page, "keys")).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
});
