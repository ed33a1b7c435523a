import { expect, test } from "vitest";
import packageJson from "../../../../package.json" with { type: "json" };
import { CLIENT } from "../../../../widget/core/api.ts";

test("the client's release is the package's", () => {
  expect(CLIENT).toBe(`widget/${packageJson.version}`);
});
