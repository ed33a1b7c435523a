import { expect, test } from "vitest";
import { CallLimit } from "../../../../../local/realtime/limits/limits.ts";
import { FakeClock } from "../fake_services.ts";

test("so many calls go through in a window, and again in the next one", () => {
  const clock = new FakeClock();
  const limit = new CallLimit(clock, { calls: 2, windowMs: 1000 });
  const calls = () => [limit.allow(), limit.allow(), limit.allow()];
  expect(calls()).toEqual([true, true, false]);
  clock.advance(1000);
  expect(limit.allow()).toBe(false);
  clock.advance(1);
  expect(calls()).toEqual([true, true, false]);
});
