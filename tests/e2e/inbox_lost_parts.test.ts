import { afterAll, beforeAll, expect, test } from "vitest";
import { startInbox, type TestInbox } from "../support/inbox.ts";

let inbox: TestInbox;
beforeAll(async () => {
  inbox = await startInbox();
});
afterAll(() => inbox?.stop());

const operator = () => inbox.operators[0] ?? { email: "", password: "" };

test("a part that does not load says so over the rest, Escape closes that, and it is asked for again", async () => {
  const { page, signIn } = await inbox.visit();
  await page.route("**/assets/centre-*.js*", (route) => route.fulfill({ status: 404 }));
  await signIn(operator());
  const bell = page.getByRole("button", { name: /^Notifications/ });
  await bell.click();
  const note = page.getByText("This part could not be loaded.");
  await note.waitFor();
  const [below, above] = [await note.boundingBox(), await bell.boundingBox()];
  expect(below?.y ?? 0).toBeGreaterThan((above?.y ?? 0) + (above?.height ?? 0));
  await page.keyboard.press("Escape");
  expect(await note.isVisible()).toBe(false);
  await bell.click();
  await note.waitFor();
  await page.unroute("**/assets/centre-*.js*");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("dialog", { name: "Notifications" }).waitFor();
});

test("without the part that acts on a selection rows and header are as they were, and no key acts on one row instead", async () => {
  const { sql, agent } = inbox.stack;
  await sql`delete from heddle.conversations where agent_id = ${agent.id}`;
  await inbox.visitorWrites("ada", null, "One", "Ada Park");
  const { page, signIn } = await inbox.visit();
  await page.route("**/assets/bar-*.js*", (route) => route.fulfill({ status: 404 }));
  await signIn(operator());
  const row = page.getByRole("link", { name: "Ada Park" });
  await row.focus();
  await page.keyboard.press("x");
  const note = page.getByText("This part could not be loaded.");
  await note.waitFor();
  await row.focus();
  await page.keyboard.press("e");
  await page.getByRole("button", { name: "Dismiss" }).click();
  await note.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "New room" }).waitFor();
  expect(await page.getByRole("checkbox", { checked: true }).count()).toBe(0);
  await row.focus();
  await page.keyboard.press("c");
  await row.getByText("Held by Mira Holm").waitFor();
  await page.unroute("**/assets/bar-*.js*");
  await page.keyboard.press("x");
  await page.getByRole("group", { name: "Selection" }).waitFor();
  expect(await sql`select status::text from heddle.conversations where agent_id = ${agent.id}`)
    .toEqual([{ status: "open" }]);
});

test("what tells what was read is asked for again once there is a network", async () => {
  const { sql, agent } = inbox.stack;
  const [row] = await sql`
    select heddle_api.store_post(${agent.id}, 'ada', null, gen_random_uuid(), 'Is it hardy?', null, null, null) as answer`;
  const { page, signIn } = await inbox.visit();
  const asked: string[] = [];
  await page.route("**/assets/reading-*.js*", (route) => {
    asked.push(route.request().url());
    return asked.length === 1 ? route.abort() : route.continue();
  });
  await signIn(operator());
  await page.getByRole("link", { name: "Is it hardy?" }).click();
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  const read = () =>
    sql`select team_read_seq from heddle.conversations where id = ${row?.answer.conversationId}`;
  await page.getByRole("log", { name: "Messages" }).getByText("Is it hardy?").waitFor();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await expect.poll(async () => (await read())[0]?.team_read_seq).toBe(1);
  expect(new Set(asked).size).toBe(asked.length);
});
