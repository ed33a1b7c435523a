import { afterEach, describe, expect, it } from "vitest";
import { eventually, type ShopPage } from "../support/shop_page.ts";
import { type Shopper, useShop } from "../e2e/support/shop.ts";

const shop = useShop();
const SUBJECT = "Is it too dark here?";
const BEFORE = ["Is a north window enough for a fern?", "For most of them it is."];

afterEach(() => shop.stack.realtime({ fault: "clear" }));

/** A visitor who reads an open thread, live. */
async function reader(): Promise<{ shopper: Shopper; id: string; page: ShopPage }> {
  const shopper = await shop.newShopper();
  const id = await shop.newConversation(shopper);
  const page = await shop.visit(shopper);
  await page.openThread(SUBJECT);
  await shop.listening(shopper, id);
  return { shopper, id, page };
}

/** Time passes until the channels are joined again, each once, and what had to be caught up is there. */
async function comesBack(page: ShopPage, shopper: Shopper, id: string): Promise<void> {
  await page.passTimeUntil(async () => (await shop.topicsOf(shopper, id)).length === 2);
  await page.isQuiet();
  await shop.listening(shopper, id);
}

describe("a message that was written while the connection was lost", () => {
  const faults: [string, Record<string, unknown>][] = [
    ["a dropped socket", { fault: "drop" }],
    ["a deploy of Realtime (1012)", { fault: "close", code: 1012 }],
    ["channels that the server closes", { fault: "phx_close" }],
    ["channels that crash", { fault: "phx_error" }],
  ];
  for (const [name, fault] of faults) {
    it(`is shown once after ${name}`, async () => {
      const { shopper, id, page } = await reader();

      await shop.stack.realtime({ fault: "hold_joins" });
      await shop.stack.realtime(fault);
      await eventually(() => shop.topicsOf(shopper, id)).toEqual([]);
      await shop.reply(id, "Written meanwhile.");
      await shop.stack.realtime({ fault: "release_joins" });
      await comesBack(page, shopper, id);

      await page.message("Written meanwhile.").waitFor();
      expect(await page.messages()).toEqual([...BEFORE, "Written meanwhile."]);

      await shop.reply(id, "Written afterwards.");
      await page.message("Written afterwards.").waitFor();
      expect(await page.messages()).toEqual([...BEFORE, "Written meanwhile.", "Written afterwards."]);
      expect(await page.banner.count()).toBe(0);
    });
  }

  it("is shown once after a server that answered nothing", async () => {
    const { shopper, id, page } = await reader();

    await shop.stack.realtime({ fault: "stall" });
    await shop.reply(id, "Written meanwhile.");
    await page.passTimeUntil(() => page.banner.isVisible());
    await shop.stack.realtime({ fault: "resume" });
    await comesBack(page, shopper, id);
    await page.passTimeUntil(async () => await page.banner.count() === 0);

    await page.message("Written meanwhile.").waitFor();
    expect(await page.messages()).toEqual([...BEFORE, "Written meanwhile."]);
  });

  it("is shown once after a join that was refused", async () => {
    const { shopper, id, page } = await reader();

    await shop.stack.realtime({
      fault: "refuse_joins",
      reason: "Unauthorized: You do not have permissions to read from this Channel topic: x",
    });
    await shop.stack.realtime({ fault: "drop" });
    await eventually(() => shop.topicsOf(shopper, id)).toEqual([]);
    await shop.reply(id, "Written meanwhile.");
    await page.passTimeUntil(() => page.banner.isVisible());
    await shop.stack.realtime({ fault: "clear" });
    await comesBack(page, shopper, id);
    await page.passTimeUntil(async () => await page.banner.count() === 0);

    expect(await page.messages()).toEqual([...BEFORE, "Written meanwhile."]);
  });

  it("is in the badge after the connection is back", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper);
    const page = await shop.visitLive(shopper);
    await page.launcher(1).waitFor();

    await shop.stack.realtime({ fault: "hold_joins" });
    await shop.stack.realtime({ fault: "drop" });
    await eventually(() => shop.topicsOf(shopper)).toEqual([]);
    await shop.reply(id, "Written meanwhile.");
    await shop.stack.realtime({ fault: "release_joins" });

    await page.passTimeUntil(() => page.launcher(2).isVisible());
  });
});

describe("while no connection can be had", () => {
  it("says so after three seconds, asks now and then, and stops saying so when it is back", async () => {
    const { shopper, id, page } = await reader();

    await shop.stack.realtime({ fault: "refuse_upgrades", status: 429 });
    await shop.stack.realtime({ fault: "drop" });
    await eventually(() => shop.topicsOf(shopper, id)).toEqual([]);
    await page.passTimeUntil(() => page.banner.isVisible());
    await page.isQuiet();
    const before = page.requests.length;

    await shop.reply(id, "Can you hear me?");
    await page.passTimeUntil(() => page.message("Can you hear me?").isVisible());
    await page.passTime(60_000);
    await page.isQuiet();
    expect(await page.banner.isVisible()).toBe(true);
    expect(page.calls("item_clicked", before).length).toBeLessThanOrEqual(7);

    await shop.stack.realtime({ fault: "clear" });
    await comesBack(page, shopper, id);
    await page.passTimeUntil(async () => await page.banner.count() === 0);
    expect(await page.messages()).toEqual([...BEFORE, "Can you hear me?"]);
  });

  it("asks nobody while the page is hidden, and catches up when it is seen again", async () => {
    const { shopper, id, page } = await reader();
    await shop.stack.realtime({ fault: "refuse_upgrades" });
    await shop.stack.realtime({ fault: "drop" });
    await eventually(() => shop.topicsOf(shopper, id)).toEqual([]);
    await page.passTimeUntil(() => page.banner.isVisible());
    await page.setVisible(false);
    await page.isQuiet();
    const before = page.requests.length;

    await shop.reply(id, "Are you still there?");
    await page.passTime(120_000);
    expect(page.calls("any", before)).toEqual([]);

    await page.setVisible(true);
    await page.passTimeUntil(() => page.message("Are you still there?").isVisible());
  });

  it("sends what the visitor writes all the same", async () => {
    const { shopper, id, page } = await reader();
    await shop.stack.realtime({ fault: "refuse_upgrades" });
    await shop.stack.realtime({ fault: "drop" });
    await eventually(() => shop.topicsOf(shopper, id)).toEqual([]);

    await page.send("I am still here.");
    await page.panel.getByText("Sent", { exact: true }).waitFor();

    expect(await shop.stored(id)).toEqual([...BEFORE, "I am still here."]);
    await shop.stack.realtime({ fault: "clear" });
    await comesBack(page, shopper, id);
    expect(await page.messages()).toEqual([...BEFORE, "I am still here."]);
  });
});

it("a broadcast that comes twice changes nothing", async () => {
  const { shopper, id, page } = await reader();
  await shop.write(id, "Only once.");

  await Promise.all(
    [1, 2, 3, 4, 5, 6].map(() => shop.publish({ endUserId: shopper.id, conversationId: id })),
  );
  await page.message("Only once.").waitFor();
  await page.isQuiet();

  expect(await page.messages()).toEqual([...BEFORE, "Only once."]);
});

it("a message written between the first fetch and the subscription is not missed", async () => {
  const shopper = await shop.newShopper();
  const id = await shop.newConversation(shopper);
  await shop.stack.realtime({ fault: "hold_joins" });
  const page = await shop.visit(shopper);
  await page.openThread(SUBJECT);
  await page.message("For most of them it is.").waitFor();

  await shop.reply(id, "In the gap.");
  await shop.stack.realtime({ fault: "release_joins" });

  await page.passTimeUntil(() => page.message("In the gap.").isVisible());
});

describe("a part of the widget that could not be loaded at first is loaded later", () => {
  const WITH_LINK = "It is on https://example.com/ferns.";

  /** Of the files whose address matches, the first request for each is lost. */
  async function loseOnce(page: ShopPage, files: string): Promise<void> {
    const lost = new Set<string>();
    await page.page.route(`**/assets/${files}`, (route) => {
      const { pathname } = new URL(route.request().url());
      if (lost.has(pathname) || pathname.endsWith("-2.js")) return route.fallback();
      lost.add(pathname);
      return route.abort("connectionreset");
    });
  }

  it("what refetches later pages", async () => {
    const shopper = await shop.newShopper();
    const ids: string[] = [];
    for (let number = 13; number > 0; number--) {
      ids.unshift(await shop.newConversation(shopper, { subject: `Plant ${number}` }));
    }
    const page = await shop.newPage(shopper);
    await loseOnce(page, "shared-*");
    await page.load();
    await page.openChat();
    await shop.listening(shopper);
    await page.row("Plant 10").scrollIntoViewIfNeeded();
    const row = page.row("Plant 13");
    await row.waitFor();

    await shop.sql`update messages set body = 'Corrected.' where conversation_id = ${ids[12] ?? ""}`;
    await shop.publish({ endUserId: shopper.id, conversationId: ids[12] });

    await page.passTimeUntil(() => row.getByText("Corrected.").isVisible());
  });

  it("what finds links in a text", async () => {
    const shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper, { lines: [["operator", WITH_LINK]] });
    const page = await shop.newPage(shopper);
    await loseOnce(page, "shared-*");
    await page.load();
    await page.openThread(SUBJECT);
    await page.message(WITH_LINK).waitFor();
    await shop.listening(shopper, id);

    await shop.reply(id, WITH_LINK);

    await page.thread.getByRole("link").last().waitFor();
  });

  it("the detail of a record", async () => {
    const shopper = await shop.newShopper();
    await shop.sql`
      insert into orders (id, visitor_id, placed_at, status, contents, total_cents)
      values (${`${shopper.id}-1`}, ${shopper.id}, now(), 'delivered', 'Boston fern', 100)`;
    const page = await shop.newPage(shopper);
    await loseOnce(page, "shared-*");
    await page.load();
    await page.openChat();
    await page.tab("Orders").click();
    await page.row("Boston fern").click();

    await page.button("Try again").click();

    await page.panel.getByRole("region", { name: "Boston fern" }).waitFor();
  });

  it.each([["the panel", "ui-*"], ["what the script tag loads first", "core-*"]])("%s", async (_, files) => {
    const shopper = await shop.newShopper();
    await shop.newConversation(shopper);
    const page = await shop.newPage(shopper);
    await loseOnce(page, files);
    await page.load();

    await eventually(async () => {
      const button = page.page.getByRole("button", { name: /^Open messages/ });
      if (await button.isVisible() && !await page.panel.isVisible()) await button.click();
      return page.panel.isVisible();
    }).toBe(true);

    await page.row(SUBJECT).click();
    await page.message(BEFORE[1] ?? "").waitFor();
    await page.send("Sent all the same.");
    await page.message("Sent all the same.").waitFor();
  });
});
