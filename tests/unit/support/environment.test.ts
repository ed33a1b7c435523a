import { afterEach, expect, test, vi } from "vitest";
import forgetShell from "../../support/environment.ts";

afterEach(() => vi.unstubAllEnvs());

test("tests are told nothing of what a shell exports for Heddle, its shop or Supabase's CLI", () => {
  const exported = { HEDDLE_REALTIME: "free", SHOP_PORT: "80", SUPABASE_ACCESS_TOKEN: "sbp_1" };
  for (const [name, value] of Object.entries(exported)) vi.stubEnv(name, value);
  vi.stubEnv("HEDDLE_TEST_LOGS", "/tmp/logs");
  forgetShell();

  expect(Object.keys(exported).filter((name) => name in process.env)).toEqual([]);
  expect(process.env).toMatchObject({ HEDDLE_TEST_LOGS: "/tmp/logs", PATH: expect.any(String) });
});
