import { afterEach, describe, expect, it } from "vitest";
import { en } from "../../kit/strings/en.ts";
import { eventually, type ShopPage } from "../support/shop_page.ts";
import { type Shopper, useShop } from "./support/shop.ts";

const shop = useShop();
const SUBJECT = "Is it too dark here?";
const BEFORE = ["Is a north window enough for a fern?", "For most of them it is."];

afterEach(() => pointWebhooksTo(shop.stack.shopUrl));

async function writer(): Promise<{ shopper: Shopper; id: string; page: ShopPage }> {
  const shopper = await shop.newShopper();
  const id = await shop.newConversation(shopper);
  const page = await shop.visit(shopper);
  await page.openThread(SUBJECT);
  await shop.listening(shopper, id);
  return { shopper, id, page };
}

describe("writing a message", () => {
  it("shows it at once, before the server has it, and keeps one of it when the server has", async () => {
    const { id, page } = await writer();
    const held = await page.hold("create_item");

    await page.send("It is a small fern.");
    await held.arrived;

    expect(await page.messages()).toEqual([...BEFORE, "It is a small fern."]);
    await page.panel.getByText("Sending…").waitFor();
    expect(await page.composer.inputValue()).toBe("");
    expect(await shop.stored(id)).toEqual(BEFORE);

    await held.release();
    await page.panel.getByText("Sent", { exact: true }).waitFor();
    await page.isQuiet();
    expect(await page.messages()).toEqual([...BEFORE, "It is a small fern."]);
    expect(await shop.stored(id)).toEqual([...BEFORE, "It is a small fern."]);
  });

  it("breaks the line with Shift+Enter and sends with Enter", async () => {
    const { id, page } = await writer();

    await page.composer.pressSequentially("First line");
    await page.composer.press("Shift+Enter");
    await page.composer.pressSequentially("second line");
    expect(await page.composer.inputValue()).toBe("First line\nsecond line");
    await page.composer.press("Enter");

    await eventually(() => shop.stored(id)).toEqual([...BEFORE, "First line\nsecond line"]);
  });

  it("does not send what is empty, and sends with the button what is not", async () => {
    const { id, page } = await writer();
    await page.composer.fill("  \n ");
    await page.composer.press("Enter");
    expect(await page.button("Send").isDisabled()).toBe(true);

    await page.composer.fill("  Thank you!  ");
    await page.button("Send").click();

    await eventually(() => shop.stored(id)).toEqual([...BEFORE, "Thank you!"]);
  });

  it("keeps the order in which the messages were written", async () => {
    const { id, page } = await writer();
    const held = await page.hold("create_item");
    for (const body of ["One", "Two", "Three"]) await page.send(body);
    await held.arrived;
    expect(await page.messages()).toEqual([...BEFORE, "One", "Two", "Three"]);

    await held.release();

    await eventually(() => shop.stored(id)).toEqual([...BEFORE, "One", "Two", "Three"]);
    await page.isQuiet();
    expect(await page.messages()).toEqual([...BEFORE, "One", "Two", "Three"]);
  });

  it("sends on when the thread was closed meanwhile", async () => {
    const { id, page } = await writer();
    const held = await page.hold("create_item");
    await page.send("I am in a hurry.");
    await held.arrived;
    await page.button("Back").click();
    await page.row(SUBJECT).waitFor();

    await held.release();

    await page.row(SUBJECT).getByText("You: I am in a hurry.", { exact: true }).waitFor();
    expect(await shop.stored(id)).toEqual([...BEFORE, "I am in a hurry."]);
  });
});

describe("a message that could not be sent", () => {
  it("comes back into the field with the shop's own words why it was refused", async () => {
    const { id, page } = await writer();
    const tooLong = "x".repeat(4001);
    await page.send(tooLong);

    await page.panel.getByText("A message can have up to 4000 characters. Please send it in parts.")
      .waitFor();
    expect(await page.composer.inputValue()).toBe(tooLong);
    expect(await page.messages()).toEqual(BEFORE);

    await page.send("In short: yes?");
    await page.panel.getByText("Sent", { exact: true }).waitFor();
    expect(await shop.stored(id)).toEqual([...BEFORE, "In short: yes?"]);
  });

  it("is sent by hand once the shop is back, and is there once", async () => {
    const { id, page } = await writer();
    await pointWebhooksTo("http://127.0.0.1:9");

    await page.send("Hello?");
    await page.passTimeUntil(() => page.button("Send again").isVisible());
    await page.panel.getByText(en.notConfirmed).waitFor();

    await pointWebhooksTo(shop.stack.shopUrl);
    await page.button("Send again").click();
    await page.panel.getByText("Sent", { exact: true }).waitFor();
    await page.isQuiet();
    expect(await shop.stored(id)).toEqual([...BEFORE, "Hello?"]);
    expect(await page.messages()).toEqual([...BEFORE, "Hello?"]);
  });

  it("is not doubled when the shop has it and only the answer was lost", async () => {
    const { id, page } = await writer();
    await page.send("The first, so that the widget knows that the shop is idempotent.");
    await page.panel.getByText("Sent", { exact: true }).waitFor();
    let lost = 0;
    await page.page.route("**/functions/v1/tab-action", async (route) => {
      if (lost > 0 || !route.request().postData()?.includes("create_item")) return route.fallback();
      lost++;
      await route.fetch();
      await route.abort();
    });

    await page.send("Only once.");
    await page.passTimeUntil(() => page.panel.getByText("Sent", { exact: true }).isVisible());
    await page.isQuiet();

    expect(lost).toBe(1);
    expect(await page.messages()).toEqual(await shop.stored(id));
    expect((await shop.stored(id)).filter((body) => body === "Only once.")).toHaveLength(1);
  });
});

describe("a new conversation", () => {
  it("begins with its first message and hears the answer", async () => {
    const shopper = await shop.newShopper();
    const page = await shop.visit(shopper);
    await page.openChat();
    await page.button("Start a conversation").click();
    expect(
      await page.composer.evaluate((field) => field === (field.getRootNode() as ShadowRoot).activeElement),
    )
      .toBe(true);

    await page.send("Do you sell moss?");
    await page.panel.getByText("Sent", { exact: true }).waitFor();
    const [conversation] = await shop.sql<[{ id: string }]>`
      select id from conversations where visitor_id = ${shopper.id}`;
    await shop.listening(shopper, conversation.id);
    await shop.reply(conversation.id, "We do, by the tray.");

    await page.message("We do, by the tray.").waitFor();
    await page.isQuiet();
    expect(await page.messages()).toEqual(["Do you sell moss?", "We do, by the tray."]);
    await page.button("Back").click();
    await page.row("Do you sell moss?").waitFor();
    expect(await page.panel.getByRole("listitem").count()).toBe(1);
  });

  it("is one conversation even if several messages are written before the first is through", async () => {
    const shopper = await shop.newShopper();
    await shop.newConversation(shopper);
    const page = await shop.visit(shopper);
    await page.openChat();
    await page.button("New conversation").click();
    const held = await page.hold("create_item");
    await page.send("Do you sell moss?");
    await page.send("For a terrarium.");
    await held.arrived;

    await held.release();

    await eventually(async () => {
      const rows = await shop.sql`
        select subject, body from conversations join messages on conversation_id = conversations.id
        where visitor_id = ${shopper.id} and subject <> ${SUBJECT} order by messages.id`;
      return rows.map(({ subject, body }) => [subject, body]);
    }).toEqual([["Do you sell moss?", "Do you sell moss?"], ["Do you sell moss?", "For a terrarium."]]);
    await page.isQuiet();
    expect(await page.messages()).toEqual(["Do you sell moss?", "For a terrarium."]);
  });
});

/** Where nothing listens, every call of the messaging tab fails. */
async function pointWebhooksTo(origin: string): Promise<void> {
  await shop.stack.sql.begin(async (sql) => {
    await sql`
      update heddle.tab_actions set url = ${`${origin}/heddle/messages`}
      where tab_id = ${shop.stack.tabs.messaging}`;
    await sql`update heddle.connectors set host = ${new URL(origin).host}`;
  });
}
