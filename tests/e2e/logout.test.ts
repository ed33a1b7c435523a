import { once } from "node:events";
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { en } from "../../kit/strings/en.ts";
import { eventually, ShopPage } from "../support/shop_page.ts";
import { type Shopper, useShop } from "./support/shop.ts";

const shop = useShop();

/** A visitor with a conversation that names them, so that every trace of them can be found. */
async function visitor(): Promise<{ shopper: Shopper; id: string; secret: string }> {
  const shopper = await shop.newShopper();
  const secret = `The secret of ${shopper.id}`;
  const id = await shop.newConversation(shopper, {
    subject: `Subject of ${shopper.id}`,
    lines: [["visitor", "Hello"], ["operator", secret]],
  });
  return { shopper, id, secret };
}

const subjectOf = ({ id }: Shopper) => `Subject of ${id}`;

/** All that the browser keeps for the shop's origin, cookies aside. */
function stored(page: ShopPage): Promise<string> {
  return page.page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
}

/** Everything that is in the page, shadow roots included. */
function markup(page: ShopPage): Promise<string> {
  return page.page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll("*")]
      .map((element) => (element.shadowRoot ?? element).innerHTML).join("\n") + document.title
  );
}

function sessionOf(page: ShopPage): string {
  const authorization = page.requests.map((request) => request.headers().authorization)
    .findLast((header) => header?.startsWith("Bearer "));
  return authorization?.slice("Bearer ".length) ?? "";
}

describe("after a log-out on the shop's page", () => {
  it("nothing of the visitor is on the screen, stored, or in later requests", async () => {
    const { shopper, id, secret } = await visitor();
    const page = await shop.visit(shopper);
    await page.openThread(subjectOf(shopper));
    await page.message(secret).waitFor();
    await shop.listening(shopper, id);
    const session = sessionOf(page);

    await page.page.getByRole("button", { name: "Log out" }).click();
    await page.page.getByRole("link", { name: "Sign in" }).waitFor();
    const before = page.requests.length;
    await page.passTime(10_000);

    expect(await markup(page)).not.toContain(shopper.id);
    expect(await stored(page)).not.toContain(shopper.id);
    expect(await stored(page)).not.toContain(session);
    expect(page.calls("any", before)).toEqual([]);
    await eventually(() => shop.topicsOf(shopper, id)).toEqual([]);
  });

  it("nothing is stored either when the widget had not finished loading", async () => {
    const { shopper } = await visitor();
    const page = await shop.visit(shopper);
    await page.launcher(1).waitFor();
    const session = sessionOf(page);
    await page.page.route("**/assets/core-*", () => undefined); // never answered
    await page.load();
    await page.launcher().waitFor();

    await page.page.getByRole("button", { name: "Log out" }).click();
    await page.page.getByRole("link", { name: "Sign in" }).waitFor();

    expect(await stored(page)).not.toContain(shopper.id);
    expect(await stored(page)).not.toContain(session);
  });

  it("another shopper who signs in sees their own conversations and none of the former's", async () => {
    const former = await visitor();
    const next = await visitor();
    const page = await shop.visit(former.shopper);
    await page.openThread(subjectOf(former.shopper));
    await shop.listening(former.shopper, former.id);
    const session = sessionOf(page);

    await page.page.getByRole("button", { name: "Switch" }).click();
    const before = page.requests.length;
    await page.page.getByRole("button", { name: next.shopper.name }).click();
    await page.launcher(1).waitFor();
    await page.openThread(subjectOf(next.shopper));
    await page.message(next.secret).waitFor();
    await shop.listening(next.shopper, next.id);

    expect(await markup(page)).not.toContain(former.shopper.id);
    expect(await stored(page)).not.toContain(former.shopper.id);
    for (const request of page.requests.slice(before)) {
      const sent = [request.url(), JSON.stringify(request.headers()), request.postData()].join("\n");
      expect(sent).not.toContain(former.shopper.id);
      expect(sent).not.toContain(session);
    }
    await eventually(() => shop.topicsOf(former.shopper, former.id)).toEqual([]);

    await shop.reply(former.id, "For the former only.");
    await shop.reply(next.id, "For the next one.");
    await page.message("For the next one.").waitFor();
    expect(await markup(page)).not.toContain("For the former only.");
  });
});

describe('heddle("logout") on a page that stays', () => {
  it("takes the visitor off the screen and leaves their channels at once", async () => {
    const { shopper, id } = await visitor();
    const page = await shop.visit(shopper);
    await page.openThread(subjectOf(shopper));
    await shop.listening(shopper, id);

    await page.heddle("logout");
    const before = page.requests.length;

    await page.panel.waitFor({ state: "hidden" });
    await eventually(() => shop.topicsOf(shopper, id)).toEqual([]);
    expect(await widgetMarkup(page)).not.toContain(shopper.id);
    expect(await stored(page)).not.toContain(shopper.id);
    expect(await page.page.title()).toMatch(/^Fern/);
    await page.passTime(120_000);
    expect(page.calls("any", before)).toEqual([]);
  });

  it("is heard by the other open tabs: their screens, what they wrote and their channels go too", async () => {
    const { shopper, id, secret } = await visitor();
    const page = await shop.visit(shopper);
    await page.launcher(1).waitFor();
    const tab = await page.newTab();
    await tab.openThread(subjectOf(shopper));
    await eventually(() => shop.topicsOf(shopper, id)).toHaveLength(2);
    await tab.page.context().setOffline(true);
    await tab.send("Too late.");
    await tab.panel.getByText(en.waiting).waitFor();
    await tab.composer.fill("And a draft.");

    await page.heddle("logout");
    await tab.panel.waitFor({ state: "hidden" });
    await tab.page.context().setOffline(false);
    await tab.passTime(10_000);

    expect(await widgetMarkup(tab)).not.toContain(secret);
    for (const one of [page, tab]) {
      expect(await stored(one)).not.toMatch(new RegExp(`${shopper.id}|Too late|a draft`));
    }
    await eventually(() => shop.topicsOf(shopper, id)).toEqual([]);
    expect(await shop.stored(id)).not.toContain("Too late.");
  });

  it("drops an answer that comes too late", async () => {
    const { shopper } = await visitor();
    const page = await shop.visit(shopper);
    await page.openChat();
    await page.row(subjectOf(shopper)).waitFor();
    const held = await page.hold("item_clicked");
    await page.row(subjectOf(shopper)).click();
    await held.arrived;

    await page.heddle("logout");
    await held.release();
    await page.passTime(10_000);

    expect(await widgetMarkup(page)).not.toContain(shopper.id);
    expect(await stored(page)).not.toContain(shopper.id);
  });

  it("lets the next visitor in, who sees nothing of the former", async () => {
    const former = await visitor();
    const next = await visitor();
    const page = await shop.visit(former.shopper);
    await page.openThread(subjectOf(former.shopper));
    await shop.listening(former.shopper, former.id);
    const other = await shop.visit(next.shopper);
    const token = await other.page.evaluate(async () =>
      (await (await fetch("/account/chat-token")).json()).token
    );

    await page.heddle("logout");
    await page.heddle("identify", token);
    await page.openChat();
    await page.row(subjectOf(next.shopper)).waitFor();

    expect(await widgetMarkup(page)).not.toContain(former.shopper.id);
    expect(await stored(page)).not.toContain(former.shopper.id);
    expect(await shop.topicsOf(former.shopper, former.id)).toEqual([]);
  });
});

/** The widget's part of the page. The page itself, in this test, goes on greeting the former visitor. */
function widgetMarkup(page: ShopPage): Promise<string> {
  return page.page.evaluate(() => document.querySelector("heddle-widget")?.shadowRoot?.innerHTML ?? "");
}

/** Keeps every GET of another origin, and answers from what it kept: a common rule of offline-first pages. */
const KEEPING_WORKER = `
  self.addEventListener("install", () => self.skipWaiting());
  self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    if (request.method !== "GET" || new URL(request.url).origin === location.origin) return;
    event.respondWith((async () => {
      const cache = await caches.open("kept");
      const kept = await cache.match(request);
      if (kept) return kept;
      const response = await fetch(request.clone());
      if (response.status === 200) await cache.put(request, response.clone());
      return response;
    })());
  });`;

/** The shop at an origin of its own, with that service worker. */
async function shopWithWorker(): Promise<string> {
  const { hostname, port, host } = new URL(shop.stack.shopUrl);
  const server = createServer((request, response) => {
    if (request.url === "/worker.js") {
      return void response.writeHead(200, { "content-type": "text/javascript" }).end(KEEPING_WORKER);
    }
    const { url: path, method, headers } = request;
    const passed = forward({ hostname, port, path, method, headers: { ...headers, host } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await shop.stack.sql`update heddle.agents set allowed_origins = array_append(allowed_origins, ${origin})`;
  return origin;
}

it("a service worker that keeps the page's answers hands none of them to the next visitor", async () => {
  const origin = await shopWithWorker();
  const [ada, bob] = [await visitor(), await visitor()];
  const context = await shop.browser.newContext();
  onTestFinished(() => context.close());
  const page = await ShopPage.of(await context.newPage(), origin);
  const signIn = async ({ shopper }: { shopper: Shopper }) =>
    context.addCookies([{ name: "shop_session", value: await shop.newSession(shopper), url: origin }]);

  await signIn(ada);
  await page.page.goto(origin);
  await page.page.evaluate(async () => {
    await navigator.serviceWorker.register("/worker.js");
    await navigator.serviceWorker.ready;
  });
  await page.page.reload();
  await page.openChat();
  await page.row(subjectOf(ada.shopper)).waitFor();
  expect(await page.page.evaluate(async () => (await (await caches.open("kept")).keys()).length))
    .toBeGreaterThan(0);

  await page.page.getByRole("button", { name: "Log out" }).click();
  await page.page.getByRole("link", { name: "Sign in" }).waitFor();
  await signIn(bob);
  await page.page.goto(origin);
  await page.openChat();
  await page.row(subjectOf(bob.shopper)).waitFor();
  expect(await page.panel.innerText()).not.toContain(subjectOf(ada.shopper));
  expect(await shop.topicsOf(ada.shopper)).toEqual([]);
});
