import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { AxeResults, RunOptions } from "axe-core";
import type { ShopPage } from "../../support/shop_page.ts";

const SCREENSHOTS = fileURLToPath(new URL("../../screenshots/", import.meta.url));
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

mkdirSync(SCREENSHOTS, { recursive: true });

const STANDARD: RunOptions = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};
const COLORS: RunOptions = { runOnly: { type: "rule", values: ["color-contrast"] } };

/** Takes a screenshot and lets axe look at the widget as it is. Returns each rule that is broken, with where and why. */
export async function violationsOn(page: ShopPage, name: string): Promise<string[][]> {
  await page.page.screenshot({ path: `${SCREENSHOTS}${name}.png` });
  await page.page.evaluate(await readFile(AXE, "utf8"));
  return await violations(page, STANDARD);
}

/** The same screen for a visitor who likes it dark: only the colours differ, so only they are asked about. */
export async function violationsInTheDark(page: ShopPage, name: string): Promise<string[][]> {
  await page.page.emulateMedia({ colorScheme: "dark" });
  await page.page.screenshot({ path: `${SCREENSHOTS}${name}.png` });
  const found = await violations(page, COLORS);
  await page.page.emulateMedia({ colorScheme: "light" });
  return found;
}

async function violations(page: ShopPage, options: RunOptions): Promise<string[][]> {
  return await page.page.evaluate(async (options) => {
    const { axe } = globalThis as unknown as {
      axe: { run(context: unknown, options: RunOptions): Promise<AxeResults> };
    };
    const { violations } = await axe.run("heddle-widget", options);
    return violations.map((
      { id, nodes },
    ) => [id, ...nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`)]);
  }, options);
}
