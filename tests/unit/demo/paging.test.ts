import { describe, expect, it } from "vitest";
import { cutPage, messageCursor } from "../../../demo/heddle/paging.ts";

const id = (row: string) => row;

describe("the shop's pages", () => {
  it("end without a cursor when nothing follows", () => {
    expect(cutPage(["c", "b"], 2, id)).toEqual({ page: ["c", "b"] });
    expect(cutPage([], 2, id)).toEqual({ page: [] });
  });

  it("name their last row as the cursor when more follows", () => {
    expect(cutPage(["c", "b", "a"], 2, id)).toEqual({ page: ["c", "b"], nextCursor: "b" });
  });

  it("take only message ids for cursors", () => {
    expect(messageCursor(undefined)).toBeNull();
    expect(messageCursor("42")).toBe("42");
    for (const cursor of ["", "-1", "1 or 1=1", "9".repeat(30)]) {
      expect(() => messageCursor(cursor)).toThrow("not one of ours");
    }
  });
});
