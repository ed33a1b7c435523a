import { expect, it } from "vitest";

it("never passes", () => {
  expect(1).toBe(2);
});
