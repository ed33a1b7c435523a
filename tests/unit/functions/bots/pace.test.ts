import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPace, type PaceOptions } from "../../../../supabase/functions/_shared/bots/pace.ts";
import { followTimers } from "../../../support/pending_timers.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function follow(options: Partial<PaceOptions> = {}) {
  const sent: [number, string][] = [];
  let works = true;
  const pace = createPace({
    begun: "",
    everyMs: () => 50,
    send(offset, delta) {
      sent.push([offset, delta]);
      return Promise.resolve(works);
    },
    ...options,
  });
  return { pace, sent, fail: (fails: boolean) => (works = !fails) };
}

test("400 words in two seconds are told in some 40 frames, which hold every character", async () => {
  const { pace, sent } = follow();
  let text = "";
  for (let word = 0; word < 400; word++) {
    pace.grow(text += word % 23 === 0 ? "👩‍🌾 " : `word${word} `);
    await vi.advanceTimersByTimeAsync(5);
  }
  await pace.finish();
  expect(sent.length).toBeGreaterThan(30);
  expect(sent.length).toBeLessThanOrEqual(42);
  expect(sent.map(([, delta]) => delta).join("")).toBe(text);
  expect(sent.every(([offset], at) => offset === sent.slice(0, at).map(([, delta]) => delta).join("").length))
    .toBe(true);
});

test("no character is cut in two", async () => {
  const { pace, sent } = follow();
  pace.grow("a\ud83d");
  await vi.advanceTimersByTimeAsync(100);
  pace.grow("a\ud83c\udf3f");
  await vi.advanceTimersByTimeAsync(100);
  expect(sent).toEqual([[0, "a"], [1, "🌿"]]);
});

test("one call is under way at a time, and what came meanwhile goes with the next", async () => {
  const waiting: (() => void)[] = [];
  const calls: string[] = [];
  const { pace } = follow({
    send: (offset, delta) => {
      calls.push(`${offset} ${delta}`);
      return new Promise((resolve) => waiting.push(() => resolve(true)));
    },
  });
  pace.grow("a");
  await vi.advanceTimersByTimeAsync(60);
  pace.grow("ab");
  pace.grow("abc");
  await vi.advanceTimersByTimeAsync(500);
  expect(calls).toEqual(["0 a"]);
  waiting[0]?.();
  await vi.advanceTimersByTimeAsync(60);
  expect(calls).toEqual(["0 a", "1 bc"]);
});

test("what failed is handed out again as it was", async () => {
  const { pace, sent, fail } = follow();
  fail(true);
  pace.grow("ab");
  await vi.advanceTimersByTimeAsync(10);
  fail(false);
  pace.grow("abcd");
  await vi.advanceTimersByTimeAsync(200);
  expect(sent).toEqual([[0, "ab"], [0, "ab"], [2, "cd"]]);
});

test("a pace that beats says so where nothing grows, until it is finished; then no timer is left", async () => {
  const pending = followTimers("_shared/bots");
  const { pace, sent } = follow({ begun: "abc", beats: true, everyMs: () => 1000 });
  await vi.advanceTimersByTimeAsync(2500);
  expect(sent).toEqual([[3, ""], [3, ""], [3, ""]]);
  expect(pending()).toBe(1);
  await pace.finish();
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent).toHaveLength(3);
  expect(pending()).toBe(0);
});
