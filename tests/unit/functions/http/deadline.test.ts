import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { deadline } from "../../../../supabase/functions/_shared/http/deadline.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("aborts as AbortSignal.timeout does when the time is over", () => {
  const { signal } = deadline(1000);
  vi.advanceTimersByTime(999);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(signal.reason).toMatchObject({ name: "TimeoutError" });
});

it("leaves nothing behind once it has ended", () => {
  const { signal, end } = deadline(1000);
  end();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(5000);
  expect(signal.aborted).toBe(false);
});
