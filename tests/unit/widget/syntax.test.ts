import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { transformWithOxc } from "vite";
import { buildWidget } from "../../../scripts/build_widget.mjs";

describe("the built widget's syntax", () => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-syntax-"));
  const outDir = join(folder, "widget");

  beforeAll(() => buildWidget({ outDir }), 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Whether nothing has to be written differently for a target. */
  async function isReadable(file: string, target: string): Promise<boolean> {
    const code = readFileSync(join(outDir, file), "utf8");
    const [as, is] = await Promise.all(
      [target, "esnext"].map((target) => transformWithOxc(code, file, { target, sourcemap: false })),
    );
    return as?.code === is?.code;
  }

  it("of the script tag is that of 2020: an older browser finds out by itself that it is too old", async () => {
    expect(await isReadable("heddle.js", "es2020")).toBe(true);
    expect(await isReadable("heddle.js", "es2019")).toBe(false);
  });

  it("of all else is known to the browsers that the widget supports", async () => {
    const files = readdirSync(join(outDir, "assets")).map((file) => `assets/${file}`);
    const unreadable = await Promise.all(
      files.map(async (file) => await isReadable(file, "chrome123") ? [] : [file]),
    );
    expect(files).not.toEqual([]);
    expect(unreadable.flat()).toEqual([]);
  });
});
