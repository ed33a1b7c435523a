import type { Locator, Page, Request, Route } from "playwright-core";
import { expect } from "vitest";
import type { TabActionRequest } from "../../shared/api/tab_action.ts";
import { keepLog } from "./logs.ts";
import { en } from "../../kit/strings/en.ts";

const PATIENCE = { timeout: 20_000, interval: 30 };
const SECOND = 1000;
const FUNCTIONS = "**/functions/v1/*";

type CallName = "validate-widget" | "tab-fetch" | TabActionRequest["action"];

interface Held {
  /** The first of them was made. */
  arrived: Promise<void>;
  release(): Promise<void>;
}

/** The shop's page in a browser, as the shopper sees it. Its clock can be put forward. */
export class ShopPage {
  readonly page: Page;
  readonly url: string;
  /** What the browser complained about: console errors, uncaught exceptions, violations of the CSP. */
  readonly complaints: string[] = [];
  /** Every request so far. */
  readonly requests: Request[] = [];
  /** How often a channel was told that it hears all there is, broadcasts from the database included. */
  channelsReady = 0;

  private constructor(page: Page, url: string) {
    this.page = page;
    this.url = url;
  }

  static async of(page: Page, url: string): Promise<ShopPage> {
    const shop = new ShopPage(page, url);
    page.setDefaultTimeout(PATIENCE.timeout);
    page.on("console", (message) => message.type() === "error" && shop.complaints.push(message.text()));
    page.on("pageerror", (error) => shop.complaints.push(String(error)));
    const keep = keepLog("browser requests");
    page.on("request", (request) => {
      shop.requests.push(request);
      keep(`${request.method()} ${request.url()}`);
    });
    page.on("websocket", (socket) => {
      keep(socket.url());
      socket.on("framereceived", ({ payload }) => {
        if (String(payload).includes("Replication connection established")) shop.channelsReady++;
      });
    });
    await page.clock.install();
    return shop;
  }

  async load(): Promise<void> {
    await this.page.goto(this.url);
  }

  /** The page as another one than the shop sends it; headers stay. */
  async changeHtml(change: (html: string) => string): Promise<void> {
    // A page that comes from here has no address, and Chromium asks before such a page may call a local one.
    await this.page.context().grantPermissions(["local-network-access"]);
    await this.page.route(`${this.url}/`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: change(await response.text()) });
    });
  }

  /** Another tab of the same browser. */
  async newTab(): Promise<ShopPage> {
    const tab = await ShopPage.of(await this.page.context().newPage(), this.url);
    await tab.load();
    return tab;
  }

  /** Button in the corner; its name tells what is unread. */
  launcher(unread = 0): Locator {
    const name = unread > 0 ? `Open messages (${unread})` : "Open messages";
    return this.page.getByRole("button", { name, exact: true });
  }

  get panel(): Locator {
    return this.page.getByRole("dialog", { name: "Fern & Fable" });
  }

  row(title: string): Locator {
    return this.panel.getByRole("listitem").getByRole("button", { name: title });
  }

  tab(name: string): Locator {
    return this.panel.getByRole("tab", { name });
  }

  button(name: string): Locator {
    return this.panel.getByRole("button", { name, exact: true });
  }

  get composer(): Locator {
    return this.panel.getByRole("textbox", { name: "Write a message" });
  }

  /** The scrolling list of messages. */
  get thread(): Locator {
    return this.panel.getByRole("log", { name: "Messages" });
  }

  message(body: string): Locator {
    return this.thread.getByText(body, { exact: true });
  }

  /** On the uppermost screen. */
  get banner(): Locator {
    return this.panel.getByText(en.offline).last();
  }

  /** What the open thread shows, in its order. */
  messages(): Promise<string[]> {
    return this.thread.locator(".bubble").allTextContents();
  }

  async openChat(): Promise<void> {
    await this.page.getByRole("button", { name: /^Open messages/ }).click();
    await this.panel.waitFor();
  }

  async openThread(title: string): Promise<void> {
    await this.openChat();
    await this.row(title).click();
    await this.thread.waitFor();
  }

  async send(body: string): Promise<void> {
    await this.composer.fill(body);
    await this.composer.press("Enter");
  }

  /** Requests to Heddle's functions, each as its name or that of its action, after the first `since` requests. */
  calls(name: CallName | "any" = "any", since = 0): string[] {
    return this.requests.slice(since)
      .filter((request) => request.url().includes("/functions/v1/") && request.method() !== "OPTIONS")
      .map(nameOf)
      .filter((call) => name === "any" || call === name);
  }

  /** Puts the page's clock forward, second by second, until `check` holds. */
  async passTimeUntil(check: () => Promise<boolean> | boolean): Promise<void> {
    await expect.poll(async () => {
      if (await check()) return true;
      await this.page.clock.runFor(SECOND);
      return check();
    }, PATIENCE).toBe(true);
  }

  /** Calls the page's `heddle` function. */
  async heddle(command: string, ...args: unknown[]): Promise<void> {
    await this.page.evaluate(({ command, args }) => globalThis.heddle?.(command, ...args), { command, args });
  }

  /** Keeps the next calls of a function or an action from the server until they are released. */
  async hold(name: CallName): Promise<Held> {
    const routes: Route[] = [];
    let tell = () => {};
    const arrived = new Promise<void>((resolve) => (tell = resolve));
    const handler = (route: Route) => {
      if (nameOf(route.request()) !== name) return route.fallback();
      routes.push(route);
      tell();
    };
    await this.page.route(FUNCTIONS, handler);
    return {
      arrived,
      release: async () => {
        await this.page.unroute(FUNCTIONS, handler);
        // The page may have given a request up meanwhile.
        await Promise.allSettled(routes.map((route) => route.continue()));
      },
    };
  }

  /** Resolves once nothing is on its way any more, and nothing that arrived leads to more in the next seconds. */
  async isQuiet(): Promise<void> {
    let known = -1;
    // An answer's head may be here while its page still reads the rest.
    for (
      let quietTurns = 0;
      quietTurns < 2;
      quietTurns = known === this.requests.length ? quietTurns + 1 : 0
    ) {
      await Promise.all(this.requests.map((request) => request.response().catch(() => null)));
      known = this.requests.length;
      await this.page.clock.runFor(5 * SECOND);
    }
  }

  async setVisible(visible: boolean): Promise<void> {
    await setVisible(this.page, visible);
  }

  /** Every timer that is due meanwhile fires in its turn. */
  async passTime(milliseconds: number): Promise<void> {
    await this.page.clock.runFor(milliseconds);
  }

  /** The computer sleeps: timers that are due fire once, afterwards. */
  async sleep(milliseconds: number): Promise<void> {
    await this.page.clock.fastForward(milliseconds);
  }
}

/** What switching to another browser tab and back does; a headless page is always visible. */
export async function setVisible(page: Page, visible: boolean): Promise<void> {
  await page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, visible ? "visible" : "hidden");
}

/** Awaits that `look` gives `expected`, however often one has to look. */
export function eventually<Value>(look: () => Value | Promise<Value>) {
  return expect.poll(look, PATIENCE);
}

function nameOf(request: Request): string {
  const name = new URL(request.url()).pathname.split("/").at(-1) ?? "";
  if (name !== "tab-action") return name;
  return JSON.parse(request.postData() ?? "{}").action;
}
