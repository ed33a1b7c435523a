import { expect, it } from "vitest";
import { INVOCATIONS, REALTIME_MESSAGES } from "../../cli/cost/measured.ts";
import { eventually, type ShopPage } from "../support/shop_page.ts";
import { useShop } from "./support/shop.ts";

const shop = useShop();
/** After so long on a page, a visitor who has a conversation is worth a connection. */
const LOOKED_AT_MS = 5000;
const SUBJECT = "Is it too dark here?";
const { validation, pageView, join, openPanel, openThread, publish, message } = INVOCATIONS;
const { sent, perWidget } = REALTIME_MESSAGES;

interface Spent {
  invocations: number;
  realtimeMessages: number;
}

const NOTHING: Spent = { invocations: 0, realtimeMessages: 0 };

/** Counts as Supabase would, in what pages cause and in the publishes of the shop. */
class Meter {
  readonly #pages: ShopPage[] = [];
  #deliveries = 0;
  #known = NOTHING;

  add(page: ShopPage): ShopPage {
    this.#pages.push(page);
    page.page.on("websocket", (socket) => {
      // Broadcasts come as bytes, everything else as text.
      socket.on("framereceived", ({ payload }) => {
        if (typeof payload !== "string") this.#deliveries++;
      });
    });
    return page;
  }

  /** What was spent since it was last asked, so far. */
  async reaches(spent: Partial<Spent>): Promise<void> {
    await eventually(() => this.#spent()).toEqual({ ...NOTHING, ...spent });
    this.#known = this.#total();
  }

  /** What was spent since it was last asked, once nothing more follows. */
  async expect(spent: Partial<Spent>): Promise<void> {
    await this.reaches(spent);
    for (const page of this.#pages.filter(({ page }) => !page.isClosed())) await page.isQuiet();
    expect(this.#spent()).toEqual(NOTHING);
  }

  #spent(): Spent {
    const { invocations, realtimeMessages } = this.#total();
    return {
      invocations: invocations - this.#known.invocations,
      realtimeMessages: realtimeMessages - this.#known.realtimeMessages,
    };
  }

  #total(): Spent {
    const calls = billedCalls();
    const broadcasts = calls.reduce((sum, { channels }) => sum + channels, 0);
    return { invocations: calls.length, realtimeMessages: broadcasts + this.#deliveries };
  }
}

/** By the functions' own log. Preflights, which it answers with 204, are not billed. */
function billedCalls(): { channels: number }[] {
  const lines = shop.stack.logs().matchAll(/\\"fn\\":\\"[\w-]+\\"(.*?)\\"status\\":(\d+)/g);
  return [...lines].filter(([, , status]) => status !== "204")
    .map(([, notes = ""]) => ({ channels: notes.match(/\\"(?:agent|conv)-/g)?.length ?? 0 }));
}

it("what visitors do costs what docs/costs.md says", async () => {
  const meter = new Meter();

  const newcomer = meter.add(await shop.newPage(await shop.newShopper()));
  await newcomer.load();
  await meter.expect({ invocations: validation + pageView });
  await newcomer.load();
  await meter.expect({ invocations: pageView });
  await newcomer.openChat();
  await eventually(() => newcomer.channelsReady).toBe(1);
  await meter.expect({ invocations: openPanel + join });
  await newcomer.page.close();

  const shopper = await shop.newShopper();
  const id = await shop.newConversation(shopper);
  const page = meter.add(await shop.newPage(shopper));
  await page.load();
  await meter.reaches({ invocations: validation + pageView });
  await page.passTime(LOOKED_AT_MS);
  await eventually(() => page.channelsReady).toBe(1);
  await meter.expect({ invocations: join });
  await page.load();
  await meter.reaches({ invocations: pageView });
  await page.passTime(LOOKED_AT_MS);
  await eventually(() => page.channelsReady).toBe(2);
  await meter.expect({ invocations: join });

  await page.openChat();
  await meter.expect({ invocations: openPanel });
  await page.row(SUBJECT).click();
  await shop.listening(shopper, id);
  await meter.expect({ invocations: openThread });

  // From here on its time passes only in `expect`: a slow machine must not look like a lost broadcast.
  await page.page.clock.pauseAt(await page.page.evaluate(() => Date.now() + 1000));
  await shop.reply(id, "A north window is enough.");
  await meter.expect({ invocations: publish + message, realtimeMessages: sent + perWidget });
  await page.send("Thank you!");
  await meter.expect({ invocations: publish + message, realtimeMessages: sent + perWidget });

  await page.page.close();
  await shop.reply(id, "Come again.");
  await meter.expect({ invocations: publish, realtimeMessages: sent });
});
