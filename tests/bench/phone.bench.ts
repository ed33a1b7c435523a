import { setTimeout as pause } from "node:timers/promises";
import type { CDPSession, Page } from "playwright-core";
import { expect, test } from "vitest";
import { longConversation, useShop } from "../e2e/support/shop.ts";
import { inTurns, median, report } from "./support/measures.ts";
import { evaluate, recordTasks } from "./support/tasks.ts";

const ROUNDS = 5;
const SUBJECT = "Bench";
const CPU_SLOWDOWN = 4;
/** Slow 3G: 400 kbit/s and 400 ms for each round trip. */
const SLOW_3G = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };
/** What a step has started has ended by then. */
const SETTLED_MS = 1500;
const ROOT = `document.querySelector("heddle-widget")?.shadowRoot`;
const LAUNCHER = `${ROOT}?.querySelector(".launcher")`;
const ROW =
  `[...${ROOT}?.querySelectorAll(".row") ?? []].find((row) => row.textContent.includes("${SUBJECT}"))`;
const ENTRY = `${ROOT}?.querySelector("[data-entry]")`;
const shop = useShop();

/** A phone with a visitor who has a few conversations; nothing of the widget is cached. */
async function newPhone(): Promise<{ page: Page; close(): Promise<void> }> {
  const shopper = await shop.newShopper();
  for (let index = 0; index < 6; index++) await shop.newConversation(shopper, { subject: `Other ${index}` });
  await shop.newConversation(shopper, { subject: SUBJECT, ...longConversation });
  const context = await shop.browser.newContext({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  });
  const value = await shop.newSession(shopper);
  await context.addCookies([{ name: "shop_session", value, url: shop.stack.shopUrl }]);
  return { page: await context.newPage(), close: () => context.close() };
}

async function there(devtools: CDPSession, element: string): Promise<void> {
  await expect.poll(() => evaluate(devtools, `Boolean(${element})`), { interval: 50 }).toBe(true);
}

async function tap(devtools: CDPSession, page: Page, element: string): Promise<void> {
  const box =
    `(({ x, y, width, height }) => [x + width / 2, y + height / 2])((${element}).getBoundingClientRect())`;
  const [x = 0, y = 0] = await evaluate<number[]>(devtools, box);
  await page.touchscreen.tap(x, y);
}

type Steps = Record<"loading" | "opening" | "thread", number>;

async function longestTasks(withWidget: boolean): Promise<Steps> {
  const { page, close } = await newPhone();
  if (!withWidget) await page.route("**/heddle.js", (route) => route.abort());
  const { devtools, begin, end } = await recordTasks(shop.browser, page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  await page.addInitScript(() => void performance.mark("step:loading"));
  await page.goto(shop.stack.shopUrl);
  if (withWidget) await there(devtools, LAUNCHER);
  await pause(SETTLED_MS);
  await begin("opening");
  if (withWidget) {
    await tap(devtools, page, LAUNCHER);
    await there(devtools, ROW);
  } else await page.touchscreen.tap(350, 800);
  await pause(SETTLED_MS);
  await begin("thread");
  if (withWidget) {
    await tap(devtools, page, ROW);
    await there(devtools, ENTRY);
  } else await page.touchscreen.tap(195, 300);
  await pause(SETTLED_MS);
  const { loading = NaN, opening = 0, thread = 0 } = await end();
  await close();
  return { loading, opening, thread };
}

test("the longest tasks on a phone, beside the page without the widget", async () => {
  const sides = { widget: [] as Steps[], bare: [] as Steps[] };
  await inTurns(ROUNDS, {
    widget: async () => sides.widget.push(await longestTasks(true)),
    bare: async () => sides.bare.push(await longestTasks(false)),
  });
  for (const step of ["loading", "opening", "thread"] as const) {
    const [value, reference] = [sides.widget, sides.bare].map((side) =>
      median(side.map((steps) => steps[step]))
    );
    report(`longest_task_${step}`, value ?? NaN, reference);
  }
});

test("from a tap on the launcher to a thread, on Slow 3G with nothing cached", async () => {
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { page, close } = await newPhone();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", SLOW_3G);
    await page.addInitScript(openAtOnce, SUBJECT);
    await page.goto(shop.stack.shopUrl, { waitUntil: "commit" });
    await expect.poll(() => evaluate(devtools, "globalThis.threadAfter"), { interval: 100 }).toBeGreaterThan(
      0,
    );
    samples.push(await evaluate<number>(devtools, "globalThis.threadAfter"));
    await close();
  }
  report("slow_3g_to_thread", median(samples));
});

/** In the page: clicks on the launcher as soon as there is one, then on the conversation, and keeps how long that took. */
function openAtOnce(subject: string): void {
  let from = 0;
  let row: HTMLElement | undefined;
  const look = () => {
    const root = document.querySelector("heddle-widget")?.shadowRoot;
    const launcher = root?.querySelector<HTMLElement>(".launcher");
    if (launcher && !from) {
      from = performance.now();
      launcher.click();
    }
    const rows = [...root?.querySelectorAll<HTMLElement>(".row") ?? []];
    if (!row) (row = rows.find(({ textContent }) => textContent?.includes(subject)))?.click();
    if (root?.querySelector("[data-entry]")) {
      Object.assign(globalThis, { threadAfter: performance.now() - from });
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
