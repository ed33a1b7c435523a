import { describe, expect, it } from "vitest";
import { eventually, type ShopPage } from "../support/shop_page.ts";
import { useShop } from "./support/shop.ts";

const shop = useShop();

/** The shop for somebody who has signed out: it embeds the script tag without saying who the visitor is. */
async function anonymousPage(): Promise<ShopPage> {
  const page = await shop.newPage(null);
  await page.page.context().addCookies([{ name: "shop_session", value: "none", url: shop.stack.shopUrl }]);
  await page.load();
  await page.launcher().waitFor();
  return page;
}

function stored(page: ShopPage): Promise<Record<string, string>> {
  return page.page.evaluate(() => ({ ...sessionStorage, ...localStorage }));
}

const tokenOf = async (page: ShopPage) => (await stored(page))[`heddle:${shop.stack.agent.id}:visitor`];

/** Writes the first message of a conversation, and answers who wrote it. */
async function write(page: ShopPage, body: string): Promise<{ conversationId: string; visitorId: string }> {
  await page.openChat();
  await page.panel.getByRole("button", { name: /^(Start a|New) conversation$/ }).click();
  await page.send(body);
  await page.panel.getByText("Sent", { exact: true }).waitFor();
  const [row] = await shop.sql<{ id: string; visitorId: string }[]>`
    select c.id, c.visitor_id as "visitorId" from conversations c join messages m on m.conversation_id = c.id
    where m.body = ${body}`;
  return { conversationId: row?.id ?? "", visitorId: row?.visitorId ?? "" };
}

describe("an anonymous visitor", () => {
  it("who never opens the widget is neither asked for nor kept", async () => {
    const page = await anonymousPage();
    await page.passTime(60_000);

    expect(page.calls()).toEqual([]);
    expect(page.requests.filter((request) => request.url().includes("/assets/"))).toEqual([]);
    expect(await stored(page)).toEqual({});
  });

  it("writes, comes back, and finds the answer on the badge and live in the thread", async () => {
    const page = await anonymousPage();
    const { conversationId, visitorId } = await write(page, "Do you ship bulbs?");
    expect(visitorId).toMatch(/^anon_[0-9a-f]{32}$/);
    await page.heddle("close");
    await page.page.goto("about:blank");
    await shop.reply(conversationId, "We do, in autumn.");

    await page.load();
    await page.launcher(1).waitFor();
    await page.openThread("Do you ship bulbs?");
    await page.message("We do, in autumn.").waitFor();
    await shop.listening({ id: visitorId, name: "" }, conversationId);
    await shop.reply(conversationId, "And tubers in spring.");
    await page.message("And tubers in spring.").waitFor();
  });

  it("who opens the chat in two tabs at once is one visitor in both", async () => {
    const first = await anonymousPage();
    const second = await first.newTab();
    const held = await first.hold("validate-widget");

    const writing = [write(first, "Do roses grow here?")];
    await held.arrived;
    writing.push(write(second, "And dahlias?"));
    await eventually(() => second.requests.some((request) => request.url().includes("/assets/ui"))).toBe(
      true,
    );
    await held.release();

    const visitors = await Promise.all(writing);
    expect(visitors[0]?.visitorId).toBe(visitors[1]?.visitorId);
  });

  it("goes live with a closed widget on a later visit", async () => {
    const page = await anonymousPage();
    const { conversationId, visitorId } = await write(page, "Is the fern back?");
    await page.heddle("close");
    await page.load();
    await page.passTimeUntil(async () => (await shop.topicsOf({ id: visitorId, name: "" })).length === 1);

    await shop.reply(conversationId, "Since this morning.");

    await page.launcher(1).waitFor();
  });

  it.each(["logout", "shutdown"])(
    "is forgotten after heddle(%j), and the next one there is a stranger",
    async (command) => {
      const page = await anonymousPage();
      const question = `Is anybody there, before ${command}?`;
      const { visitorId } = await write(page, question);
      const token = await tokenOf(page);
      expect(token).toMatch(/^[\w-]{52}$/);

      await page.heddle(command);
      expect(JSON.stringify(await stored(page))).not.toMatch(new RegExp(`${token}|${visitorId}`));

      await page.load();
      await page.openChat();
      await eventually(() => tokenOf(page)).toMatch(/^[\w-]{52}$/);
      expect(await tokenOf(page)).not.toBe(token);
      await page.isQuiet();
      expect(await page.row(question).count()).toBe(0);
    },
  );

  it("who is identified keeps nothing of before on the screen, and of an owner's tab nothing comes along", async () => {
    const shopper = await shop.newShopper();
    const page = await anonymousPage();
    const { visitorId } = await write(page, "May I stay unknown?");
    const known = await shop.visit(shopper);
    const userToken = await known.page.evaluate(() =>
      document.querySelector<HTMLScriptElement>("script[data-agent]")?.dataset.userToken
    );

    await page.heddle("identify", userToken);

    await eventually(() => page.calls("validate-widget").length).toBe(2);
    await page.isQuiet();
    expect(await page.row("May I stay unknown?").count()).toBe(0);
    const rows = await shop
      .sql`select visitor_id from conversations where visitor_id in (${visitorId}, ${shopper.id})`;
    expect(rows.map((row) => row.visitor_id)).toEqual([visitorId]);
  });
});
