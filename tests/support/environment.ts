/** Set by tools/run_vitest.mjs, for the tests. */
const OF_THE_RUN = "HEDDLE_TEST_LOGS";

/** Before the first worker starts: what a shell exports for Heddle, its shop or Supabase's CLI is not meant for tests. */
export default function setup(): void {
  for (const name of Object.keys(process.env)) {
    if (/^(HEDDLE|SHOP|SUPABASE)_/.test(name) && name !== OF_THE_RUN) delete process.env[name];
  }
}
