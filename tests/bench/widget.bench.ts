import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { useShop } from "../e2e/support/shop.ts";
import { median, report } from "./support/measures.ts";
import { probe, shows } from "./support/page_probe.ts";
import { publish } from "./support/routes.ts";

const SAMPLES = 50;
const WARM_UP = 5;
const SUBJECT = "Bench";
/** Above three broadcasts a second the widget waits on purpose. */
const PAUSE_MS = 350;
const shop = useShop();

test("from a publish to the message in the page, beside the two parts of the way", async () => {
  const { stack } = shop;
  const shopper = await shop.newShopper();
  const id = await shop.newConversation(shopper, { subject: SUBJECT });
  const context = await shop.browser.newContext();
  const value = await shop.newSession(shopper);
  await context.addCookies([{ name: "shop_session", value, url: stack.shopUrl }]);
  const page = await context.newPage();
  await probe(page);
  await page.goto(stack.shopUrl);
  await page.getByRole("button", { name: /^Open messages/ }).click();
  await page.getByRole("listitem").getByRole("button", { name: SUBJECT }).click();
  await shop.listening(shopper, id);

  const shown: number[] = [];
  const parts: number[] = [];
  for (let sample = -WARM_UP; sample < SAMPLES; sample++) {
    await pause(PAUSE_MS);
    const body = `Message number ${sample}.`;
    await shop.write(id, body);
    await stack.sql`delete from heddle.rate_buckets`; // no visitor reads so much
    const appears = shows(page, body);
    await page.evaluate(() => undefined); // it looks
    const from = performance.timeOrigin + performance.now();
    const [moments] = await Promise.all([
      appears,
      publish(stack, { endUserId: shopper.id, conversationId: id }),
    ]);
    // The receipt is through: nothing goes on any more.
    await expect.poll(() => shop.unread(id), { interval: 10, timeout: 10_000 }).toBe(0);
    if (sample < 0) continue;
    shown.push(moments.shown - from);
    parts.push(moments.heard - from + moments.refetchMs);
  }
  report("publish_to_page_p50", median(shown), median(parts));
  await context.close();
});
