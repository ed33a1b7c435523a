import { expect, it } from "vitest";
import { hasRead, isCovered, readCursor, readSnapshot } from "../../../shared/cursors.ts";

const cursor = (text: string) => readCursor(Buffer.from(text).toString("base64url"));

it("what a snapshot shows was read: what ended before it, and was not open then", () => {
  const whole = cursor("0a1b2c~10:20:12,15");
  const read = Array.from({ length: 22 }, (_, xid) => xid).filter((xid) => hasRead(whole, { xid, pos: 1 }));
  expect(read).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 16, 17, 18, 19]);
  expect(whole.page).toBeNull();
});

it("between two pages it is also what the first page showed", () => {
  const between = cursor("0a1b2c~10:10:~20:20:~100");
  expect(hasRead(between, { xid: 15, pos: 100 })).toBe(true);
  expect(hasRead(between, { xid: 15, pos: 101 })).toBe(false);
  expect(hasRead(between, { xid: 25, pos: 99 })).toBe(false);
});

it("is covered only by a snapshot for which nothing is open any more that it shows", () => {
  const whole = cursor("0a1b2c~10:20:12");
  expect(isCovered(whole, readSnapshot("19:30:"))).toBe(false);
  expect(isCovered(whole, readSnapshot("20:30:"))).toBe(true);
  expect(isCovered(cursor("0a1b2c~10:20:~25:25:~7"), readSnapshot("20:30:"))).toBe(false);
});

it.each(["", "nonsense", "a~b", "a~1:2", "a~1:2:x", "a~1:2:~3", "a~1:2:~z~4"])("%j is no cursor", (text) => {
  expect(() => cursor(text)).toThrow();
});
