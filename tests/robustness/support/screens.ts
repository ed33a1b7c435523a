import type { Locator } from "playwright-core";
import type { Shop, Shopper } from "../../e2e/support/shop.ts";
import type { ShopPage } from "../../support/shop_page.ts";

/** A row of the list as a reader sees it. */
interface Row {
  title: string;
  preview: string;
  unread: number;
}

/** The rows of the list, top to bottom. */
export async function rowsOn({ panel }: ShopPage): Promise<Row[]> {
  return await panel.locator(".row").evaluateAll((rows) =>
    rows.map((row) => ({
      title: row.querySelector(".row-title")?.textContent ?? "",
      preview: row.querySelector(".row-preview")?.textContent ?? "",
      unread: Number.parseInt(row.querySelector(".pill .hidden")?.textContent ?? "0"),
    }))
  );
}

/** What the rows must be, from the owner's own data. */
export async function rowsOf({ sql }: Shop, shopper: Shopper): Promise<Row[]> {
  return [
    ...await sql<Row[]>`
      select c.subject as title, case last.author when 'visitor' then 'You: ' else '' end || last.body as preview,
        (select count(*)::int from messages m
         where m.conversation_id = c.id and m.author = 'operator' and m.read_at is null) as unread
      from conversations c
      cross join lateral (
        select * from messages m where m.conversation_id = c.id order by m.id desc limit 1
      ) last
      where c.visitor_id = ${shopper.id}
      order by last.id desc`,
  ];
}

/** The whole open thread: earlier pages are asked for until there are none. */
export async function wholeThread(page: ShopPage): Promise<string[]> {
  const older = page.panel.getByRole("button", { name: "Show earlier messages" });
  while (await older.count() > 0) {
    const before = await page.messages();
    await older.click();
    await page.passTimeUntil(async () => (await page.messages()).length > before.length);
  }
  return await page.messages();
}

/** Presses a button that may go by itself meanwhile; resolves when it is pressed, or gone. */
export async function pressUnlessGone(button: Locator, patience: { timeout: number }): Promise<void> {
  await Promise.race([button.click(patience), button.waitFor({ state: "detached", ...patience })]);
}
