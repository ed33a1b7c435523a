import { afterEach, expect, it, vi } from "vitest";
import { progress } from "../../../scripts/progress.mjs";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it("a slow step is announced on standard error, never between what a command prints", async () => {
  vi.useFakeTimers();
  const [out, error] = [vi.spyOn(console, "log"), vi.spyOn(console, "error").mockReturnValue()];
  const slow = progress("Building", new Promise<void>((resolve) => setTimeout(resolve, 1000)));
  await vi.advanceTimersByTimeAsync(1000);
  await slow;
  expect(error.mock.calls.flat()).toEqual([
    "  … Building",
    expect.stringMatching(/^ {2}✓ Building \(\d+\.\d s\)$/),
  ]);
  expect(out).not.toHaveBeenCalled();
});
