import { afterAll, beforeAll, expect, test } from "vitest";
import { type Shopper, useShop } from "../e2e/support/shop.ts";
import { eventually, type ShopPage } from "../support/shop_page.ts";
import { countAtDoor, type Door } from "./support/door.ts";
import { invocations } from "./support/invocations.ts";
import { report } from "./support/measures.ts";

const MESSAGES = 25;
const VIEWS = 8;
const SUBJECT = "Bench";
const shop = useShop();
let door: Door;

beforeAll(async () => {
  door = await countAtDoor(shop.stack);
});
afterAll(() => door.close());

interface Counts {
  webhooks: number;
  invocations: number;
  /** Broadcasts that Realtime took. */
  sent: number;
  /** Broadcasts that the page heard. */
  heard: number;
}

/** A page with the thread open, at its end, in which nothing is going on. */
async function openThread(): Promise<{ page: ShopPage; id: string; heard: () => number }> {
  const shopper = await shop.newShopper();
  const id = await shop.newConversation(shopper, { subject: SUBJECT });
  const page = await shop.newPage(shopper);
  let heard = 0;
  page.page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => {
      if (typeof payload !== "string") heard++;
    });
  });
  await page.load();
  await page.openThread(SUBJECT);
  await shop.listening(shopper, id);
  await page.isQuiet();
  return { page, id, heard: () => heard };
}

/** What a message costs, on average over many that come one after the other, to the last second look. */
async function costOf(
  { page, heard }: { page: ShopPage; heard: () => number },
  message: (body: string) => Promise<void>,
): Promise<Counts> {
  const count = (): Counts => ({
    webhooks: door.calls,
    invocations: invocations(shop.stack).length,
    sent: invocations(shop.stack).reduce((sum, { channels = [] }) => sum + channels.length, 0),
    heard: heard(),
  });
  const before = count();
  for (let index = 1; index <= MESSAGES; index++) {
    await message(`Message number ${index}.`);
    await page.message(`Message number ${index}.`).waitFor();
    // Both channels.
    await eventually(() => heard() - before.heard).toBe(2 * index);
    await page.isQuiet();
  }
  const after = count();
  const each = (key: keyof Counts) => (after[key] - before[key]) / MESSAGES;
  return {
    webhooks: each("webhooks"),
    invocations: each("invocations"),
    sent: each("sent"),
    heard: each("heard"),
  };
}

test("what a message costs that comes while the thread is open", async () => {
  const open = await openThread();
  const cost = await costOf(open, (body) => shop.reply(open.id, body));

  expect(await shop.unread(open.id)).toBe(0);
  report("webhook_calls_per_message", cost.webhooks);
  report("invocations_per_incoming_message", cost.invocations);
  report("realtime_messages_per_publish", cost.sent + cost.heard);
});

test("what a message costs that the visitor writes", async () => {
  const open = await openThread();
  const cost = await costOf(open, (body) => open.page.send(body));

  expect(await shop.stored(open.id)).toHaveLength(2 + MESSAGES);
  report("webhook_calls_per_visitor_message", cost.webhooks);
  report("invocations_per_visitor_message", cost.invocations);
});

/**
 * Ids of the requests that the browser's cache did not answer, preflights too. The script tag itself is not among them: a
 * deployed one is cached for five minutes, the local one is asked for each time, so that a rebuild shows.
 */
async function requestsToProject({ page }: ShopPage): Promise<Set<string>> {
  const requests = new Set<string>();
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  network.on("Network.responseReceived", ({ requestId, response: { url, fromDiskCache } }) => {
    const isOurs = url.startsWith(shop.stack.apiUrl) && !url.endsWith("/heddle.js");
    if (isOurs && !fromDiskCache && !cached.has(requestId)) requests.add(requestId);
  });
  const cached = new Set<string>();
  network.on("Network.requestServedFromCache", ({ requestId }) => cached.add(requestId));
  return requests;
}

test("what a page view costs that nobody touches", async () => {
  const shopper: Shopper = await shop.newShopper();
  await shop.newConversation(shopper, { subject: SUBJECT });
  const page = await shop.newPage(shopper);
  const requests = await requestsToProject(page);

  /** The badge is there, and whatever was asked for has been answered. */
  async function view(number: number): Promise<{ requests: number; invocations: number }> {
    const before = { requests: requests.size, invocations: invocations(shop.stack).length };
    await page.page.goto(`${page.url}/?view=${number}`);
    await page.launcher(1).waitFor();
    await Promise.all(page.requests.map((request) => request.response().catch(() => null)));
    return {
      requests: requests.size - before.requests,
      invocations: invocations(shop.stack).length - before.invocations,
    };
  }

  const first = await view(0);
  const further: { requests: number; invocations: number }[] = [];
  for (let number = 1; number <= VIEWS; number++) further.push(await view(number));
  const average = (key: "requests" | "invocations") =>
    further.reduce((sum, counts) => sum + counts[key], 0) / VIEWS;

  const before = invocations(shop.stack).length;
  page.channelsReady = 0;
  await page.page.goto(`${page.url}/?view=live`);
  await page.passTimeUntil(() => page.channelsReady === 1);
  await page.isQuiet();

  report("invocations_per_first_page_view", first.invocations);
  report("page_view_requests", average("requests"));
  report("invocations_per_page_view", average("invocations"));
  report("invocations_per_live_page_view", invocations(shop.stack).length - before);
});
