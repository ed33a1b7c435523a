import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { VERSION } from "../../../supabase/functions/_shared/version.ts";

it("the version that webhooks see is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  expect(VERSION).toBe(version);
});
