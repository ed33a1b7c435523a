import type { Page } from "playwright-core";
import { expect } from "vitest";
import { en } from "../../../kit/strings/en.ts";
import type { Screen } from "../random_faults/screen.ts";
import { comesTrueOn } from "../support/comes_true.ts";
import type { Line } from "../support/line.ts";
import { pressUnlessGone } from "../support/screens.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { OperatorScreen } from "./operator_screen.ts";
import type { DeviceAction, OperatorName } from "./plan.ts";
import type { ShownRow, Store } from "./store.ts";

const LOOK = { timeout: 3_000 };
/** Less than the time after which screens ask that hear nothing. */
const SOON_MS = 20_000;
const LOST_MS = 700;
/** Every text that the run writes; a message that is gone stands for itself. */
const TEXT = /[A-Z][a-z]+ as [\d.]+(?:, corrected as \d+)*;|This message was deleted\./g;

/** A device of the visitor's. */
export interface Device extends Omit<Screen, "perform"> {
  line: Line;
  perform(action: DeviceAction): Promise<void>;
}

interface Scene {
  store: Store;
  elsewhere: Elsewhere;
  devices: Device[];
  operators: OperatorScreen[];
  conversations: string[];
}

/**
 * When the faults are over, and nobody has done more since than ask again for replies that were held back: nothing that was
 * sent is lost or doubled, and what is open on a screen comes to be what the database holds, whether something follows what
 * got lost or not.
 */
export async function expectScreensCatchUp(scene: Scene): Promise<void> {
  const { store, elsewhere, devices, operators } = scene;
  const screens = [...devices, ...operators];
  await Promise.all(screens.map((screen) => screen.recover()));
  await comesTrueOn(
    [...devices.map(({ shop }) => shop.page), ...operators.map(({ page }) => page)],
    async () => {
      await store.forgive();
      await Promise.all(operators.map((operator) => operator.sendAgain()));
      await expectSentOnce(scene);
    },
  );
  await expectAsTheyStand(scene);

  for (const { line } of screens) line.perform({ do: "frames", are: "swallowed", ms: LOST_MS });
  await elsewhere.writeInAll("Lost as 0;");
  await Promise.all(screens.map(({ line }) => line.over()));
  await elsewhere.writeInAll("News as 0;");
  await expectAsTheyStand(scene, SOON_MS);
  await Promise.all(
    devices.map((device) =>
      comesTrueOn([device.shop.page], () => expectListAsItStands(scene, device), SOON_MS)
    ),
  );
}

/** On each screen what is open. */
async function expectAsTheyStand(scene: Scene, patience?: number): Promise<void> {
  await Promise.all([
    ...scene.devices.map((device) =>
      comesTrueOn([device.shop.page], () => expectDeviceAsItStands(scene, device), patience)
    ),
    ...scene.operators.map(({ name, page }) =>
      comesTrueOn([page], () => expectInboxAsItStands(scene, name, page), patience)
    ),
  ]);
}

/** All conversations and lists on every screen are what the database holds, and no note has come to a visitor. */
export async function expectStoresData(scene: Scene): Promise<void> {
  const { store, devices, operators, conversations } = scene;
  const comesTrue = (page: Page, check: () => Promise<unknown>) => comesTrueOn([page], check);
  await Promise.all([
    ...devices.map(async (device) => {
      const { page } = device.shop;
      for (const id of conversations) {
        await comesTrue(page, () => device.open(id));
        await comesTrue(page, () => expectThread(store, device.name, page, id, "visitor"));
      }
      await comesTrue(page, () => clearDrafts(device));
    }),
    ...operators.map(async ({ name, page, open }) => {
      for (const id of conversations) {
        await comesTrue(page, () => open(id));
        await comesTrue(page, () => expectThread(store, name, page, id, "team"));
      }
    }),
  ]);
  await Promise.all([
    ...devices.map(({ name, shop: { page } }) =>
      comesTrue(page, async () => expect(await rowsOn(page), name).toEqual(await store.visitorsRows()))
    ),
    ...operators.map(({ name, page }) =>
      comesTrue(page, async () => expect(await rowsOn(page), name).toEqual(await store.teamsRows(name)))
    ),
  ]);
  expect(await store.miscounted(), "counts of the database").toEqual([]);
  for (const { name, shop, line } of devices) {
    expect(await shop.page.content(), `${name} shows no note`).not.toContain("Noted as");
    expect(line.heard.filter((frame) => frame.includes("Noted as")), `${name} hears no note`).toEqual([]);
  }
}

/** All that left the composer of a screen, once and, but for what was held back, in the order of writing in each conversation. */
async function expectSentOnce({ store, devices, operators }: Scene): Promise<void> {
  const stored = await store.written();
  const all = stored.flatMap(({ bodies }) => bodies);
  for (const screen of [...devices, ...operators]) {
    const { name, sent } = screen;
    const own = new Set(sent);
    expect(all.filter((body) => own.has(body)).sort(), `${name}: stored`).toEqual([...sent].sort());
    const late = "sentLate" in screen ? screen.sentLate : new Set();
    const inTime = sent.filter((body) => !late.has(body));
    for (const { id, bodies } of stored) {
      const here = new Set(bodies);
      expect(bodies.filter((body) => inTime.includes(body)), `${name}: order of writing in ${id}`)
        .toEqual(inTime.filter((body) => here.has(body)));
    }
  }
}

/** The open thread, before anything is done there. */
async function expectDeviceAsItStands(
  { store, conversations }: Scene,
  { name, shop }: Device,
): Promise<void> {
  if (!await shop.thread.isVisible()) return;
  await expectOneOf(store, conversations, { name, page: shop.page }, "visitor");
}

/** The list, or on a closed panel its sum. */
async function expectListAsItStands({ store }: Scene, { name, shop }: Device): Promise<void> {
  if (await shop.thread.isVisible()) return;
  const rows = await store.visitorsRows();
  if (await shop.panel.isVisible()) {
    return expect(await rowsOn(shop.page), `${name}: list, as it stands`).toEqual(rows);
  }
  const unread = rows.reduce((sum, row) => sum + row.unread, 0);
  expect(await shop.launcher(unread).count(), `${name}: launcher with ${unread}`).toBe(1);
}

async function expectInboxAsItStands({ store, conversations }: Scene, name: OperatorName, page: Page) {
  expect(await rowsOn(page), `${name}: list, as it stands`).toEqual(await store.teamsRows(name));
  if (await page.getByRole("log").isVisible()) {
    await expectOneOf(store, conversations, { name, page }, "team");
  }
}

/** The open thread is the end of one of the conversations. */
async function expectOneOf(
  store: Store,
  conversations: string[],
  { name, page }: { name: string; page: Page },
  side: "visitor" | "team",
): Promise<void> {
  const shown = await textsOn(page);
  const stored = await Promise.all(conversations.map((id) => store.thread(id, side)));
  const ends = stored.map((texts) => texts.slice(-Math.max(1, shown.length)));
  expect(ends, `${name}: the open thread, as it stands`).toContainEqual(shown);
}

/** The whole thread, older pages included. */
async function expectThread(store: Store, name: string, page: Page, id: string, side: "visitor" | "team") {
  const older = page.getByRole("button", { name: en.showOlder, exact: true });
  while (await older.count() > 0) await pressUnlessGone(older, LOOK);
  expect(await textsOn(page), `${name}: thread ${id}`).toEqual(await store.thread(id, side));
}

async function textsOn(page: Page): Promise<string[]> {
  const entries = await page.getByRole("log").locator("[data-entry]").allTextContents();
  return entries.flatMap((entry) => entry.match(TEXT) ?? []);
}

/** The rows of the list, top to bottom. */
async function rowsOn(page: Page): Promise<ShownRow[]> {
  return await page.locator(".row").evaluateAll((rows) =>
    rows.map((row) => {
      const textOf = (selector: string) => row.querySelector(selector)?.textContent ?? "";
      const { id, row: teamsId } = (row as HTMLElement).dataset;
      return {
        id: id ?? teamsId ?? "",
        preview: textOf(".row-preview"),
        unread: Number.parseInt(textOf(".pill .hidden") || "0"),
        ...teamsId === undefined ? {} : { holder: textOf(".holder .hidden") },
      };
    })
  );
}

/** What was begun stands in a row in place of the last message. */
async function clearDrafts({ shop, toList }: Device): Promise<void> {
  await toList();
  const draft = shop.panel.locator(".row", { has: shop.page.getByText(en.draft, { exact: true }) });
  while (await draft.count() > 0) {
    await draft.first().click(LOOK);
    await shop.composer.fill("", LOOK);
    await toList();
  }
}
