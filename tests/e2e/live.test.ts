import { describe, expect, it } from "vitest";
import { curl } from "../support/curl.ts";
import { eventually } from "../support/shop_page.ts";
import { longConversation, useShop } from "./support/shop.ts";

const shop = useShop();
const SUBJECT = "Is it too dark here?";

describe("a message that the shop's backend wrote", () => {
  it("changes the badge of a closed widget without anything being touched", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper);
    const page = await shop.visitLive(shopper);
    await page.launcher(1).waitFor();

    await shop.write(id, "Have you had a look at its roots?");
    const { status } = await curl(
      `curl -X POST ${shop.stack.apiUrl}/functions/v1/realtime-publish \\
        -H 'x-api-key: ${shop.stack.agent.apiKey}' \\
        -H 'content-type: application/json' \\
        -d '{"endUserId":"${shopper.id}"}'`,
    );

    expect(status).toBe(200);
    await page.launcher(2).waitFor();
  });

  it("appears in the open thread as soon as the operator has sent it", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper);
    const page = await shop.visit(shopper);
    await page.openThread(SUBJECT);
    await shop.listening(shopper, id);

    const operator = await shop.newPage(null);
    await operator.page.goto(`${page.url}/operator#${id}`);
    await operator.page.getByLabel("Reply").fill("Turn it a little every week.");
    await operator.page.getByRole("button", { name: "Send" }).click();

    await page.message("Turn it a little every week.").waitFor();
    expect(await page.messages()).toEqual([
      "Is a north window enough for a fern?",
      "For most of them it is.",
      "Turn it a little every week.",
    ]);
  });

  it("is shown from the event that was published with it, before the thread is fetched", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper);
    const page = await shop.visit(shopper);
    await page.openThread(SUBJECT);
    await shop.listening(shopper, id);
    const publish = (type: string, data: object) =>
      shop.publish({ conversationId: id, event: { type, data } });

    await publish("typing", { name: "Ines" });
    await page.panel.getByText("Ines is writing…").waitFor();

    let release = () => {};
    const held = new Promise<void>((resolve) => release = resolve);
    await page.page.route("**/functions/v1/tab-action", async (route) => {
      await held;
      await route.continue();
    });
    const text = "Mist its leaves as well.";
    const createdAt = new Date().toISOString();
    await publish("message:new", { message: { id: "not-stored", text, role: "AGENT", createdAt } });
    await page.message(text).waitFor();
    await page.panel.getByText("Ines is writing…").waitFor({ state: "detached" });

    await shop.write(id, "As the shop has stored it.");
    release();
    await page.message("As the shop has stored it.").waitFor();
    await page.message(text).waitFor({ state: "detached" });
  });

  it("is in the list on top, with its number, before the thread is opened", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper);
    await shop.newConversation(shopper, { subject: "Newer than the other", lines: [["visitor", "Hello"]] });
    const page = await shop.visit(shopper);
    await page.openChat();
    await page.row(SUBJECT).waitFor();
    await shop.listening(shopper);

    await shop.reply(id, "And water it less in winter.");

    await eventually(() => page.panel.getByRole("listitem").first().innerText()).toMatch(
      /And water it less in winter\.[^]*2 unread/,
    );
  });
});

describe("a message that the visitor wrote", () => {
  it("appears in the same visitor's second tab", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper);
    const page = await shop.visit(shopper);
    const second = await page.newTab();
    await page.openThread(SUBJECT);
    await second.openThread(SUBJECT);
    await shop.listening(shopper, id, 2);

    await page.send("It gets two hours of sun.");

    await second.message("It gets two hours of sun.").waitFor();
    expect(await second.messages()).toEqual(await page.messages());
  });

  it("is on the operator's page at once", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper);
    const operator = await shop.newPage(null);
    await operator.page.goto(`${shop.stack.shopUrl}/operator#${id}`);
    await operator.page.getByRole("heading", { name: SUBJECT }).waitFor();
    const page = await shop.visit(shopper);
    await page.openThread(SUBJECT);

    await page.send("It gets two hours of sun.");

    await operator.page.getByRole("log").getByText("It gets two hours of sun.").waitFor();
    await page.panel.getByText("Seen").waitFor();
  });
});

describe("what is unread", () => {
  it("is counted on launcher, title, tab and row, and gone once the thread is read", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper);
    await shop.write(id, "And how humid is the room?");
    const page = await shop.visit(shopper);
    await page.launcher(2).waitFor();
    await eventually(() => page.page.title()).toMatch(/^\(2\) Fern & Fable/);

    await page.openChat();
    await page.tab("Messages").getByText("2 unread").waitFor();
    await page.row(SUBJECT).getByText("2 unread").waitFor();

    await page.row(SUBJECT).click();
    await eventually(() => page.page.title()).toMatch(/^Fern & Fable/);
    await page.button("Back").click();
    await page.row(SUBJECT).waitFor();
    expect(await page.panel.getByText("unread").count()).toBe(0);
    expect(await shop.unread(id)).toBe(0);
    await page.panel.press("Escape");
    await page.launcher().waitFor();
  });

  it("is in a title that the page empties, and the page goes on", async () => {
    const shopper = await shop.newShopper();
    await shop.newConversation(shopper);
    const page = await shop.visit(shopper);
    await page.launcher(1).waitFor();
    await eventually(() => page.page.title()).toMatch(/^\(1\) Fern/);
    for (const title of ["", " Ferns \n on sale "]) {
      await page.page.evaluate((text) => document.title = text, title);
      const trimmed = title.trim().replace(/\s+/g, " ");
      await eventually(() => page.page.title()).toBe(`(1) ${trimmed}`.trim());
    }
  });

  it("stays while the reader is further up, until they go to the latest message", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper, longConversation);
    const page = await shop.visit(shopper);
    await page.openThread(SUBJECT);
    await shop.listening(shopper, id);
    await page.thread.hover();
    await page.page.mouse.wheel(0, -200);
    await page.button("Jump to newest").waitFor();
    // By now the receipt of what was there: its answer knows of nothing later.
    await eventually(() => shop.unread(id)).toBe(0);

    await shop.reply(id, "One more thing.");

    const news = page.button("1 new message");
    await news.waitFor();
    await eventually(() => page.page.title()).toMatch(/^\(1\)/);
    expect(await shop.unread(id)).toBe(1);

    await news.click();
    await eventually(() => page.page.title()).toMatch(/^Fern/);
    expect(await shop.unread(id)).toBe(0);
  });

  it("stays while the browser tab is hidden, until it is looked at", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper, { lines: [["visitor", "Hello?"]] });
    const page = await shop.visit(shopper);
    await page.openThread(SUBJECT);
    await shop.listening(shopper, id);
    await page.setVisible(false);

    await shop.reply(id, "Good morning!");

    await eventually(() => page.page.title()).toMatch(/^\(1\)/);
    await page.message("Good morning!").waitFor();
    expect(await shop.unread(id)).toBe(1);

    await page.setVisible(true);
    await eventually(() => page.page.title()).toMatch(/^Fern/);
    expect(await shop.unread(id)).toBe(0);
  });

  it("stays while the panel is closed over an open thread, until it is opened again", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper, { lines: [["visitor", "Hello?"]] });
    const page = await shop.visit(shopper);
    await page.openThread(SUBJECT);
    await shop.listening(shopper, id);
    await page.panel.press("Escape");

    await page.passTimeUntil(async () => (await shop.topicsOf(shopper)).length > 0);
    await shop.reply(id, "Good morning!");

    await page.launcher(1).waitFor();
    expect(await shop.unread(id)).toBe(1);
    await page.openChat();
    await page.message("Good morning!").waitFor();
    await eventually(() => page.page.title()).toMatch(/^Fern/);
  });
});

describe("requests to the functions", () => {
  it("are, for a message that is read at once: the list, the thread and a receipt", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper, { lines: [["visitor", "Hello?"]] });
    const page = await shop.visit(shopper);
    await page.openThread(SUBJECT);
    await shop.listening(shopper, id);
    await page.isQuiet();
    const before = page.requests.length;

    await shop.reply(id, "For most of them.");
    await page.message("For most of them.").waitFor();
    await eventually(() => shop.unread(id)).toBe(0);
    await eventually(() => page.calls("tab-fetch", before)).toHaveLength(1);
    await page.isQuiet();

    expect(page.calls("any", before).toSorted()).toEqual(["item_clicked", "tab-fetch", "update_item"]);
  });

  it("are, for the badge of a closed widget, one list each", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper);
    const page = await shop.visitLive(shopper);
    const before = page.requests.length;

    await shop.reply(id, "For most of them.");
    await page.launcher(2).waitFor();
    await page.isQuiet();

    expect(page.calls("any", before)).toEqual(["tab-fetch"]);
  });

  it("are, for an own message: itself, the list and the thread", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper, { lines: [["visitor", "Hello?"]] });
    const page = await shop.visit(shopper);
    await page.openThread(SUBJECT);
    await shop.listening(shopper, id);
    await page.isQuiet();
    const before = page.requests.length;

    await page.send("Anybody there?");
    await page.panel.getByText("Sent", { exact: true }).waitFor();
    await eventually(() => page.calls("any", before)).toHaveLength(3);
    await page.isQuiet();

    expect(page.calls("any", before).toSorted()).toEqual(["create_item", "item_clicked", "tab-fetch"]);
  });
});
