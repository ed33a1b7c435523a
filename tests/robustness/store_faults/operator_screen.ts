import { setTimeout as delay } from "node:timers/promises";
import type { OperatorPage } from "../../support/inbox.ts";
import { en } from "../../../kit/strings/en.ts";
import { setVisible } from "../../support/shop_page.ts";
import { words } from "../../../inbox/ui/strings.ts";
import { type Line, watchLine } from "../support/line.ts";
import { createPageFaults } from "../support/page_faults.ts";
import { pressUnlessGone } from "../support/screens.ts";
import type { OperatorAction, OperatorName } from "./plan.ts";

const CALLS = "**/rest/v1/rpc/*";
const SESSION_KEY = "heddle.inbox.session";
const WRITING_KEY = "heddle.inbox.writing";
const AGAIN = { name: en.resend, exact: true };
const PATIENCE = { timeout: 2_500 };
const PAGE_PATIENCE = { timeout: 8_000, waitUntil: "domcontentloaded" } as const;
const RELOAD_AGAIN = 1_000;

/** An operator at the inbox. */
export interface OperatorScreen {
  readonly name: OperatorName;
  readonly page: OperatorPage["page"];
  readonly line: Line;
  /** What left the composer, in this order. */
  readonly sent: string[];
  /** Those of them that were held back until the operator asked for them again. */
  readonly sentLate: ReadonlySet<string>;
  perform(action: OperatorAction): Promise<void>;
  /** Waits for faults of its network to end, and loads the page if it could not be loaded. */
  recover(): Promise<void>;
  /** Asks again for what was held back, since the team had gone on without it. */
  sendAgain(): Promise<void>;
  open(id: string): Promise<void>;
}

interface OperatorSetup {
  name: OperatorName;
  operator: { email: string; password: string };
  visitor: OperatorPage;
  conversations: string[];
}

/** Signs in and shows all open conversations. */
export async function createOperatorScreen(
  { name, operator, visitor: { page, signIn }, conversations }: OperatorSetup,
): Promise<OperatorScreen> {
  page.setDefaultTimeout(PATIENCE.timeout);
  const line = await watchLine(page);
  await page.clock.install();
  await page.reload();
  await page.getByLabel(words.email).waitFor(PAGE_PATIENCE);
  await signIn(operator);
  await page.getByRole("heading", { name: words.views.open }).waitFor(PAGE_PATIENCE);

  const faults = createPageFaults(page, CALLS);
  const composer = page.getByRole("textbox", { name: "Reply" });
  const sent: string[] = [];
  const sentLate = new Set<string>();
  let isLost = false;

  async function load() {
    isLost = await page.reload(PAGE_PATIENCE).then(() => false, () => true);
    if (isLost) throw new Error("the page does not load");
  }

  async function open(id: string) {
    if (isLost) await load();
    // A row that is in another view, or far below, has an address all the same.
    await page.evaluate((id) => location.hash = `#/open/${id}`, id);
    await page.getByRole("log").waitFor(PATIENCE);
  }

  async function reply(bodies: string[]) {
    if (await composer.count() === 0) await open(conversations[0] ?? "");
    for (const body of bodies) {
      await composer.fill(body, PATIENCE);
      await composer.press("Enter", PATIENCE);
      if (await composer.inputValue(PATIENCE) !== "") throw new Error("the composer keeps its text");
      sent.push(body);
    }
  }

  /** The conversations with something that the operator has to decide about. */
  const undecided = () =>
    page.evaluate((key) => {
      const kept: { item?: string; problem?: object }[] = JSON.parse(localStorage.getItem(key) ?? "[]");
      return [...new Set(kept.flatMap(({ item, problem }) => item && problem ? [item] : []))];
    }, WRITING_KEY);

  async function press(label: string) {
    const button = page.getByRole("button", { name: label, exact: true });
    if (!await button.isVisible()) throw new Error(`there is no button "${label}"`);
    await button.click(PATIENCE);
  }

  async function perform(action: OperatorAction): Promise<void> {
    switch (action.do) {
      case "reply":
        return await reply(action.bodies);
      case "open":
        return await open(conversations[action.conversation] ?? "");
      case "claim":
      case "release":
      case "resolve":
      case "reopen":
        return await press(words[action.do]);
      case "begin to write":
        return await composer.fill(action.text, PATIENCE);
      case "reload":
        return await load();
      case "token expires":
        await page.evaluate(expireSession, SESSION_KEY);
        return line.perform({ do: "drop the socket" });
      case "drop the socket":
      case "frames":
        return line.perform(action);
      case "offline":
        line.cut(action.ms);
        return await faults.perform(action);
      default:
        return await faults.perform(action);
    }
  }

  return {
    name,
    page,
    line,
    sent,
    sentLate,
    perform,
    async recover() {
      await Promise.all([faults.over(), line.over()]);
      while (isLost) await load().catch(() => delay(RELOAD_AGAIN));
      // Showing it again would have it fetch everything.
      if (await page.evaluate(() => document.visibilityState) === "hidden") await setVisible(page, true);
    },
    async sendAgain() {
      const former = await page.evaluate(() => location.hash);
      for (const id of await undecided()) {
        await open(id);
        const buttons = page.getByRole("log").getByRole("button", AGAIN);
        const heldBack = page.locator("[data-entry]", { has: page.getByRole("button", AGAIN) });
        for (const text of await heldBack.allTextContents()) {
          sentLate.add(sent.find((body) => text.includes(body)) ?? text);
        }
        while (await buttons.count() > 0) await pressUnlessGone(buttons.first(), PATIENCE);
      }
      await page.evaluate((hash) => location.hash = hash, former);
    },
    open,
  };
}

/** As if it had been got so long ago: it says so, and nobody takes it any more. */
function expireSession(key: string): void {
  const session = JSON.parse(localStorage.getItem(key) ?? "{}");
  const [header, claims] = session.access_token.split(".");
  const expired = { ...session, access_token: `${header}.${claims}.expired`, expires_at: 1 };
  localStorage.setItem(key, JSON.stringify(expired));
}
