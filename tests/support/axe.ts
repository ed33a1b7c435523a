import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import type { ShopPage } from "./shop_page.ts";

const SCREENSHOTS = fileURLToPath(new URL("../screenshots/", import.meta.url));
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const STANDARD: RunOptions = {
  resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};
export const COLORS: RunOptions = {
  resultTypes: ["violations"],
  runOnly: { type: "rule", values: ["color-contrast"] },
};

/** For whoever wants to look at the screens too: a picture takes as long as axe does. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (process.env.HEDDLE_TEST_SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}${name}.png` });
}

/** Makes `axe` known to the page, until it loads anew. */
export async function bringAxe(page: Page): Promise<void> {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(AXE);
}

/** What axe, which the page must know, finds in it, or only below `selector`. */
export async function violations(page: Page, options: RunOptions, selector = ":root") {
  return await page.evaluate(async ({ selector, options }) => {
    const { axe } = globalThis as unknown as {
      axe: { run(context: string, options: RunOptions): Promise<AxeResults> };
    };
    return (await axe.run(selector, options)).violations;
  }, { selector, options });
}

/** Lets axe look at the widget as it is. Returns each rule that is broken, with where and why. */
export async function violationsOn(page: ShopPage, name: string): Promise<string[][]> {
  await keepScreenshot(page.page, name);
  await bringAxe(page.page);
  return await violationsOfWidget(page, STANDARD);
}

/** The same screen for a visitor who likes it dark: only the colours differ, so only they are asked about. */
export async function violationsInTheDark(page: ShopPage, name: string): Promise<string[][]> {
  await page.page.emulateMedia({ colorScheme: "dark" });
  await keepScreenshot(page.page, name);
  const found = await violationsOfWidget(page, COLORS);
  await page.page.emulateMedia({ colorScheme: "light" });
  return found;
}

async function violationsOfWidget({ page }: ShopPage, options: RunOptions): Promise<string[][]> {
  const found = await violations(page, options, "heddle-widget");
  return found.map((
    { id, nodes },
  ) => [id, ...nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`)]);
}
