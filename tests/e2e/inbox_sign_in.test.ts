import { afterAll, beforeAll, expect, test } from "vitest";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";

let inbox: TestInbox;
beforeAll(async () => {
  inbox = await startInbox();
});
afterAll(() => inbox?.stop());

/** Links of the mails that were sent to an address, the newest first. */
async function linksTo(address: string): Promise<string[]> {
  const api = `${inbox.stack.mailUrl}/api/v1`;
  const list = await (await fetch(`${api}/search?query=${encodeURIComponent(`to:"${address}"`)}`)).json();
  return await Promise.all(list.messages.map(async ({ ID }: { ID: string }) => {
    const { Text } = await (await fetch(`${api}/message/${ID}`)).json();
    return /https?:\S+/.exec(Text)?.[0] ?? "";
  }));
}

test("a link in a mail signs in without a password, once", async () => {
  const { email = "" } = inbox.operators[0] ?? {};
  const { page } = await inbox.visit();
  await page.getByRole("button", { name: "Send me a link" }).click();
  expect(await page.getByLabel("Email").evaluate((field) => field === document.activeElement)).toBe(true);
  expect(await linksTo(email)).toEqual([]);
  await page.getByLabel("Email").fill(email);
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.getByText(`If ${email} belongs to a team`).waitFor();
  expect(await violationsOn(page, "sign_in_link")).toEqual([]);
  const [link = ""] = await linksTo(email);
  await page.goto(link);
  await page.getByRole("heading", { name: "All open" }).waitFor();
  expect(page.url()).not.toContain("access_token");
  await page.reload();
  await page.getByRole("heading", { name: "All open" }).waitFor();

  const second = await inbox.visit();
  await second.page.goto(link);
  await second.page.getByText("This link was used before or is too old.").waitFor();
});

test("an address without an account gets no mail, and the page does not tell", async () => {
  const { page } = await inbox.visit();
  await page.getByLabel("Email").fill("nobody@example.com");
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.getByText("If nobody@example.com belongs to a team").waitFor();
  expect(await linksTo("nobody@example.com")).toEqual([]);
});
