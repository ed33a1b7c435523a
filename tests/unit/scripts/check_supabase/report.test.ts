import { describe, expect, it } from "vitest";
import { failed, type Finding, OK, unchecked } from "../../../../cli/checks.ts";
import type { Verdict } from "../../../../scripts/check_supabase/subject.ts";
import { lineDifferences } from "../../../../scripts/check_supabase/checks/types.ts";
import { jsonOf, leftOutBecause, lineOf, summaryOf } from "../../../../scripts/check_supabase/report.ts";

const verdict = (finding: Finding): Verdict => ({
  check: {
    id: "types",
    what: "gen types",
    title: "makes what is committed",
    run: () => Promise.resolve(finding),
  },
  finding,
  ms: 640,
});
const passed = verdict(OK);
const broken = verdict(failed("- old\n+ new\n", "Write it anew."));
const leftOut = verdict(unchecked("migration up failed"));

describe("the report", () => {
  it("tells what was found and what to do", () => {
    expect([passed, broken, leftOut].map(lineOf)).toEqual([
      "✓ gen types makes what is committed (0.6 s)",
      "✗ gen types makes what is committed (0.6 s)\n    - old\n    + new\n    → Write it anew.",
      "- gen types makes what is committed: not checked, since migration up failed",
    ]);
  });

  it("ends with counts", () => {
    expect(summaryOf([passed, passed])).toBe("2 passed, 0 failed");
    expect(summaryOf([passed, broken, leftOut])).toBe("1 not checked\n1 passed, 1 failed");
    expect(leftOutBecause(broken)).toBe("gen types failed");
    expect(leftOutBecause(leftOut)).toBe("gen types was not checked");
  });

  it("is the same as JSON", () => {
    expect(jsonOf("3.1.0", [passed, broken])).toMatchObject({
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
