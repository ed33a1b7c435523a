import { setTimeout as delay } from "node:timers/promises";
import type { OperatorPage } from "../../support/inbox.ts";
import { setVisible } from "../../support/shop_page.ts";
import { words } from "../../../inbox/ui/strings.ts";
import { type Line, watchLine } from "../support/line.ts";
import { createPageFaults } from "../support/page_faults.ts";
import type { OperatorAction, OperatorName } from "./plan.ts";

const CALLS = "**/rest/v1/rpc/*";
const SESSION_KEY = "heddle.inbox.session";
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
  perform(action: OperatorAction): Promise<void>;
  /** Waits for faults of its network to end, and loads the page if it could not be loaded. */
  recover(): Promise<void>;
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
    perform,
    async recover() {
      await Promise.all([faults.over(), line.over()]);
      while (isLost) await load().catch(() => delay(RELOAD_AGAIN));
      // Showing it again would have it fetch everything.
      if (await page.evaluate(() => document.visibilityState) === "hidden") await setVisible(page, true);
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
