/** Set by scripts/run_vitest.mjs, for the tests and their report. */
const OF_THE_RUN = "HEDDLE_TEST_";

/** Before the first worker starts: what a shell exports for Heddle, its shop or Supabase's CLI is not meant for tests. */
export default function setup(): void {
  for (const name of Object.keys(process.env)) {
    if (/^(HEDDLE|SHOP|SUPABASE)_/.test(name) && !name.startsWith(OF_THE_RUN)) delete process.env[name];
  }
}
