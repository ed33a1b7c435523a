import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { violationsInTheDark, violationsOn as violationsOfWidget } from "../support/axe.ts";
import { startInbox, type TestInbox, violationsOn } from "../support/inbox.ts";
import type { ShopPage } from "../support/shop_page.ts";
import { useShop } from "./support/shop.ts";

const shop = useShop({ storeTab: true });
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const UTC = { timezoneId: "UTC" };
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const DAY_MS = 86_400_000;
/** No test lasts until then. */
const opensOn = () => DAYS[new Date(Date.now() + 2 * DAY_MS).getUTCDay()] ?? "";
const GREETING = "Hello! Ask us anything about ferns.\nOur guide: https://shop.example/guide";

let inbox: TestInbox;
beforeAll(async () => {
  inbox = await startInbox({ stack: shop.stack, browser: shop.browser });
});
afterAll(() => inbox?.stop());

const nobody = { greeting: null, officeHours: null, awayMessage: null };
const setOffice = (changes: object) =>
  shop.stack.sql`select heddle_api.update_agent(${shop.stack.agent.id}, ${
    shop.stack.sql.json(changes as never)
  })`;
const goOffline = () => shop.stack.sql`delete from heddle.leases where subject = 'operator'`;
beforeEach(async () => void await goOffline());
afterEach(async () => void await setOffice(nobody));

async function siteSettings(options?: Parameters<TestInbox["visit"]>[0]): Promise<Page> {
  const { page, signIn } = await inbox.visit(options);
  await signIn(inbox.operators[0] ?? { email: "", password: "" });
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("navigation", { name: "Parts of the settings" }).getByRole("link", { name: "Site" })
    .click();
  await page.getByRole("region", { name: "Greeting and office hours" }).waitFor();
  return page;
}

async function newConversation(options = {}): Promise<ShopPage> {
  const page = await shop.visit(await shop.newShopper(), { ...UTC, ...options });
  await page.openChat();
  await page.tab("Chat with us").click();
  await page.button("Start a conversation").click();
  await page.composer.waitFor();
  return page;
}

const away = (page: ShopPage) => page.panel.locator(".away");

it("an owner sets them in the inbox, and visitors are greeted, and told when somebody is there again", async () => {
  const page = await siteSettings();
  const form = page.getByRole("region", { name: "Greeting and office hours" });
  const save = form.getByRole("button", { name: "Save greeting and office hours" });
  await form.getByLabel("Greeting in a new conversation").fill(GREETING);
  await form.getByText("By office hours").click();
  await form.getByLabel("Time zone").fill("Europe/Atlantis");
  for (const day of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]) {
    await form.getByRole("button", { name: `Remove hours on ${day}` }).click();
  }
  await form.getByRole("button", { name: `Add hours on ${opensOn()}` }).click();
  await form.getByRole("button", { name: `Add hours on ${opensOn()}` }).click();
  await form.getByLabel(`${opensOn()}, from (2)`).fill("16:00");
  await form.getByLabel(`${opensOn()}, to (2)`).fill("20:00");
  await save.click();
  await form.getByText("There is no time zone “Europe/Atlantis”").waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("zone");
  await form.getByText("16:00-20:00 overlaps with 09:00-17:00.").waitFor();
  expect(await violationsOn(page, "settings_office_refused")).toEqual([]);

  await form.getByLabel("Time zone").fill("UTC");
  await form.getByLabel(`${opensOn()}, from (2)`).fill("18:00");
  await form.getByText(`Now: closed until ${opensOn()}`).waitFor();
  expect(await violationsOn(page, "settings_office")).toEqual([]);
  await save.click();
  await form.getByText("Not saved yet.").waitFor({ state: "hidden" });
  await page.reload();
  await form.getByLabel(`${opensOn()}, to (2)`).waitFor();
  expect(await form.getByLabel("Greeting in a new conversation").inputValue()).toBe(GREETING);

  // Whoever has the inbox open is there, whatever the hours.
  const visitor = await newConversation();
  await visitor.panel.getByText("Hello! Ask us anything").waitFor();
  expect(await visitor.panel.getByRole("link").getAttribute("href")).toBe("https://shop.example/guide");
  await expect.poll(() => visitor.calls("office")).toHaveLength(1);
  expect(await away(visitor).count()).toBe(0);
  await page.context().close();
  await goOffline();
  const other = await newConversation();
  await away(other).getByText(`Back ${opensOn()}, 9:00 AM`).waitFor();
  expect(other.complaints).toEqual([]);
});

it("what is typed into the form is there after a reload, and goes when it is discarded", async () => {
  const page = await siteSettings(PHONE);
  const form = page.getByRole("region", { name: "Greeting and office hours" });
  await form.getByText("By office hours").click();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  await form.getByRole("button", { name: "Remove hours on Tuesday" }).press("Enter");
  await expect.poll(focused).toBe("Add hours on Tuesday");
  await form.getByRole("button", { name: "Add hours on Sunday" }).press("Enter");
  await expect.poll(focused).toBe("Sunday, from");
  await form.getByLabel("Sunday, to", { exact: true }).fill("02:00");
  await form.getByText("the next day").waitFor();
  await page.reload();
  await form.getByText("the next day").waitFor();
  expect(await form.getByLabel("Tuesday, from", { exact: true }).isVisible()).toBe(false);
  await form.getByRole("button", { name: "Add hours on Saturday" }).scrollIntoViewIfNeeded();
  expect(await violationsOn(page, "settings_office_phone")).toEqual([]);
  await form.getByRole("button", { name: "Discard" }).click();
  await form.getByLabel("Time zone").waitFor({ state: "hidden" });
  expect(await form.getByLabel("Always").isChecked()).toBe(true);
});

for (const [look, options] of Object.entries({ "on a desktop": {}, "on a phone": PHONE })) {
  it(`a greeting and an away message have nothing that axe finds ${look}, light and dark`, async () => {
    const awayMessage = "We are closed for the day. Our hours: https://shop.example/hours";
    await setOffice({ greeting: GREETING, awayMessage, officeHours: { zone: "UTC" } });
    const page = await newConversation(options);
    await away(page).getByRole("link").waitFor();
    for (const screen of ["greeting", "away"]) {
      const name = `${look} - ${screen}`;
      expect(await violationsOfWidget(page, name), name).toEqual([]);
      expect(await violationsInTheDark(page, `${name}-dark`), `${name}, dark`).toEqual([]);
      if (screen === "greeting") await page.send("Which fern is hardy?");
      await page.message("Which fern is hardy?").waitFor();
    }
    expect(await page.panel.getByText("Hello! Ask us anything").count()).toBe(0);
    expect(await away(page).count()).toBe(1);
  });
}

it("leaves the field in view on a small screen, however long greeting and away message are", async () => {
  const long = "Ferns are green. ".repeat(29);
  await setOffice({ greeting: long, awayMessage: long, officeHours: { zone: "UTC" } });
  const page = await newConversation({ ...PHONE, viewport: { width: 390, height: 300 } });
  await away(page).getByText("Ferns are green.").waitFor();
  expect(await violationsOfWidget(page, "on a small screen - away")).toEqual([]);
  const box = await page.composer.boundingBox();
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(300);
});

it("an open conversation says so no longer a minute after somebody comes", async () => {
  await setOffice({ officeHours: { zone: "UTC" } });
  const page = await newConversation();
  await page.send("Is anybody there?");
  await away(page).getByText("Nobody is here at the moment.").waitFor();
  await siteSettings();
  await expect.poll(() =>
    shop.stack.sql`select from heddle.leases where subject = 'operator' and state = 'online'`
  )
    .toHaveLength(1);
  await page.passTimeUntil(async () => await away(page).count() === 0);
  expect(page.complaints).toEqual([]);
});

it("says nothing that a former page of the browser tab was told once the hours have begun", async () => {
  const opens = new Date(Date.now() + DAY_MS);
  const day = DAYS[opens.getUTCDay()]?.slice(0, 3).toLowerCase() ?? "";
  await setOffice({ officeHours: { zone: "UTC", [day]: ["00:00-24:00"] } });
  const page = await newConversation();
  await away(page).getByText(/^Back /).waitFor();
  await page.page.route("**/tab-action", (route) => route.abort());
  await page.page.clock.fastForward(DAY_MS);
  await away(page).waitFor({ state: "hidden" });
});
