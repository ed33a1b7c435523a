import type { BrowserContextOptions } from "playwright-core";
import { afterEach, describe, expect, it } from "vitest";
import type { ShopPage } from "../support/shop_page.ts";
import { violationsInTheDark, violationsOn } from "../support/axe.ts";
import { type Shopper, useShop } from "./support/shop.ts";

const shop = useShop();
const SUBJECT = "Is it too dark here?";

afterEach(() => shop.stack.realtime({ fault: "clear" }));

interface Look {
  options?: BrowserContextOptions;
  html?: (html: string) => string;
  /** A screen of each kind will do, where only the place of things differs. */
  brief?: boolean;
}

const looks: Record<string, Look> = {
  "on a desktop": {},
  "on a phone": {
    options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    brief: true,
  },
  "right to left": {
    html: (html) =>
      html.replace('<html lang="en"', '<html lang="he" dir="rtl"')
        .replace("data-agent=", 'data-locale="he" data-agent='),
    brief: true,
  },
};

for (const [look, { options, html, brief }] of Object.entries(looks)) {
  describe(`axe finds nothing ${look}, light and dark,`, () => {
    async function visit(shopper: Shopper): Promise<ShopPage> {
      const page = await shop.newPage(shopper, options);
      if (html) await page.changeHtml(html);
      await page.load();
      return page;
    }

    async function seen(page: ShopPage, screen: string): Promise<void> {
      const name = `${look} - ${screen}`;
      expect(await violationsOn(page, name), name).toEqual([]);
      expect(await violationsInTheDark(page, `${name}-dark`), `${name}, dark`).toEqual([]);
    }

    it("on the launcher, the list, a thread and a long thread", async () => {
      const shopper = await shop.newShopper();
      await conversations(shopper);
      const page = await visit(shopper);
      await page.launcher(3).waitFor();
      await seen(page, "launcher");

      await page.openChat();
      await page.row(SUBJECT).waitFor();
      await seen(page, "list");

      await page.row(SUBJECT).click();
      await page.message("For most of them it is.").waitFor();
      await page.send("And what about a snake plant?");
      await page.panel.getByText("Sent", { exact: true }).waitFor();
      await page.composer.fill("One line\nand another");
      await seen(page, "thread");
      await page.button("Back").click();

      await page.row("Repotting").click();
      await page.message("Line 30").waitFor();
      await seen(page, "thread-long");
    });

    it("on the detail of a record, its form, and the question before deleting", async () => {
      const shopper = await shop.newShopper();
      await orders(shopper);
      const page = await visit(shopper);
      await page.openChat();
      await page.tab("Orders").click();
      await page.row("Boston fern").waitFor();
      await seen(page, "orders");

      await page.row("Boston fern").click();
      const note = page.panel.getByRole("textbox", { name: "Delivery note" });
      await note.fill("Leave it with the neighbours, please.");
      await seen(page, "order");

      await shop.sql`update orders set status = 'shipped' where visitor_id = ${shopper.id}`;
      await page.button("Save").click();
      await page.panel.getByText("has left our shop").waitFor();
      await page.button("Delete").click();
      await page.panel.getByRole("group", { name: "Delete this for good?" }).waitFor();
      await seen(page, "order-refused");
    });

    if (brief) return;

    it("where there is nothing yet, where something is loading, and where something failed", async () => {
      const shopper = await shop.newShopper();
      const page = await visit(shopper);
      const held = await page.hold("item_clicked");
      await page.openChat();
      await page.button("Start a conversation").waitFor();
      await seen(page, "empty");
      await page.button("Start a conversation").click();
      await page.composer.waitFor();
      await seen(page, "new-conversation");
      await page.send("x".repeat(4001));
      await page.panel.getByText("Please send it in parts.").waitFor();
      await seen(page, "not-sent");
      await page.button("Back").click();

      await page.tab("Orders").click();
      await page.panel.getByText("Nothing here yet.").waitFor();
      await seen(page, "no-orders");

      await orders(shopper);
      await page.tab("Messages").click();
      await page.tab("Orders").click();
      await page.row("Boston fern").click();
      await held.arrived;
      await seen(page, "loading");
      await shop.sql`delete from orders where visitor_id = ${shopper.id}`;
      await held.release();
      await page.panel.getByRole("alert").waitFor();
      await seen(page, "failed");
    });

    it("while the connection is away", async () => {
      const shopper = await shop.newShopper();
      const id = await shop.newConversation(shopper);
      const page = await visit(shopper);
      await page.openThread(SUBJECT);
      await shop.listening(shopper, id);
      await shop.stack.realtime({ fault: "refuse_upgrades" });
      await shop.stack.realtime({ fault: "drop" });
      await page.passTimeUntil(() => page.banner.isVisible());
      await seen(page, "offline");
    });
  });
}

describe("with the keyboard alone", () => {
  it("one opens the chat, moves along the list with arrow keys, opens a row and comes back to it", async () => {
    const shopper = await shop.newShopper();
    await conversations(shopper);
    const page = await shop.visit(shopper);
    await page.launcher(3).waitFor();
    const keyboard = page.page.keyboard;

    await page.launcher(3).focus();
    await keyboard.press("Enter");
    await page.row(SUBJECT).waitFor();
    expect(await focused(page)).toBe("dialog");

    const titles = await page.panel.getByRole("listitem").locator(".row-title").allTextContents();
    await tabTo(page, titles[0] ?? "");
    await keyboard.press("ArrowDown");
    expect(await focused(page)).toContain(titles[1]);
    await keyboard.press("End");
    expect(await focused(page)).toContain(titles.at(-1));
    await keyboard.press("ArrowUp");
    await keyboard.press("Home");
    expect(await focused(page)).toContain(titles[0]);
    // The list is one stop.
    await keyboard.press("Tab");
    expect(await focused(page)).not.toContain(titles[1]);
    await keyboard.press("Shift+Tab");
    expect(await focused(page)).toContain(titles[0]);

    await keyboard.press("Enter");
    await page.thread.waitFor();
    await page.composer.waitFor();
    await tabTo(page, "Back", "Shift+Tab");
    await keyboard.press("Enter");
    await page.thread.waitFor({ state: "detached" });
    expect(await focused(page)).toContain(titles[0]);
  });

  it("Escape closes the chat and gives the focus back to where it was", async () => {
    const shopper = await shop.newShopper();
    await conversations(shopper);
    const page = await shop.visit(shopper);
    await page.launcher(3).waitFor();

    await page.launcher(3).focus();
    await page.page.keyboard.press("Enter");
    await page.row(SUBJECT).waitFor();
    await page.page.keyboard.press("Escape");
    await page.panel.waitFor({ state: "hidden" });
    expect(await focused(page)).toBe("Open messages (3)");

    const link = page.page.getByRole("link", { name: "See what is growing" });
    await link.focus();
    await page.heddle("open");
    await page.row(SUBJECT).waitFor();
    await page.page.keyboard.press("Escape");
    await page.panel.waitFor({ state: "hidden" });
    expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it("nothing behind a thread, and nothing of a closed chat, can be reached", async () => {
    const shopper = await shop.newShopper();
    await conversations(shopper);
    const page = await shop.visit(shopper);
    await page.openThread(SUBJECT);
    const inThread = await stops(page);
    expect(inThread.some((stop) => stop.includes("Repotting"))).toBe(false);
    expect(inThread).toContain("Write a message");

    await page.panel.press("Escape");
    await page.panel.waitFor({ state: "hidden" });
    // What was read is counted by then.
    await page.page.getByRole("button", { name: "Open messages (1)" }).waitFor();
    expect((await stops(page)).filter(Boolean)).toEqual(["Open messages (1)"]);
  });
});

it("an arriving message is announced to screen readers once", async () => {
  const shopper = await shop.newShopper();
  const id = await shop.newConversation(shopper);
  const page = await shop.visit(shopper);
  await page.openThread(SUBJECT);
  await shop.listening(shopper, id);

  await shop.reply(id, "Try the east window.");

  await page.panel.getByRole("status").getByText("Mira: Try the east window.", { exact: true }).waitFor({
    state: "attached",
  });
});

async function conversations(shopper: Shopper): Promise<void> {
  const lines = Array.from(
    { length: 30 },
    (_, index): ["visitor" | "operator", string] => [index % 3 ? "operator" : "visitor", `Line ${index + 1}`],
  );
  await shop.newConversation(shopper, {
    subject: "Repotting: how often, and when in the year is it best?",
    lines,
  });
  await shop.newConversation(shopper, {
    subject: "האם הצמח הזה רעיל לחתולים?",
    lines: [["visitor", "האם הוא רעיל?"]],
  });
  const id = await shop.newConversation(shopper);
  await shop.write(
    id,
    "A long answer, with a link to https://example.com/care/ferns that leads out of the shop.",
  );
  await shop
    .sql`update conversations set status = 'resolved' where visitor_id = ${shopper.id} and id <> ${id}`;
}

async function orders(shopper: Shopper): Promise<void> {
  const row = { visitor_id: shopper.id, total_cents: 2490, placed_at: new Date() };
  await shop.sql`
    insert into orders ${
    shop.sql([
      { ...row, id: `${shopper.id}-1`, status: "packing", contents: "Boston fern", note: "Ring twice" },
      { ...row, id: `${shopper.id}-2`, status: "delivered", contents: "The Patient Garden", note: "" },
    ])
  }`;
}

/** Name or text of what has the focus in the widget; "dialog" for the panel itself, "" for nothing of it. */
function focused(page: ShopPage): Promise<string> {
  return page.page.evaluate(() => {
    const element = document.querySelector("heddle-widget")?.shadowRoot?.activeElement;
    if (!element) return "";
    if (element.getAttribute("role") === "dialog") return "dialog";
    return element.getAttribute("aria-label") ?? element.textContent ?? "";
  });
}

async function tabTo(page: ShopPage, name: string, key = "Tab"): Promise<void> {
  for (let presses = 0; presses < 20; presses++) {
    if ((await focused(page)).includes(name)) return;
    await page.page.keyboard.press(key);
  }
  throw new Error(`${name} can't be reached with ${key}`);
}

/** Everything of the widget that Tab stops at, beginning at the page's start. */
async function stops(page: ShopPage): Promise<string[]> {
  await page.page.evaluate(() => {
    document.body.tabIndex = -1;
    document.querySelector("footer a")?.scrollIntoView();
    document.querySelector<HTMLElement>("footer a")?.focus();
  });
  const names: string[] = [];
  for (let presses = 0; presses < 12; presses++) {
    await page.page.keyboard.press("Tab");
    const name = await focused(page);
    if (name === "") break;
    names.push(name);
  }
  return names;
}
