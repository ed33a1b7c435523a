import type { Browser, CDPSession, Page } from "playwright-core";

interface TraceEvent {
  name: string;
  ph: string;
  /** Microseconds. */
  ts: number;
  dur?: number;
  /** How much of it the thread was running: other programs on the machine take no part in it. */
  tdur?: number;
  pid: number;
  tid: number;
}

const CATEGORIES = ["-*", "toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"];
const MARK = "step:";

/**
 * Records how long the tasks of a page's main thread are, step by step. Nothing but what the steps do runs in the page:
 * Playwright's own locators would make long tasks of their own.
 */
export async function recordTasks(browser: Browser, page: Page) {
  const devtools = await page.context().newCDPSession(page);
  await browser.startTracing(page, { categories: [...CATEGORIES, "blink.user_timing", "__metadata"] });
  return {
    devtools,
    /** What happens from now on belongs to this step. */
    begin: (step: string) => evaluate(devtools, `performance.mark("${MARK}${step}")`),
    /** The longest task of each step, in milliseconds of the thread's own time. */
    async end(): Promise<Record<string, number>> {
      const trace = JSON.parse(String(await browser.stopTracing()));
      return longestBySteps(trace.traceEvents as TraceEvent[]);
    },
  };
}

/** Runs an expression in the page without anything around it. */
export async function evaluate<Value>(devtools: CDPSession, expression: string): Promise<Value> {
  const { result } = await devtools.send("Runtime.evaluate", { expression, returnByValue: true });
  return result.value as Value;
}

function longestBySteps(events: TraceEvent[]): Record<string, number> {
  const marks = events.filter(({ name, ph }) => name.startsWith(MARK) && ph !== "e").sort((a, b) =>
    a.ts - b.ts
  );
  const [first] = marks;
  const longest: Record<string, number> = {};
  for (const { name, ph, ts, dur = 0, tdur = dur, pid, tid } of events) {
    if (ph !== "X" || !name.endsWith("RunTask") || pid !== first?.pid || tid !== first.tid) continue;
    const step = marks.findLast((mark) => mark.ts <= ts)?.name.slice(MARK.length);
    if (step !== undefined) longest[step] = Math.max(longest[step] ?? 0, tdur / 1000);
  }
  return longest;
}
