import type { BrowserContext, Page, Worker } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { PUSH_WORKER, serveSite, type Site } from "../browsers/support/site.ts";
import { violationsOn } from "../support/axe.ts";
import { sharedBrowser } from "../support/browser.ts";
import { type Browser, startPushService } from "../support/push_service.ts";
import { ShopPage } from "../support/shop_page.ts";
import { startStack, type TestStack } from "../support/stack.ts";

const OLGA = "10000000-0000-4000-8000-000000000001";
const PATIENCE = { timeout: 20_000 };

let stack: TestStack;
let site: Site;
let service: Awaited<ReturnType<typeof startPushService>>;
beforeAll(async () => {
  service = await startPushService();
  stack = await startStack({ storeTab: true });
  await service.allowedBy(stack.sql);
  site = await serveSite(stack.apiUrl);
  const { sql, agent } = stack;
  const [keys] = await sql`select public_key from heddle.push_keys`;
  service.expectKey(keys?.public_key);
  // Nobody answers for them here.
  await sql`delete from heddle.tabs where source = 'webhook'`;
  await sql`update heddle.agents set allowed_origins = ${[
    new URL(site.url).origin,
  ]}, anonymous_allowed = true`;
  await sql`select heddle_api.set_rule(${agent.id}, 'away_reply', true, null, ${
    sql.json({ channels: ["push"], batch: 0 })
  })`;
});
afterAll(async () => {
  await site?.stop();
  await stack?.stop();
  await service?.stop();
});

/**
 * A headless Chromium has neither a push service nor anybody to ask for permission: these stand in their place, at the page's own
 * interface. The worker is a real one.
 */
async function fakePushManager(context: BrowserContext, browser: Browser) {
  await context.addInitScript(({ endpoint, keys }) => {
    const KEY = "subscribed by the test";
    const ASKED = "asked by the page";
    const MOVED = "moved by the test";
    const bytesOf = (base64url: string) =>
      Uint8Array.from(
        atob(base64url.replaceAll("-", "+").replaceAll("_", "/")),
        (character) => character.charCodeAt(0),
      );
    const subscription = () => {
      const now = { endpoint: endpoint + (localStorage.getItem(MOVED) ?? ""), keys };
      return {
        endpoint: now.endpoint,
        options: { applicationServerKey: bytesOf(localStorage.getItem(KEY) ?? "").buffer },
        toJSON: () => now,
        unsubscribe: () => Promise.resolve(localStorage.removeItem(KEY)),
      };
    };
    Object.defineProperty(Notification, "permission", {
      get: () => localStorage.getItem(ASKED) ? "granted" : "default",
    });
    Notification.requestPermission = () => {
      localStorage.setItem(ASKED, `${localStorage.getItem(ASKED) ?? ""}yes`);
      return Promise.resolve("granted");
    };
    Object.assign(PushManager.prototype, {
      subscribe({ applicationServerKey }: { applicationServerKey: string }) {
        localStorage.setItem(KEY, applicationServerKey);
        return Promise.resolve(subscription());
      },
      getSubscription: () => Promise.resolve(localStorage.getItem(KEY) ? subscription() : null),
    });
  }, browser);
}

interface Visit {
  context: BrowserContext;
  browser: Browser;
  shop: ShopPage;
}

async function visit(permissions: string[], pushWorker: string | null = PUSH_WORKER): Promise<Visit> {
  const context = await (await sharedBrowser()).newContext({ permissions });
  onTestFinished(() => context.close());
  const browser = service.subscribe();
  await fakePushManager(context, browser);
  const tag = { agent: stack.agent.id, ...(pushWorker ? { "push-worker": pushWorker } : {}) };
  const shop = await ShopPage.of(await context.newPage(), site.url + site.page({ tag }));
  await shop.load();
  return { context, shop, browser };
}

async function write({ shop }: Visit, body: string): Promise<string> {
  await shop.openChat();
  await shop.panel.getByRole("button", { name: "Start a conversation" }).click();
  await shop.send(body);
  await shop.message(body).waitFor();
  await shop.panel.getByText("Sent", { exact: true }).waitFor();
  const [row] = await stack
    .sql`select conversation_id as id from heddle.messages where body = ${body} order by created_at desc`;
  return row?.id;
}

const bell = ({ shop }: Visit) => shop.button("Notify me of replies");
const subscribed = (page: Page) => page.evaluate(() => localStorage.getItem("subscribed by the test"));
const devices = () => stack.sql`select endpoint from heddle.visitor_devices`;
/** Those of a browser, whatever address it is reached at. */
const devicesOf = async ({ browser }: Visit) =>
  (await devices()).map(({ endpoint }) => endpoint.split(browser.endpoint)[1]).filter((part) =>
    part !== undefined
  );
const reply = async (id: string, body: string) => {
  await stack.sql`insert into heddle.messages (conversation_id, role, author_id, author_name, body)
    values (${id}, 'operator', ${OLGA}, 'Olga', ${body})`;
  await stack.sql`select heddle_api.notify(${stack.agent.id})`;
};

/** Hands a message, or a text that is none, to the worker as the browser does once its push service has it. */
async function deliver(page: Page, message: unknown): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const registered = new Promise<{ registrationId: string; scopeURL: string }>((resolve) => {
    session.on(
      "ServiceWorker.workerRegistrationUpdated",
      ({ registrations: [found] }) => found && resolve(found),
    );
  });
  await session.send("ServiceWorker.enable");
  const { registrationId, scopeURL } = await registered;
  await session.send("ServiceWorker.deliverPushMessage", {
    origin: new URL(scopeURL).origin,
    registrationId,
    data: typeof message === "string" ? message : JSON.stringify(message),
  });
}

interface Shown {
  title: string;
  body?: string;
  data: unknown;
}

/** What a headless Chromium shows to nobody, and the windows that it opens for nobody, are kept in the worker instead. */
const watchNotifications = (worker: Worker) =>
  worker.evaluate(() => {
    const scope = self as unknown as {
      shown: Shown[];
      opened: string[];
      registration: ServiceWorkerRegistration;
      clients: { openWindow(url: string): Promise<null> };
    };
    scope.shown = [];
    scope.opened = [];
    scope.registration.showNotification = (title, options) =>
      Promise.resolve(void scope.shown.push({ title, body: options?.body, data: options?.data }));
    scope.clients.openWindow = (url) => Promise.resolve(scope.opened.push(url)).then(() => null);
  });

const shown = (worker: Worker) =>
  worker.evaluate(() =>
    (self as unknown as { shown: Shown[] }).shown.map(({ title, body }) => ({ title, body }))
  );

const opened = (worker: Worker) => worker.evaluate(() => (self as unknown as { opened: string[] }).opened);

const click = (worker: Worker) =>
  worker.evaluate(() => {
    const { shown: [newest], ExtendableEvent } = self as unknown as {
      shown: Shown[];
      ExtendableEvent: typeof Event;
    };
    const event = new ExtendableEvent("notificationclick");
    self.dispatchEvent(Object.assign(event, { notification: { data: newest?.data, close() {} } }));
  });

it("a visitor who was away is told by push in the browser where they asked for it, and a click opens the conversation", async () => {
  const visitor = await visit(["notifications"]);
  const { context, shop } = visitor;
  const id = await write(visitor, "Is it in stock?");
  await bell(visitor).click();
  await shop.panel.getByText("This browser tells you of replies, also while this page is closed.").waitFor();
  expect(await bell(visitor).getAttribute("aria-pressed")).toBe("true");
  expect(await devices()).toHaveLength(1);
  expect(await violationsOn(shop, "notify_me")).toEqual([]);
  const [worker] = context.serviceWorkers();
  if (!worker) throw new Error("no worker");
  await watchNotifications(worker);
  await shop.page.goto("about:blank");

  await reply(id, "Yes, under the palm.");
  await expect.poll(() => service.received.length, PATIENCE).toBe(1);
  const message = service.received[0]?.message;
  expect(message).toEqual({
    title: "Fern & Fable",
    body: "You have an answer.",
    agentId: stack.agent.id,
    conversationId: id,
    url: `${site.url}/`,
  });
  await deliver(shop.page, message);
  await expect.poll(() => shown(worker), PATIENCE).toEqual([
    { title: "Fern & Fable", body: "You have an answer." },
  ]);
  await click(worker);
  await expect.poll(() => opened(worker)).toEqual([`${site.url}/`]);
  await shop.load();
  await shop.message("Yes, under the palm.").waitFor();
  expect(shop.complaints).toEqual([]);

  await shop.heddle("logout");
  await expect.poll(() => subscribed(shop.page)).toBe(null);
});

it("who reads along is told nothing by push", async () => {
  service.received.length = 0;
  const visitor = await visit(["notifications"]);
  const id = await write(visitor, "And ferns?");
  await bell(visitor).click();
  await visitor.shop.panel.getByText("This browser tells you", { exact: false }).waitFor();
  await reply(id, "Plenty.");
  await visitor.shop.message("Plenty.").waitFor();
  await expect.poll(async () => {
    const [seat] = await stack.sql`select read_seq from heddle.participants where conversation_id = ${id}`;
    return seat?.read_seq;
  }, PATIENCE).toBeGreaterThan(1);
  const waiting = () =>
    stack.sql`
      update heddle.deliveries set due = now()
      where content ->> 'conversationId' = ${id} and status = 'queued' returning id`;
  await expect.poll(async () => (await waiting()).length, PATIENCE).toBe(0);
  expect(service.received).toEqual([]);
  await bell(visitor).click();
  await expect.poll(() => subscribed(visitor.shop.page)).toBe(null);
  await expect.poll(() => bell(visitor).getAttribute("aria-pressed")).toBe("false");
});

it("the next page tells the project where the browser is reached now, and subscribes again what was lost, also with the panel closed", async () => {
  const visitor = await visit(["notifications"]);
  const { shop } = visitor;
  await write(visitor, "And palms?");
  await bell(visitor).click();
  await shop.panel.getByText("This browser tells you", { exact: false }).waitFor();
  expect(await devicesOf(visitor)).toEqual([""]);
  await shop.heddle("close");
  await shop.page.evaluate(() => localStorage.setItem("moved by the test", "/moved"));
  await shop.load();
  await expect.poll(() => devicesOf(visitor), PATIENCE).toEqual(["/moved"]);

  await shop.page.evaluate(async () => {
    for (const registration of await navigator.serviceWorker.getRegistrations()) {
      await registration.unregister();
    }
    localStorage.removeItem("subscribed by the test");
    localStorage.setItem("moved by the test", "/again");
  });
  await shop.load();
  await expect.poll(() => devicesOf(visitor), PATIENCE).toEqual(["/again"]);
  expect(await shop.page.evaluate(() => localStorage.getItem("asked by the page"))).toBe("yes");
  const registered = () =>
    shop.page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
  expect(await registered()).toBe(1);
  expect(shop.complaints).toEqual([]);
});

it("a message that can't be read says that there is an answer, and however many pages without a widget are open, a click opens one with it", async () => {
  const visitor = await visit(["notifications"]);
  const { context, shop } = visitor;
  await write(visitor, "And lichen?");
  await bell(visitor).click();
  await shop.panel.getByText("This browser tells you", { exact: false }).waitFor();
  const [worker] = context.serviceWorkers();
  if (!worker) throw new Error("no worker");
  await watchNotifications(worker);
  await shop.heddle("close");
  await shop.page.goto("about:blank");
  for (let page = 0; page < 6; page++) {
    await (await context.newPage()).goto(site.url + site.page({ tag: {} }));
  }

  await deliver(shop.page, "hello");
  await expect.poll(() => shown(worker), PATIENCE).toEqual([
    { title: new URL(site.url).host, body: "You have an answer." },
  ]);
  await click(worker);
  await expect.poll(() => opened(worker)).toEqual([`${site.url}/`]);
  await shop.load();
  await shop.panel.waitFor();
});

it("a page shows at once that another one has switched it off or on", async () => {
  const visitor = await visit(["notifications"]);
  const { context, shop } = visitor;
  await write(visitor, "And moss?");
  const other = { ...visitor, shop: await ShopPage.of(await context.newPage(), shop.page.url()) };
  await other.shop.load();
  await other.shop.openChat();
  await other.shop.panel.getByText("And moss?").first().click();
  await expect.poll(() => bell(other).getAttribute("aria-pressed"), PATIENCE).toBe("false");
  for (const pressed of ["true", "false"]) {
    await bell(visitor).click();
    await expect.poll(() => bell(other).getAttribute("aria-pressed"), PATIENCE).toBe(pressed);
    await expect.poll(() => bell(visitor).getAttribute("aria-busy")).toBe("false");
  }
  expect(await devicesOf(visitor)).toEqual([]);
});

it("nobody is asked for anything, and there is no button where the site serves no worker", async () => {
  const without = await visit([], null);
  await write(without, "No worker here");
  await without.shop.button("Ask for a person").waitFor();
  expect(await bell(without).count()).toBe(0);
});

it("who has forbidden notifications hears how to allow them", async () => {
  const visitor = await visit([]);
  await visitor.shop.page.evaluate(() => {
    Object.defineProperty(Notification, "permission", { get: () => "denied" });
    Notification.requestPermission = () => Promise.resolve("denied");
  });
  await write(visitor, "Forbidden");
  await bell(visitor).click();
  await visitor.shop.panel.getByText("Allow them in its settings for this site", { exact: false }).waitFor();
  expect(await subscribed(visitor.shop.page)).toBe(null);
});
