import { test } from "vitest";
import { useShop } from "../e2e/support/shop.ts";
import { quantile, report } from "./support/measures.ts";

const SAMPLES = 30;
const shop = useShop();

test("from a publish to the message in the page, and what it costs the owner", async () => {
  const shopper = await shop.newShopper();
  const id = await shop.newConversation(shopper, { subject: "Bench" });
  const page = await shop.newPage(shopper);
  let heardAt = 0;
  let threadMs = 0;
  page.page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => {
      if (typeof payload !== "string") heardAt ||= performance.now();
    });
  });
  page.page.on("requestfinished", (request) => {
    if (request.postDataJSON()?.action === "item_clicked") threadMs = request.timing().responseEnd;
  });
  await page.load();
  await page.openThread("Bench");
  await shop.listening(shopper, id);
  await page.isQuiet();

  const shown: number[] = [];
  const parts: number[] = [];
  const before = page.calls().length;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const body = `Message number ${sample}.`;
    await shop.write(id, body);
    const appears = page.page.evaluate((text) =>
      new Promise<void>((resolve) => {
        const root = document.querySelector("heddle-widget")?.shadowRoot;
        const look = () => root?.textContent?.includes(text) && resolve();
        if (root) {
          new MutationObserver(look).observe(root, { subtree: true, childList: true, characterData: true });
        }
      }), body);
    heardAt = 0;
    const from = performance.now();
    await Promise.all([shop.publish({ endUserId: shopper.id, conversationId: id }), appears]);
    shown.push(performance.now() - from);
    await page.isQuiet();
    parts.push(heardAt - from + threadMs);
  }
  report({
    id: "publish → message in the page, p50",
    value: quantile(shown, 0.5),
    unit: "ms",
    reference: quantile(parts, 0.5),
    reach: { atMost: 1.3 },
  });
  report({
    id: "calls per message and open widget",
    value: (page.calls().length - before) / SAMPLES,
    unit: "",
    reach: { atMost: 3 },
  });
});
