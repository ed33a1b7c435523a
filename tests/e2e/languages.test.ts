import { expect, it } from "vitest";
import { violationsOn } from "../support/axe.ts";
import { eventually, type ShopPage } from "../support/shop_page.ts";
import { useShop } from "./support/shop.ts";

const shop = useShop({ storeTab: true });
const SUBJECT = "Is it too dark here?";

/** The shop's page as if it were German, before it has loaded. */
async function germanPage(): Promise<ShopPage> {
  const shopper = await shop.newShopper();
  await shop.newConversation(shopper);
  const page = await shop.newPage(shopper);
  await page.changeHtml((html) => html.replace('<html lang="en"', '<html lang="de"'));
  return page;
}

const named = (page: ShopPage, role: "button" | "textbox", name: string) =>
  page.page.getByRole(role, { name, exact: true });

async function axeFindsNothing(page: ShopPage, screen: string): Promise<void> {
  expect(await violationsOn(page, screen), screen).toEqual([]);
}

/** Keeps what the widget says from now on: texts and accessible names. */
async function keepWhatIsSaid(page: ShopPage): Promise<() => Promise<string[]>> {
  await page.page.evaluate(() => {
    const said = new Set<string>();
    const root = document.querySelector("heddle-widget")?.shadowRoot as ShadowRoot;
    const note = () => {
      for (const element of root.querySelectorAll("*")) {
        if (element.children.length === 0) said.add(element.textContent ?? "");
        said.add(element.getAttribute("aria-label") ?? "");
      }
    };
    const all = { subtree: true, childList: true, characterData: true, attributes: true };
    new MutationObserver(note).observe(root, all);
    Object.assign(globalThis, { said });
  });
  return () => page.page.evaluate(() => [...(globalThis as unknown as { said: Set<string> }).said]);
}

it("on a German page launcher, list, thread and composer are German, and axe finds nothing", async () => {
  const page = await germanPage();
  await page.load();
  await named(page, "button", "Nachrichten öffnen (1)").waitFor();
  await axeFindsNothing(page, "german - launcher");

  await named(page, "button", "Nachrichten öffnen (1)").click();
  await page.row(SUBJECT).waitFor();
  await named(page, "button", "Neue Unterhaltung").waitFor();
  await named(page, "button", "Nachrichten schließen").first().waitFor();
  expect(await page.row(SUBJECT).textContent()).toContain("1 ungelesen");
  expect(await page.panel.getAttribute("lang")).toBe("de");
  await axeFindsNothing(page, "german - list");

  await page.row(SUBJECT).click();
  await page.panel.getByText("Heute", { exact: true }).waitFor();
  const composer = named(page, "textbox", "Nachricht schreiben");
  await composer.fill("Danke!");
  await named(page, "button", "Senden").click();
  await page.panel.getByText("Gesendet", { exact: true }).waitFor();
  await axeFindsNothing(page, "german - thread");

  expect(page.complaints).toEqual([]);

  // Known from the beginning, whatever else can be loaded.
  await page.page.route("**/assets/*.js", (route) => route.abort());
  await page.load();
  await named(page, "button", "Nachrichten öffnen").waitFor();
});

it("a conversation that Heddle keeps is German, too", async () => {
  const page = await germanPage();
  await page.load();
  await named(page, "button", "Nachrichten öffnen (1)").click();
  await page.panel.getByRole("tab").last().click();
  await named(page, "button", "Unterhaltung beginnen").click();
  await page.panel.getByText("Schreiben Sie Ihre erste Nachricht.").waitFor();
  await named(page, "textbox", "Nachricht schreiben").fill("Haben Sie Farne?");
  await named(page, "button", "Senden").click();
  await named(page, "button", "Um einen Menschen bitten").click();
  const kept = await shop.stack.sql`select language, page ->> 'locale' as locale from heddle.visitors`;
  expect(kept).toEqual([{ language: "de", locale: await page.page.evaluate("navigator.language") }]);
  await page.panel.getByText("Jemand wird Ihnen hier antworten.").waitFor();
  await named(page, "button", "Optionen der Nachricht: Haben Sie Farne?").click();
  await named(page, "button", "Löschen").click();
  await page.panel.getByText("Diese Nachricht löschen?").waitFor();
  await axeFindsNothing(page, "german - kept");
  expect(page.complaints).toEqual([]);
});

it("the panel says nothing in English on its way", async () => {
  const page = await germanPage();
  await page.load();
  await named(page, "button", "Nachrichten öffnen (1)").waitFor();
  const said = await keepWhatIsSaid(page);
  await named(page, "button", "Nachrichten öffnen (1)").click();
  await page.row(SUBJECT).click();
  await named(page, "textbox", "Nachricht schreiben").waitFor();
  await eventually(async () => (await said()).includes("Nachricht schreiben")).toBe(true);
  // "Messages" is what the shop calls a tab.
  const english = ["Close messages", "Loading", "New conversation", "Write a message", "Back", "Send"];
  expect((await said()).filter((text) => english.includes(text))).toEqual([]);
});

it("where the German words are lost all is there in English", async () => {
  const page = await germanPage();
  let lost = 0;
  await page.page.route("**/assets/*.js*", async (route) => {
    const response = await route.fetch();
    const isWords = (await response.text()).includes("Nachrichten öffnen");
    if (isWords) lost++;
    await (isWords ? route.abort() : route.fulfill({ response }));
  });
  const thrown: unknown[] = [];
  page.page.on("pageerror", (error) => thrown.push(error));
  await page.load();
  await page.launcher(1).click();
  await page.row(SUBJECT).click();
  await page.send("Thank you!");
  await page.panel.getByText("Sent", { exact: true }).waitFor();
  expect(lost).toBeGreaterThan(0);
  expect(thrown).toEqual([]);
});
