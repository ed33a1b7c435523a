import { describe, expect, it } from "vitest";
import { visibleTo } from "../../../demo/heddle/visibility.ts";
import { HttpError } from "../../../demo/http.ts";

function refusal(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe("what a visitor may see", () => {
  it("is what belongs to the visitor", () => {
    const order = { id: "FF-1", visitorId: "ada" };
    expect(visibleTo("ada", order)).toBe(order);
  });

  it("is not what belongs to somebody else, and the answer is the same as for nothing at all", () => {
    const foreign = refusal(() => visibleTo("ben", { visitorId: "ada" }));
    const missing = refusal(() => visibleTo("ben", undefined));
    expect(foreign).toBeInstanceOf(HttpError);
    expect(foreign).toMatchObject({ status: 404 });
    expect(foreign).toEqual(missing);
  });

  it("is nothing for a visitor without an id", () => {
    expect(refusal(() => visibleTo("", undefined))).toBeInstanceOf(HttpError);
  });
});
