import { expect, test } from "vitest";
import { signal } from "../../../client/platform/emitter.ts";

test("a watcher is told of the value now and of every other one", () => {
  const count = signal(1);
  const seen: number[] = [];
  const stop = count.subscribe((value) => seen.push(value));
  count.value = 1;
  count.value = 2;
  stop();
  count.value = 3;
  expect(seen).toEqual([1, 2]);
});

test("a watcher that changes the value leaves nobody with an old one", () => {
  const count = signal(0);
  const seen: number[] = [];
  count.subscribe((value) => {
    if (value === 1) count.value = 2;
  });
  count.subscribe((value) => seen.push(value));
  count.value = 1;
  expect(seen.at(-1)).toBe(2);
});

test("watchers may come and go while they are told", () => {
  const count = signal(0);
  const seen: string[] = [];
  const stopFirst = count.subscribe((value) => {
    seen.push(`first ${value}`);
    if (value === 1) stopFirst();
  });
  count.subscribe((value) => seen.push(`second ${value}`));
  count.value = 1;
  count.value = 2;
  expect(seen).toEqual(["first 0", "second 0", "first 1", "second 1", "second 2"]);
});
