import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findCli, requireSupported } from "../../../../scripts/check_supabase/cli.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heddle-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, mode = 0o755): string {
  const file = join(folder, name);
  writeFileSync(file, "");
  chmodSync(file, mode);
  return file;
}

describe("the Supabase CLI", () => {
  it("is the one among the packages, if it is there", () => {
    program("supabase");
    expect(findCli(program("packaged"), folder)).toBe(join(folder, "packaged"));
  });

  it("is else the one on the path", () => {
    program("supabase");
    const path = ["/nowhere", folder].join(delimiter);
    expect(findCli(join(folder, "packaged"), path)).toBe(join(folder, "supabase"));
  });

  it("is not a file that can't be executed", () => {
    program("supabase", 0o644);
    expect(() => findCli(join(folder, "packaged"), folder)).toThrow(
      /There is no Supabase CLI here\. .*npm ci/,
    );
  });

  it("may be missing: then the message says how to get it", () => {
    expect(() => findCli(join(folder, "packaged"))).toThrow(/install version 3 or later/);
  });

  it.each(["3.1.0", "v4.0.0"])("may be version %s", (version) => {
    expect(() => requireSupported(version, "supabase")).not.toThrow();
  });

  it.each(["2.117.0", ""])("may not be version '%s'", (version) => {
    expect(() => requireSupported(version, "/bin/supabase")).toThrow(
      /^\/bin\/supabase is version .*Update it/,
    );
  });
});
