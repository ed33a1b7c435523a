import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUserToken } from "../../docs/examples/node/user_token.mjs";
import { longConversation, type Shopper, useShop } from "../e2e/support/shop.ts";
import { type Driver, FIREFOX, WEBKIT } from "./support/driver.ts";
import { INSECURE_HOST, startFirefox } from "./support/firefox.ts";
import { type PageOptions, serveSite, type Site } from "./support/site.ts";
import { type Visit, visitWith } from "./support/visit.ts";
import { startWebKit } from "./support/webkit.ts";

const BROWSERS = [
  { name: "Firefox", path: FIREFOX, start: startFirefox, narrow: 390 },
  { name: "WebKit", path: WEBKIT, start: startWebKit, narrow: 460 },
];
const SUBJECT = "Is it too dark here?";
const WIDE = [1180, 820] as const;

interface Arrival extends Partial<PageOptions> {
  /** Of the shopper's conversation. */
  lines?: typeof longConversation.lines;
}

const shop = useShop();
let site: Site;

beforeAll(async () => {
  site = await serveSite(shop.stack.apiUrl);
  const origins = [shop.stack.shopUrl, site.url, `http://${INSECURE_HOST}:${site.port}`];
  await shop.stack.sql`update heddle.agents set allowed_origins = ${origins}`;
});
afterAll(() => site?.stop());

// scripts/browsers.mjs tells which are missing.
describe.each(BROWSERS.filter(({ path }) => existsSync(path)))("in $name", ({ name, start, narrow }) => {
  let driver: Driver;
  let visit: Visit;
  let shopper: Shopper;

  beforeAll(async () => {
    driver = await start();
    visit = visitWith(driver);
    await driver.resize(...WIDE);
  });
  afterAll(() => driver?.close());

  const pageOf = ({ tag, ...options }: Partial<PageOptions> = {}) => {
    const token = createUserToken(shopper, shop.stack.agent.signingSecret);
    return site.page({ tag: { agent: shop.stack.agent.id, "user-token": token, ...tag }, ...options });
  };
  /** A page for a shopper of its own, who has a conversation. */
  async function arrive({ lines, ...options }: Arrival = {}) {
    shopper = await shop.newShopper();
    const id = await shop.newConversation(shopper, { lines });
    await driver.open(site.url + pageOf(options));
    await visit.isThere(".launcher");
    return id;
  }
  const complaints = () => visit.look("complaints");
  const focusIsInside = () => visit.look("Boolean(root.activeElement)");
  const iconIsInside = () =>
    visit.look(`(() => {
      const button = find(".launcher").getBoundingClientRect();
      return texts(".launcher svg").length > 0 && [...root.querySelectorAll(".launcher svg")].every((svg) => {
        const icon = svg.getBoundingClientRect();
        const off = (icon.left + icon.right - button.left - button.right) / 2;
        return icon.width < 45 && icon.top >= button.top && icon.bottom <= button.bottom && Math.abs(off) < 1;
      });
    })()`);

  it("the launcher holds its icon, before and after the rest has loaded", async () => {
    shopper = await shop.newShopper();
    await driver.open(site.url + site.page({ tag: { agent: shop.stack.agent.id } }));
    await visit.isThere(".launcher");
    expect(await iconIsInside()).toBe(true);
    await arrive();
    await visit.until(`find(".launcher").dataset.unread`).toBe("1");
    await visit.until(`texts(".launcher svg").length`).toBe(2);
    expect(await iconIsInside()).toBe(true);
  });

  it("the badge counts, live, what a closed widget has not shown", async () => {
    const id = await arrive();
    await visit.until(`find(".launcher").dataset.unread`).toBe("1");
    await shop.listening(shopper);
    await shop.reply(id, "Have you looked at its roots?");
    await visit.until(`find(".launcher").dataset.unread`).toBe("2");
    await visit.until("document.title").toMatch(/^\(2\)/);
  });

  it("list and thread show what there is, and what arrives", async () => {
    const id = await arrive();
    await visit.openThread(SUBJECT);
    await visit.shows("For most of them it is.");
    await shop.listening(shopper, id);
    await shop.reply(id, "Turn it a little every week.");
    await visit.shows("Turn it a little every week.");
    expect(await visit.look(`texts(".thread .bubble").length`)).toBe(3);
  });

  it("Enter sends, once and in order", async () => {
    const id = await arrive({ lines: [["visitor", "Hello?"]] });
    await visit.openThread(SUBJECT);
    await visit.click(".composer textarea");
    for (const text of ["First", "Second"]) {
      await visit.type(text);
      await visit.press("Enter");
    }
    await visit.until(`texts(".receipt").join()`).toMatch(/^(Sent|Seen)$/);
    expect(await shop.stored(id)).toEqual(["Hello?", "First", "Second"]);
    expect(await visit.look(`texts(".thread .bubble")`)).toEqual(["Hello?", "First", "Second"]);
  });

  it("older messages load upwards, each once and in order", async () => {
    await arrive(longConversation);
    await visit.openThread(SUBJECT);
    await visit.shows("Line 30");
    await visit.until(`(() => {
      find(".thread .scroll").scrollTop = 0;
      return texts(".thread .bubble");
    })()`).toEqual(longConversation.lines?.map(([, body]) => body));
  });

  it("Shift+Tab from the composer to what loads older messages keeps the focus", async () => {
    await arrive(longConversation);
    await visit.openThread(SUBJECT);
    await visit.shows("Line 30");
    await visit.click(".composer textarea");
    await visit.press("Tab", true);
    await visit.until(`texts(".thread .bubble").includes("Line 1") || find(".more")?.textContent`)
      .not.toBe("Loading");
    await visit.press("Enter");
    await visit.shows("Line 8");
    expect(await focusIsInside()).toBe(true);
    await visit.closesWithEscape();
  });

  it("a thread whose connection broke catches up", async () => {
    const id = await arrive();
    await visit.openThread(SUBJECT);
    await shop.listening(shopper, id);
    await shop.stack.realtime({ fault: "hold_joins" });
    await shop.stack.realtime({ fault: "drop" });
    await expect.poll(() => shop.topicsOf(shopper, id), { timeout: 10_000 }).toEqual([]);
    await shop.reply(id, "Written meanwhile.");
    await shop.stack.realtime({ fault: "release_joins" });
    await shop.stack.realtime({ fault: "clear" });
    await visit.shows("Written meanwhile.");
    await expect.poll(() => shop.topicsOf(shopper, id), { timeout: 20_000 }).toHaveLength(2);
    await shop.reply(id, "Live again.");
    await visit.shows("Live again.");
  });

  it("a form that is saved by its button keeps the focus in the panel", async () => {
    await arrive();
    await shop.sql`
      insert into orders (id, visitor_id, placed_at, status, contents, total_cents)
      values (${`order-${shopper.id}`}, ${shopper.id}, now(), 'packing', 'Monstera', 8400)`;
    await visit.openPanel();
    await visit.click(".tab:nth-child(2)");
    await visit.until(`texts(".row").length`).toBe(1);
    await visit.click(".row");
    await visit.click(".update-form textarea");
    await visit.type("Ring twice");
    await visit.press("Tab");
    // Firefox presses no button of any page for a key that comes by remote control.
    if (name === "Firefox") await visit.click(".form-end button");
    else await visit.press("Enter");
    await visit.until(`texts(".form-end p").join()`).toBe("Saved.");
    expect(await visit.look(`root.activeElement?.textContent`)).toBe("Save");
    await visit.closesWithEscape();
  });

  it("Escape closes, and the focus is back on the launcher", async () => {
    await arrive();
    await visit.openPanel();
    await visit.closesWithEscape();
    expect(await visit.look(`root.activeElement?.className`)).toBe("launcher");
    expect(await visit.look(`getComputedStyle(find(".launcher")).display`)).not.toBe("none");
  });

  it.each([["dark", "rgb(27, 28, 31)"], ["light", "rgb(255, 255, 255)"]])(
    "the theme is %s where the tag says so",
    async (theme, color) => {
      await arrive({ tag: { theme } });
      await visit.openPanel();
      expect(await visit.look(`getComputedStyle(find(".panel")).backgroundColor`)).toBe(color);
    },
  );

  it("a right-to-left page has it on the left, and its rows begin on the right", async () => {
    await arrive({ dir: "rtl", tag: { locale: "ar" } });
    expect(await visit.look(`find(".launcher").getBoundingClientRect().left`)).toBeLessThan(40);
    await visit.openPanel();
    await visit.isThere(".row");
    expect(
      await visit.look(`find(".row .avatar").getBoundingClientRect().left >
        find(".row-title").getBoundingClientRect().left`),
    ).toBe(true);
  });

  it("a narrow window is filled, with the composer in view", async () => {
    await driver.resize(narrow, 700);
    await arrive();
    await visit.openThread(SUBJECT);
    await visit.until(`(() => {
      const { left, width, top } = find(".panel").getBoundingClientRect();
      const { bottom } = find(".composer").getBoundingClientRect();
      return [left, top, width === document.documentElement.clientWidth, bottom <= innerHeight];
    })()`).toEqual([0, 0, true, true]);
    await driver.resize(...WIDE);
  });

  it("a strict policy is not broken, by the list, a thread, a record and a message", async () => {
    await arrive();
    await visit.openThread(SUBJECT);
    await visit.click(".composer textarea");
    await visit.type("Thanks");
    await visit.press("Enter");
    await visit.shows("Thanks");
    await visit.click(".over .icon-button");
    await visit.click(".tab:nth-child(2)");
    await visit.isThere(".empty");
    expect(await complaints()).toEqual([]);
  });

  it("blocked storage is reported, and all else works", async () => {
    await arrive({ blocked: true });
    await visit.openThread(SUBJECT);
    await visit.shows("For most of them it is.");
    await visit.until("problems").toContain("storage_blocked");
    expect(await complaints()).toEqual([]);
  });

  // Only Firefox can be given a name that is this machine without being called local.
  if (name === "Firefox") {
    it("an insecure origin has all of it", async () => {
      shopper = await shop.newShopper();
      const id = await shop.newConversation(shopper);
      await driver.open(`http://${INSECURE_HOST}:${site.port}${pageOf()}`);
      expect(await visit.look("isSecureContext")).toBe(false);
      await visit.openThread(SUBJECT);
      await shop.listening(shopper, id);
      await shop.reply(id, "Live as well.");
      await visit.shows("Live as well.");
      await visit.click(".composer textarea");
      await visit.type("Sent as well");
      await visit.press("Enter");
      await expect.poll(() => shop.stored(id), { timeout: 10_000 }).toContain("Sent as well");
      expect(await complaints()).toEqual([]);
    });
  }

  it("Back returns to a page whose widget is live", async () => {
    const id = await arrive();
    await visit.openPanel();
    await shop.listening(shopper);
    await driver.open(site.url + site.page({ tag: {} }));
    await driver.back();
    await visit.isThere(".launcher");
    // WebKit keeps the page; Firefox keeps none with an open socket.
    expect(await visit.look("restored")).toBe(name === "WebKit");
    // As it was left, also where the page is another.
    await visit.isThere(".panel[data-open]");
    await shop.listening(shopper);
    await shop.reply(id, "Welcome back.");
    await visit.until(`texts(".row-preview")`).toEqual(["Welcome back."]);
  });
});
