import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildInbox } from "../../../scripts/build_inbox.mjs";

/** Bytes of gzip, Supabase's client among them. */
const CAP = 150_000;

test("the operators' app stays small", async () => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-inbox-"));
  try {
    const { gzip } = await buildInbox({ outDir: join(folder, "inbox") });
    expect(gzip).toBeLessThanOrEqual(CAP);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
