import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "playwright-core";

/** The first looks follow sooner on each other. */
const LOOK_EVERY_MS = { first: 40, later: 300 };
/** How much faster than the clock on the wall time passes on the screens meanwhile. */
const HASTE = 3;
/** How long a screen may take to catch up: names of channels are withheld for 30 s after a rotation at once. */
const PATIENCE_MS = 90_000;

/** Looks until `check` passes, while time passes on the pages. Rejects as it did when `patience`, in milliseconds, is over. */
export async function comesTrueOn(
  pages: Page[],
  check: () => Promise<unknown>,
  patience = PATIENCE_MS,
): Promise<void> {
  const until = Date.now() + patience;
  for (let wait = LOOK_EVERY_MS.first;; wait = Math.min(2 * wait, LOOK_EVERY_MS.later)) {
    const failure = await check().then(() => null, (error) => ({ error }));
    if (failure === null) return;
    if (Date.now() > until) throw failure.error;
    await delay(wait);
    for (const page of pages) await page.clock.runFor(HASTE * wait);
  }
}
