import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keepScreenshot } from "../support/axe.ts";
import { type FakeOwner, startFakeOwner } from "../support/fake_owner.ts";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";
import type { ShopPage } from "../support/shop_page.ts";
import { useShop } from "./support/shop.ts";

const shop = useShop({ storeTab: true, bot: true });

let inbox: TestInbox;
let bot: FakeOwner;
beforeAll(async () => {
  inbox = await startInbox({ stack: shop.stack, browser: shop.browser });
  bot = await startFakeOwner();
});
afterAll(async () => {
  await bot?.stop();
  await inbox?.stop();
});

/** From now on the agent's bot says what the test has it say. */
async function takeOverBot(): Promise<{ say(text: string): void; end(): void }> {
  let response: ServerResponse | null = null;
  const early: string[] = [];
  const write = (delta: string) => void response?.write(`data: ${JSON.stringify({ delta })}\n\n`);
  bot.answer((_, opened) => {
    response = opened.writeHead(200, { "content-type": "text/event-stream" });
    for (const text of early.splice(0)) write(text);
  });
  await shop.stack.sql`update heddle.bots set url = ${bot.url}`;
  return {
    say: (text) => response ? write(text) : void early.push(text),
    end: () => void response?.end(),
  };
}

async function ask(body: string): Promise<{ page: ShopPage; name: string }> {
  const shopper = await shop.newShopper();
  const page = await shop.visit(shopper);
  await page.openChat();
  await page.tab("Chat with us").click();
  await page.panel.getByRole("button", { name: "Start a conversation" }).click();
  await page.send(body);
  return { page, name: shopper.name };
}

async function operatorAt(name: string | null) {
  const operator = await inbox.visit();
  await operator.signIn(inbox.operators[0] ?? { email: "", password: "" });
  if (name) await operator.open(name);
  return operator;
}

it("grows in the widget and in the inbox, also for who comes in between, and is read out once", async () => {
  const { say, end } = await takeOverBot();
  const { page, name } = await ask("Which fern is hardy?");
  await expect.poll(() => bot.requests.length).toBe(1);
  say("The royal fern ");
  await page.message("The royal fern").waitFor();
  await page.panel.getByRole("button", { name: "Stop" }).waitFor();
  const operator = await operatorAt(name);
  await operator.page.getByText("The royal fern", { exact: true }).waitFor();
  say("is, down to -30 °C, ");
  await page.message("The royal fern is, down to -30 °C,").waitFor();
  await operator.page.getByText("The royal fern is, down to -30 °C,", { exact: true }).waitFor();
  await operator.page.getByRole("button", { name: "Stop" }).waitFor();
  await keepScreenshot(page.page, "widget/streaming");
  expect(await violationsOn(operator.page, "streaming")).toEqual([]);
  // Nothing is read out while it grows.
  expect(await page.panel.locator("[aria-live=polite]").allTextContents()).toEqual([""]);
  say("and likes wet feet.");
  end();
  const whole = "The royal fern is, down to -30 °C, and likes wet feet.";
  await expect.poll(() => page.panel.locator("[aria-live=polite]").allTextContents()).toEqual([
    `Moss: ${whole}`,
  ]);
  for (const place of [page.panel, operator.page]) {
    await place.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
    await place.getByText(whole, { exact: true }).first().waitFor();
  }
  expect(page.complaints).toEqual([]);
});

it("is read as Markdown, and what somebody has selected stays selected while it grows", async () => {
  const { say, end } = await takeOverBot();
  const { page, name } = await ask("Which ferns do you have?");
  say("We have **two** ferns");
  await page.message("We have two ferns").waitFor();
  const operator = await operatorAt(name);
  const places = [page.thread, operator.page.getByRole("log")];
  for (const place of places) {
    await place.locator("strong", { hasText: "two" }).waitFor();
    await place.locator(".markdown").evaluate((text) => {
      getSelection()?.setBaseAndExtent(text, 0, text.querySelector("p")?.lastChild as Node, " ferns".length);
    });
  }
  say(", both hardy:\n\n- Boston\n- [Royal](https://shop.example/royal)\n\n<b>Bye</b>");
  end();
  for (const place of places) {
    await place.getByText("<b>Bye</b>").waitFor();
    expect(await place.getByRole("listitem").allTextContents()).toEqual(["Boston", "Royal"]);
    expect(await place.getByRole("link", { name: "Royal" }).getAttribute("rel")).toBe("noopener nofollow");
    const selected = await place.locator(".markdown").evaluate((text) => {
      const root = text.getRootNode() as Document & { getSelection?(): Selection | null };
      return (root.getSelection?.() ?? getSelection())?.toString();
    });
    expect(selected).toBe("We have two ferns");
  }
  await keepScreenshot(page.page, "widget/markdown");
  await keepScreenshot(operator.page, "inbox/markdown");
  expect(await violationsOn(operator.page, "markdown")).toEqual([]);
});

it("stays out of the way of who reads above it, and follows for who is at the end", async () => {
  const { say, end } = await takeOverBot();
  const { page } = await ask(Array.from({ length: 60 }, (_, line) => `Line ${line}`).join("\n"));
  await expect.poll(() => bot.requests.length).toBeGreaterThan(0);
  say("It begins. ");
  await page.message("It begins.").waitFor();
  const scroller = page.panel.getByRole("log");
  const place = () =>
    scroller.evaluate(({ scrollTop, scrollHeight, clientHeight }) => ({
      top: Math.round(scrollTop),
      left: Math.round(scrollHeight - scrollTop - clientHeight),
    }));
  for (let line = 0; line < 10; line++) {
    say(`Sentence ${line} of an answer that needs some room to be read. `);
  }
  await expect.poll(() => page.thread.textContent()).toContain("Sentence 9");
  expect((await place()).left).toBeLessThanOrEqual(24);
  await scroller.evaluate((element) => element.scrollTo({ top: 100 }));
  await expect.poll(place).toMatchObject({ top: 100 });
  for (let line = 10; line < 20; line++) {
    say(`Sentence ${line} of an answer that needs some room to be read. `);
  }
  await expect.poll(() => page.thread.textContent()).toContain("Sentence 19");
  end();
  await page.panel.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
  expect((await place()).top).toBe(100);
});

it("is stopped by the visitor, and by an operator", async () => {
  const operator = await operatorAt(null);
  for (const who of ["visitor", "operator"]) {
    const { say } = await takeOverBot();
    const { page, name } = await ask(`Talk to the ${who}`);
    // Meanwhile nobody signs in: a bot that says nothing for half a minute has failed.
    say("Well, ");
    await page.message("Well,").waitFor();
    await operator.open(name);
    const place = who === "visitor" ? page.panel : operator.page;
    await place.getByRole("button", { name: "Stop" }).click();
    for (const each of [page.panel, operator.page]) {
      await each.getByText("Stopped", { exact: true }).waitFor();
    }
  }
});

it("hands over: inboxes show at once that a person is wanted, and the first to claim answers", async () => {
  await shop.stack.sql`update heddle.bots set url = ${`${shop.stack.shopUrl}/heddle/bot`}`;
  const { page, name } = await ask("Which plants do you have?");
  await page.thread.getByText(/We have Boston fern .*ship in two days\.$/).waitFor();
  const operator = await operatorAt(name);
  await page.send("I would like to talk to a person");
  await page.message("Of course. I have asked my colleagues to come.").waitFor();
  await operator.page.getByRole("main").getByText(/^Moss passed this on to a person, /).waitFor();
  await keepScreenshot(operator.page, "inbox/handed_over");
  await operator.page.getByRole("button", { name: "Claim", exact: true }).click();
  await operator.page.getByText("Held by Mira Holm (you)").waitFor();
  await page.send("Hello?");
  await operator.page.getByRole("log").getByText("Hello?", { exact: true }).waitFor();
  await operator.page.getByRole("textbox", { name: "Reply" }).fill("I am here.");
  await operator.page.keyboard.press("Enter");
  await page.message("I am here.").waitFor();
  expect((await page.messages()).slice(-2)).toEqual(["Hello?", "I am here."]);
});
