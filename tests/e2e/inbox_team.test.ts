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
  await second.page.getByRole("button", claim).click();
  await second.page.getByText("Held by Jonas Okafor (you)").waitFor();
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
  await first.page.getByText("You hold no conversation.").waitFor();
  await second.page.getByRole("button", { name: "Reopen" }).click();
  await first.page.getByRole("link", { name: "Ida Moss" }).waitFor();
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
