import { setTimeout as delay } from "node:timers/promises";
import type { CDPSession, Locator, Route } from "playwright-core";
import type { Shop } from "../../e2e/support/shop.ts";
import { en } from "../../../kit/strings/en.ts";
import type { ShopPage } from "../../support/shop_page.ts";
import type { ScreenAction, ScreenName, Visitor } from "./plan.ts";

const FUNCTIONS = "**/functions/v1/*";
/** How long a visitor tries, while parts of the system may be away. */
const PATIENCE = { timeout: 2_500 };
const PAGE_PATIENCE = { timeout: 8_000, waitUntil: "domcontentloaded" } as const;
const RELOAD_AGAIN = 1_000;
/** Answers come in another order than they were asked for. */
const SLOW_ANSWERS = [3_000, 200, 6_000, 1_200];

/** A page of the shop and who looks at it. */
export interface Screen {
  readonly name: ScreenName;
  readonly visitor: Visitor;
  readonly shop: ShopPage;
  /** What left the composer, in this order. */
  readonly sent: string[];
  /** Rejects where it can't be done now: a visitor finds no button. */
  perform(action: ScreenAction): Promise<void>;
  /** Waits for faults of its network to end, and loads the page if it could not be loaded. */
  recover(): Promise<void>;
  /** Asks for the page before what the thread shows, if there is one. */
  older(): Promise<void>;
  /** To the list of conversations. */
  toList(): Promise<void>;
  open(id: string): Promise<void>;
}

interface ScreenSetup {
  name: ScreenName;
  visitor: Visitor;
  page: ShopPage;
  world: Pick<Shop, "stack">;
  /** The visitor's conversations at first. */
  conversations: string[];
}

export function createScreen({ name, visitor, page: shop, world, conversations }: ScreenSetup): Screen {
  const { page } = shop;
  const faults = new Set<Promise<void>>();
  const sent: string[] = [];
  const panel = shop.panel;
  const list = panel.locator(".rows");
  let isLost = false;

  async function navigate(go: () => Promise<unknown>) {
    // Without a connection the browser shows a page of its own.
    isLost = await go().then(() => !page.url().startsWith(world.stack.shopUrl), () => true);
    if (isLost) throw new Error("the page does not load");
  }

  const load = (path = "") => navigate(() => page.goto(`${world.stack.shopUrl}/${path}`, PAGE_PATIENCE));

  async function openPanel() {
    if (isLost) await load();
    if (await panel.isVisible()) return;
    await page.getByRole("button", { name: /^Open messages/ }).click(PATIENCE);
    await panel.waitFor(PATIENCE);
  }

  async function toList() {
    await openPanel();
    const back = shop.button(en.back);
    if (await back.isVisible()) await back.click(PATIENCE);
    await list.first().waitFor(PATIENCE);
  }

  async function open(id: string) {
    await toList();
    await panel.locator(`.row[data-id="${id}"]`).click(PATIENCE);
    await shop.thread.waitFor(PATIENCE);
  }

  async function write(body: string) {
    await shop.composer.fill(body, PATIENCE);
    await shop.composer.press("Enter", PATIENCE);
    if (await shop.composer.inputValue(PATIENCE) !== "") throw new Error("the composer keeps its text");
    sent.push(body);
  }

  async function send(bodies: string[]) {
    await openPanel();
    if (!await shop.thread.isVisible()) await open(conversations[0] ?? "");
    for (const body of bodies) await write(body);
  }

  async function begin(body: string) {
    await toList();
    await shop.button(en.newConversation).click(PATIENCE);
    await write(body);
  }

  async function older() {
    await scroll(shop.thread, "top");
    const button = shop.button(en.showOlder);
    // A page that fits on the screen can't be scrolled.
    if (await button.count() > 0) await button.click(PATIENCE);
  }

  /** As a reader with a wheel would. */
  async function scroll(element: Locator, to: "top" | "end") {
    await element.evaluate(
      (node, to) => node.scrollTo(0, to === "top" ? 0 : node.scrollHeight),
      to,
      PATIENCE,
    );
  }

  /** Until it is over the visitor goes on. */
  function standing(begin: () => Promise<unknown>, ms: number, end: () => Promise<void>) {
    const fault = begin().then(() => delay(ms)).finally(end).catch(() => undefined)
      .finally(() => faults.delete(fault));
    faults.add(fault);
  }

  async function freeze(ms: number) {
    const session: CDPSession = await page.context().newCDPSession(page);
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    await delay(ms);
    await session.send("Page.setWebLifecycleState", { state: "active" });
    await session.detach();
  }

  async function hide(ms: number) {
    await shop.setVisible(false);
    await delay(ms);
    await shop.setVisible(true);
  }

  function perform(action: ScreenAction): Promise<void> | void {
    switch (action.do) {
      case "send":
        return send(action.bodies).then(() => action.reload ? load() : undefined);
      case "begin conversation":
        return begin(action.body);
      case "open":
        return open(conversations[action.conversation] ?? conversations[0] ?? "");
      case "back":
        return toList();
      case "close panel":
        return shop.button(en.close).click(PATIENCE);
      case "older messages":
        return older();
      case "more conversations":
        return toList().then(() => scroll(panel.locator(".scroll").first(), "end"));
      case "reload":
        return isLost ? load() : navigate(() => page.reload(PAGE_PATIENCE));
      case "history back":
        return navigate(() => page.goBack(PAGE_PATIENCE));
      case "next page":
        return load(`?page=${action.page}`);
      case "hidden":
        return hide(action.ms);
      case "frozen":
        return freeze(action.ms);
      case "asleep":
        return shop.sleep(action.ms);
      case "offline": {
        const context = page.context();
        return standing(() => context.setOffline(true), action.ms, () => context.setOffline(false));
      }
      case "answers": {
        const handler = mistreat(action.are);
        return standing(
          () => page.route(FUNCTIONS, handler),
          action.ms,
          () => page.unroute(FUNCTIONS, handler),
        );
      }
    }
  }

  return {
    name,
    visitor,
    shop,
    sent,
    perform: (action) => Promise.resolve(perform(action)),
    async recover() {
      while (faults.size > 0) await Promise.all(faults);
      while (isLost) await load().catch(() => delay(RELOAD_AGAIN));
      await shop.setVisible(true);
    },
    older,
    toList,
    open,
  };
}

/** What becomes of a page's calls. */
function mistreat(are: "slow" | "lost" | "never asked for") {
  let calls = 0;
  return async (route: Route) => {
    // The page may go elsewhere meanwhile.
    const ignore = () => undefined;
    if (are === "slow") {
      await delay(SLOW_ANSWERS[calls++ % SLOW_ANSWERS.length]);
      return route.continue().catch(ignore);
    }
    if (are === "lost") await route.fetch().catch(ignore);
    return route.abort("connectionreset").catch(ignore);
  };
}
