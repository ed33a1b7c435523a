import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { JOBS } from "../../../cli/doctor/checks/outside.ts";

const MIGRATIONS = resolve(import.meta.dirname, "../../../supabase/migrations");

it("the jobs that doctor misses and makes again are those of the migrations", () => {
  const script = readdirSync(MIGRATIONS).map((name) => readFileSync(join(MIGRATIONS, name), "utf8")).join(
    "\n",
  );
  const scheduled = [...script.matchAll(/cron\.schedule\(.*\)(?=;)/g)].map(([call]) => `select ${call}`);
  expect(JOBS.map(({ statement }) => statement).sort()).toEqual(scheduled.sort());
});
