import { describe, expect, it } from "vitest";
import type { Finding, Verdict } from "../../../../scripts/check_supabase/check.ts";
import { lineDifferences } from "../../../../scripts/check_supabase/line_differences.ts";
import { jsonOf, lineOf, summaryOf } from "../../../../scripts/check_supabase/report.ts";

const verdict = (finding: Finding): Verdict => ({
  id: "types",
  what: "gen types",
  title: "makes what is committed",
  ms: 640,
  finding,
});
const passed = verdict({ status: "passed" });
const failed = verdict({ status: "failed", found: "- old\n+ new\n", fix: "Write it anew." });
const unchecked = verdict({ status: "unchecked", why: "migration up failed" });

describe("the report", () => {
  it("tells what was found and what to do", () => {
    expect([passed, failed, unchecked].map(lineOf)).toEqual([
      "✓ gen types makes what is committed (0.6 s)",
      "✗ gen types makes what is committed (0.6 s)\n    - old\n    + new\n    → Write it anew.",
      "- gen types makes what is committed: not checked, since migration up failed",
    ]);
  });

  it("ends with counts", () => {
    expect(summaryOf([passed, passed])).toBe("2 passed, 0 failed");
    expect(summaryOf([passed, failed, unchecked])).toBe("1 not checked\n1 passed, 1 failed");
  });

  it("is the same as JSON", () => {
    expect(jsonOf("3.1.0", [passed, failed])).toMatchObject({
      ok: false,
      cli: "3.1.0",
      passed: 1,
      failed: 1,
      unchecked: 0,
      checks: [{ id: "types", status: "passed", ms: 640 }, { status: "failed", fix: "Write it anew." }],
    });
  });
});

describe("differences between two texts", () => {
  it("are the lines that one of them lacks", () => {
    expect(lineDifferences("a\n  b\nc", "a\nc\n  d")).toBe("- b\n+ d");
  });

  it("are cut after a dozen", () => {
    const many = Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n");
    expect(lineDifferences("", many).split("\n")).toHaveLength(13);
  });
});
