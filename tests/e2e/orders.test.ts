import { describe, expect, it } from "vitest";
import { eventually, type ShopPage } from "../support/shop_page.ts";
import { type Shopper, useShop } from "./support/shop.ts";

const shop = useShop();

/** A visitor with so many delivered orders, and one on top that is being packed. */
async function customer(delivered = 1): Promise<{ shopper: Shopper; page: ShopPage; packing: string }> {
  const shopper = await shop.newShopper();
  const packing = `${shopper.id}-packing`;
  for (let days = 1; days <= delivered; days++) {
    await shop.sql`
      insert into orders (id, visitor_id, placed_at, status, contents, total_cents)
      values (${`${shopper.id}-${days}`}, ${shopper.id}, now() - ${days} * interval '1 day',
        'delivered', ${`Delivered plant ${days}`}, ${days * 100})`;
  }
  await shop.sql`
    insert into orders (id, visitor_id, placed_at, status, contents, total_cents, note)
    values (${packing}, ${shopper.id}, now(), 'packing', 'Boston fern', 2490, 'Ring twice')`;
  const page = await shop.visit(shopper);
  await page.openChat();
  await page.tab("Orders").click();
  await page.row("Boston fern").waitFor();
  return { shopper, page, packing };
}

const titles = (page: ShopPage) => page.panel.getByRole("listitem").locator(".row-title").allTextContents();

async function noteOf(orderId: string): Promise<string> {
  const [order] = await shop.sql<[{ note: string }]>`select note from orders where id = ${orderId}`;
  return order.note;
}

describe("the list of a default tab", () => {
  it("shows the owner's records in the owner's order, page by page", async () => {
    const { page } = await customer(12);

    await page.panel.getByRole("listitem").last().scrollIntoViewIfNeeded();
    await eventually(async () => {
      await page.panel.getByRole("listitem").last().scrollIntoViewIfNeeded();
      return titles(page);
    }).toEqual(["Boston fern", ...Array.from({ length: 12 }, (_, index) => `Delivered plant ${index + 1}`)]);
  });

  it("fetches again when the tab is opened again", async () => {
    const { shopper, page } = await customer();
    await page.tab("Messages").click();
    await page.button("Start a conversation").waitFor();
    await shop
      .sql`update orders set contents = 'Pilea' where visitor_id = ${shopper.id} and status = 'packing'`;

    await page.tab("Orders").click();

    await page.row("Pilea").waitFor();
  });

  it("subscribes to nothing", async () => {
    const { shopper, page } = await customer();
    await page.row("Boston fern").click();
    await page.panel.getByRole("textbox", { name: "Delivery note" }).waitFor();
    await page.isQuiet();

    const { topics } = await shop.stack.realtime() as { topics: { topic: string }[] };
    expect(topics.filter(({ topic }) => topic.includes(shopper.id)).map(({ topic }) => topic))
      .toEqual(await shop.topicsOf(shopper));
  });
});

describe("a record", () => {
  it("is shown with the fields that the owner sends", async () => {
    const { page, packing } = await customer();
    await page.row("Boston fern").click();

    await page.panel.getByRole("heading", { name: "Boston fern" }).waitFor();
    const facts = page.panel.getByRole("region", { name: "Boston fern" });
    await facts.waitFor();
    const pairs = await facts.locator("dl > div").evaluateAll((lines) =>
      lines.map((line) => [line.querySelector("dt")?.textContent, line.querySelector("dd")?.textContent])
    );
    expect(Object.fromEntries(pairs)).toMatchObject({ Status: "packing", Total: "€24.90" });
    await facts.getByText(`Order ${packing}`).waitFor();
    expect(await facts.getByRole("textbox", { name: "Delivery note" }).inputValue()).toBe("Ring twice");
  });

  it("is changed by the form, on the owner's side too", async () => {
    const { page, packing } = await customer();
    await page.row("Boston fern").click();
    const note = page.panel.getByRole("textbox", { name: "Delivery note" });
    expect(await page.button("Save").isDisabled()).toBe(true);

    await note.fill("Leave it with the neighbours.");
    await page.button("Save").click();

    await page.panel.getByText("Saved.").waitFor();
    expect(await noteOf(packing)).toBe("Leave it with the neighbours.");
    expect(await note.inputValue()).toBe("Leave it with the neighbours.");
  });

  it("keeps what was typed beside the owner's words when the change is refused", async () => {
    const { page, packing } = await customer();
    await page.row("Boston fern").click();
    const note = page.panel.getByRole("textbox", { name: "Delivery note" });
    await note.waitFor();
    await shop.sql`update orders set status = 'shipped' where id = ${packing}`;

    await note.fill("Too late");
    await page.button("Save").click();

    await page.panel.getByText("has left our shop, so its delivery note can't be changed.").waitFor();
    expect(await note.inputValue()).toBe("Too late");
    expect(await noteOf(packing)).toBe("Ring twice");
  });

  it("is deleted after a question, and not without", async () => {
    const { page } = await customer();
    await page.row("Boston fern").click();
    await page.button("Delete").click();
    const question = page.panel.getByRole("group", { name: "Delete this for good?" });
    await question.getByRole("button", { name: "Cancel" }).click();
    await question.waitFor({ state: "detached" });

    await page.button("Delete").click();
    await question.getByRole("button", { name: "Delete" }).click();

    await eventually(() => titles(page)).toEqual(["Delivered plant 1"]);
    await page.panel.getByRole("region", { name: "Boston fern" }).waitFor({ state: "detached" });
  });

  it("stays, and says why, when the owner refuses to delete it", async () => {
    const { page, packing } = await customer();
    await shop.sql`update orders set status = 'shipped' where id = ${packing}`;
    await page.row("Boston fern").click();
    await page.button("Delete").click();
    const question = page.panel.getByRole("group", { name: "Delete this for good?" });
    await question.getByRole("button", { name: "Delete" }).click();

    await question.getByRole("alert").getByText("is on its way").waitFor();
    await question.getByRole("button", { name: "Cancel" }).click();
    await page.button("Back").click();
    await page.row("Boston fern").waitFor();
  });
});

it("a widget with default tabs alone opens no socket at all", async () => {
  const shopper = await shop.newShopper();
  await shop.stack.sql`delete from heddle.tabs where id = ${shop.stack.tabs.messaging}`;
  const page = await shop.newPage(shopper);
  let sockets = 0;
  page.page.on("websocket", () => sockets++);
  await page.load();

  await page.openChat();
  await page.panel.getByText("Nothing here yet.").waitFor();
  await page.isQuiet();
  await page.isQuiet();

  expect(sockets).toBe(0);
  expect(page.calls()).toContain("tab-fetch");
});
