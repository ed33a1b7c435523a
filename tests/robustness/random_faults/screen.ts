import { setTimeout as delay } from "node:timers/promises";
import type { Locator } from "playwright-core";
import type { Shop } from "../../e2e/support/shop.ts";
import { en } from "../../../kit/strings/en.ts";
import type { ShopPage } from "../../support/shop_page.ts";
import { createPageFaults } from "../support/page_faults.ts";
import { pressUnlessGone } from "../support/screens.ts";
import type { ScreenAction, ScreenName, Visitor } from "./plan.ts";

const FUNCTIONS = "**/functions/v1/*";
/** How long a visitor tries, while parts of the system may be away. */
const PATIENCE = { timeout: 2_500 };
const PAGE_PATIENCE = { timeout: 8_000, waitUntil: "domcontentloaded" } as const;
const RELOAD_AGAIN = 1_000;

/** A page of the shop and who looks at it. */
export interface Screen<Name extends string = string, Who extends string = string> {
  readonly name: Name;
  readonly visitor: Who;
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

interface ScreenSetup<Name extends string, Who extends string> {
  name: Name;
  visitor: Who;
  page: ShopPage;
  world: Pick<Shop, "stack">;
  /** The visitor's conversations at first. */
  conversations: string[];
  /** Name of the tab that holds them; absent: the first. */
  tab?: string;
}

/** Of the shop that keeps its conversations itself. */
export type ShopScreen = Screen<ScreenName, Visitor>;

export function createScreen<Name extends string, Who extends string>(
  { name, visitor, page: shop, world, conversations, tab }: ScreenSetup<Name, Who>,
): Screen<Name, Who> {
  const { page } = shop;
  const faults = createPageFaults(page, FUNCTIONS);
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
    if (await back.isVisible()) await pressUnlessGone(back, PATIENCE);
    // The list stands below it all the while.
    await back.waitFor({ state: "hidden", ...PATIENCE });
    if (tab !== undefined) await shop.tab(tab).click(PATIENCE);
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
    // A page that fits on the screen can't be scrolled; where it can be, the button may go by itself.
    await pressUnlessGone(shop.button(en.showOlder), PATIENCE);
  }

  /** As a reader with a wheel would. */
  async function scroll(element: Locator, to: "top" | "end") {
    await element.evaluate(
      (node, to) => node.scrollTo(0, to === "top" ? 0 : node.scrollHeight),
      to,
      PATIENCE,
    );
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
        return shop.button(en.close).last().click(PATIENCE);
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
      default:
        return faults.perform(action);
    }
  }

  return {
    name,
    visitor,
    shop,
    sent,
    perform: (action) => Promise.resolve(perform(action)),
    async recover() {
      await faults.over();
      while (isLost) await load().catch(() => delay(RELOAD_AGAIN));
      // Showing it again would have it fetch everything.
      if (await page.evaluate(() => document.visibilityState) === "hidden") await shop.setVisible(true);
    },
    older,
    toList,
    open,
  };
}
