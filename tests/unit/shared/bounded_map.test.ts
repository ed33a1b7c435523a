import { describe, expect, test } from "vitest";
import { createBoundedMap } from "../../../shared/bounded_map.ts";

function clock() {
  let ms = 1_000_000;
  return { now: () => ms, pass: (by: number) => ms += by };
}

describe("a bounded map", () => {
  test("gives back what was set, until it is deleted", () => {
    const map = createBoundedMap<string, number>({ maxSize: 2, now: clock().now });
    map.set("a", 1);
    expect(map.get("a")).toBe(1);
    map.delete("a");
    expect(map.get("a")).toBeUndefined();
    expect(map.get("b")).toBeUndefined();
  });

  test("lets the entry go that was set first when it is full", () => {
    const map = createBoundedMap<string, number>({ maxSize: 2, now: clock().now });
    map.set("a", 1);
    map.set("b", 2);
    map.set("c", 3);
    expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([undefined, 2, 3]);
    expect(map.size).toBe(2);
  });

  test("counts an entry that was set again as new", () => {
    const map = createBoundedMap<string, number>({ maxSize: 2, now: clock().now });
    map.set("a", 1);
    map.set("b", 2);
    map.set("a", 10);
    map.set("c", 3);
    expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([10, undefined, 3]);
  });

  test("never holds more than its bound, however many keys come", () => {
    const map = createBoundedMap<number, true>({ maxSize: 10, now: clock().now });
    for (let key = 0; key < 10_000; key += 1) map.set(key, true);
    expect(map.size).toBe(10);
  });

  test("lets an entry that is to be kept go only when its time has passed", () => {
    const { now, pass } = clock();
    const map = createBoundedMap<string, number>({ maxSize: 1, keepMs: 30_000, now });
    map.set("a", 1);
    pass(29_999);
    map.set("b", 2);
    expect([map.get("a"), map.get("b")]).toEqual([1, 2]);
    pass(1);
    map.set("c", 3);
    expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([undefined, 2, 3]);
  });

  test("forgets an entry when its time is over", () => {
    const { now, pass } = clock();
    const map = createBoundedMap<string, number>({ maxSize: 2, ttlMs: 30_000, now });
    map.set("a", 1);
    pass(29_999);
    expect(map.get("a")).toBe(1);
    pass(1);
    expect(map.get("a")).toBeUndefined();
    expect(map.size).toBe(0);
  });

  test("counts the time of an entry from when its maker says", () => {
    const { now, pass } = clock();
    const map = createBoundedMap<string, number>({ maxSize: 2, ttlMs: 30_000, now });
    map.set("a", 1, now() - 10_000);
    pass(19_999);
    expect(map.get("a")).toBe(1);
    pass(1);
    expect(map.get("a")).toBeUndefined();
  });

  test("tells a value of null from a missing entry", () => {
    const map = createBoundedMap<string, null>({ maxSize: 1, now: clock().now });
    map.set("a", null);
    expect([map.get("a"), map.get("b")]).toEqual([null, undefined]);
  });
});
