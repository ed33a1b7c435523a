import { describe, expect, it } from "vitest";
import { en } from "../../kit/strings/en.ts";
import { eventually, type ShopPage } from "../support/shop_page.ts";
import { type Shopper, useShop } from "./support/shop.ts";

const shop = useShop();
const SUBJECT = "Is it too dark here?";
const BEFORE = ["Is a north window enough for a fern?", "For most of them it is."];
const REASON = "A message can have up to 4000 characters. Please send it in parts.";

async function writer(): Promise<{ shopper: Shopper; id: string; page: ShopPage }> {
  const shopper = await shop.newShopper();
  const id = await shop.newConversation(shopper);
  const page = await shop.visit(shopper);
  await page.openThread(SUBJECT);
  await page.message(BEFORE[1] ?? "").waitFor();
  return { shopper, id, page };
}

const draftOf = (page: ShopPage) => eventually(() => page.composer.inputValue());

describe("the next page", () => {
  it("shows the panel and the thread that were open, and leaves the focus to the page", async () => {
    const { page } = await writer();
    await page.load();

    await page.message(BEFORE[1] ?? "").waitFor();
    expect(await page.page.evaluate(() => document.activeElement === document.body)).toBe(true);

    await page.button("Back").click();
    await page.row(SUBJECT).waitFor();
    await page.panel.press("Escape");
    await page.load();
    await page.launcher().waitFor();
    await page.isQuiet();
    expect(await page.panel.count()).toBe(0);
  });
});

describe("what a visitor has written", () => {
  it("stays in the field after Back, a closed panel, a reload and on the next page", async () => {
    const { page } = await writer();
    await page.composer.fill("A draft");

    await page.button("Back").click();
    await page.row(SUBJECT).getByText("Draft", { exact: true }).waitFor();
    await page.row(SUBJECT).click();
    await draftOf(page).toBe("A draft");

    await page.panel.press("Escape");
    await page.page.reload();
    await page.openThread(SUBJECT);
    await draftOf(page).toBe("A draft");

    await page.load();
    await page.thread.waitFor();
    await draftOf(page).toBe("A draft");
  });

  it("stays in a form that was not saved", async () => {
    const shopper = await shop.newShopper();
    await shop.sql`
      insert into orders (id, visitor_id, placed_at, status, contents, total_cents, note)
      values (${shopper.id}, ${shopper.id}, now(), 'packing', 'Boston fern', 2490, 'Ring twice')`;
    const page = await shop.visit(shopper);
    const note = page.panel.getByRole("textbox", { name: "Delivery note" });
    await page.openChat();
    await page.tab("Orders").click();
    await page.row("Boston fern").click();
    await note.fill("Number 14");

    await page.button("Back").click();
    await page.row("Boston fern").click();
    await eventually(() => note.inputValue()).toBe("Number 14");
    await page.page.reload();
    await eventually(() => note.inputValue()).toBe("Number 14");
  });

  it("is sent once by the next page, where the network came back too late for this one", async () => {
    const { id, page } = await writer();
    const context = page.page.context();
    await context.setOffline(true);
    await page.send("My order 4711 never came.");
    await page.panel.getByText(en.waiting).waitFor();
    await page.page.close();
    await context.setOffline(false);

    const next = await page.newTab();
    await eventually(() => shop.stored(id)).toEqual([...BEFORE, "My order 4711 never came."]);
    await next.isQuiet();
    expect(await shop.stored(id)).toEqual([...BEFORE, "My order 4711 never came."]);
    await next.openThread(SUBJECT);
    await next.message("My order 4711 never came.").waitFor();
  });

  it("stays in doubt where no answer came, and can be sent again by the next page", async () => {
    const { id, page } = await writer();
    await page.page.route("**/functions/v1/tab-action", (route) => route.abort());
    await page.send("Did you get this?");
    await page.panel.getByText(en.notConfirmed).waitFor();

    await page.page.unroute("**/functions/v1/tab-action");
    await page.load();
    await page.panel.getByText(en.notConfirmed).waitFor();
    await page.button("Send again").click();
    await page.panel.getByText("Sent", { exact: true }).waitFor();
    expect(await shop.stored(id)).toEqual([...BEFORE, "Did you get this?"]);
  });

  it("and was refused is marked in the list, with the reason in its thread", async () => {
    const { id, page } = await writer();
    const held = await page.hold("create_item");
    await page.send("x".repeat(4001));
    await held.arrived;
    await page.button("Back").click();
    await held.release();
    await page.row(SUBJECT).getByText("Not sent").waitFor();

    await page.page.reload();
    await page.row(SUBJECT).getByText("Not sent").waitFor();
    await page.row(SUBJECT).click();
    await page.panel.getByText(REASON).waitFor();
    await page.button("Edit").click();
    await draftOf(page).toBe("x".repeat(4001));
    expect(await shop.stored(id)).toEqual(BEFORE);
  });
});
