import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { Shop } from "../../e2e/support/shop.ts";
import { en } from "../../../kit/strings/en.ts";
import { rowsOf, rowsOn } from "../support/screens.ts";
import { comesTrueOn } from "../support/comes_true.ts";
import { groupBy } from "../support/lanes.ts";
import type { Customers, Owner } from "./owner.ts";
import type { ShopScreen } from "./screen.ts";

const LOOK = { timeout: 3_000 };
interface Scene extends Customers {
  world: Shop;
  owner: Owner;
  screens: ShopScreen[];
}

/** When all faults are over: nothing is lost or doubled, and every screen comes to show the owner's data, all of it and in its order. */
export async function expectOwnersData(scene: Scene): Promise<void> {
  const { world, owner, screens, shoppers } = scene;
  await Promise.all(screens.map((screen) => screen.recover()));
  await owner.publishAll();

  const storedOnce = () => Promise.all(screens.map((screen) => expectSentOnce(world, screen)));
  await comesTrue(screens, storedOnce);
  await owner.publishAll();
  await Promise.all(screens.map((screen) => comesTrue([screen], () => expectAsItStands(world, screen))));
  await Promise.all(screens.map(async (screen) => {
    await expectEveryThread(scene, screen);
    await comesTrue([screen], () => clearDrafts(screen));
  }));

  // What was read on one screen the others learn with the next publish.
  await owner.publishAll();
  const listsAgree = (screen: ShopScreen) => async () => {
    await showMore(screen);
    expect(await rowsOn(screen.shop), screen.name).toEqual(await rowsOf(world, shoppers[screen.visitor]));
    expect(await screen.shop.banner.count(), `${screen.name}: offline`).toBe(0);
  };
  await world.stack.sql`delete from heddle.rate_buckets`;
  await Promise.all(screens.map((screen) => comesTrue([screen], listsAgree(screen))));
}

const comesTrue = (screens: ShopScreen[], check: () => Promise<unknown>) =>
  comesTrueOn(screens.map(({ shop }) => shop.page), check);

/** All that left the composer of a screen, once and in the order of writing within each conversation. */
async function expectSentOnce({ sql }: Shop, { name, sent }: ShopScreen): Promise<void> {
  const rows = await sql<{ body: string; conversation: string }[]>`
    select body, conversation_id as conversation from messages where body in ${
    sql(["", ...sent])
  } order by id`;
  expect(rows.map(({ body }) => body).sort(), `${name}: stored`).toEqual([...sent].sort());
  for (const [id, own] of groupBy(rows, ({ conversation }) => conversation)) {
    const bodies = own.map(({ body }) => body);
    const written = sent.filter((body) => bodies.includes(body));
    expect(bodies, `${name}: order of writing in ${id}`).toEqual(written);
  }
}

/** The open thread as it is, with what was loaded of its older pages and with the rest of them. */
async function expectAsItStands(world: Shop, screen: ShopScreen): Promise<void> {
  const { shop, name } = screen;
  if (!await shop.thread.isVisible()) return;
  const subject = await shop.panel.getByRole("heading").last().textContent() ?? "";
  const [row] = await world.sql<{ id: string }[]>`select id from conversations where subject = ${subject}`;
  const stored = await world.stored(row?.id ?? "");
  const shown = await shop.messages();
  expect(shown, `${name}: ${subject}, as it stands`).toEqual(stored.slice(-Math.max(1, shown.length)));
  await showOlder(screen);
  expect(await shop.messages(), `${name}: ${subject}, with older pages`).toEqual(stored);
}

/** Every thread that is not as it was at first, from the top of the list to its end. */
async function expectEveryThread({ world, shoppers, atFirst }: Scene, screen: ShopScreen): Promise<void> {
  const rows = await world.sql<{ id: string }[]>`
    select id from conversations where visitor_id = ${shoppers[screen.visitor].id}
    order by (select max(id) from messages where conversation_id = conversations.id) desc`;
  for (const { id } of rows) {
    if (isDeepStrictEqual(atFirst.get(id), await world.stored(id))) continue;
    await comesTrue([screen], async () => {
      // Nobody reads so fast; what a visitor may read in a minute has tests of its own.
      await world.stack.sql`delete from heddle.rate_buckets`;
      await screen.toList();
      await showMore(screen);
      await screen.open(id);
    });
    await comesTrue([screen], async () => {
      await showOlder(screen);
      expect(await screen.shop.messages(), `${screen.name}: thread ${id}`).toEqual(await world.stored(id));
    });
  }
  await comesTrue([screen], screen.toList);
}

/** A fault may have come between the letters and the key that sends them; the row shows these in place of the owner's data. */
async function clearDrafts({ shop, toList }: ShopScreen): Promise<void> {
  await toList();
  const draft = shop.panel.locator(".row", { has: shop.page.getByText(en.draft, { exact: true }) });
  while (await draft.count() > 0) {
    await draft.first().click(LOOK);
    await shop.composer.fill("", LOOK);
    await toList();
  }
}

/** Scrolls up; rejects if there is more. */
async function showOlder({ shop, older }: ShopScreen): Promise<void> {
  // A page may come in between, and then there is no such button any more.
  await older().catch(() => undefined);
  expect(await shop.button(en.showOlder).count(), "older pages").toBe(0);
}

/** Scrolls the list down; rejects if there is more. */
async function showMore({ shop }: ShopScreen): Promise<void> {
  await shop.panel.locator(".scroll").first().evaluate(
    (list) => list.scrollTo(0, list.scrollHeight),
    null,
    LOOK,
  );
  expect(await shop.button(en.showMore).count(), "further pages").toBe(0);
}
