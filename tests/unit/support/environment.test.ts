import { afterEach, expect, test, vi } from "vitest";
import forgetShell from "../../support/environment.ts";

afterEach(() => vi.unstubAllEnvs());

test("tests are told nothing of what a shell exports for Heddle, its shop or Supabase's CLI", () => {
  const exported = { HEDDLE_REALTIME: "free", SHOP_PORT: "80", SUPABASE_ACCESS_TOKEN: "sbp_1" };
  for (const [name, value] of Object.entries(exported)) vi.stubEnv(name, value);
  const ofTheRun = { HEDDLE_TEST_LOGS: "/tmp/logs", HEDDLE_TEST_REPORT: "/tmp/report.json" };
  for (const [name, value] of Object.entries(ofTheRun)) vi.stubEnv(name, value);
  forgetShell();

  expect(Object.keys(exported).filter((name) => name in process.env)).toEqual([]);
  expect(process.env).toMatchObject({ ...ofTheRun, PATH: expect.any(String) });
});
