import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildWidget } from "../../../scripts/build_widget.mjs";
import { BYTE_CAPS } from "../../support/byte_caps.ts";

describe("bytes on the wire", () => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-bytes-"));
  let paths: typeof BYTE_CAPS;
  let chunks: string[];

  beforeAll(async () => {
    const built = await buildWidget({ outDir: join(folder, "widget") });
    paths = built.paths;
    chunks = built.files.map(({ file }) => file).filter((file) => file.startsWith("assets/"));
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("the script tag stays small", () => expect(paths.loader).toBeLessThanOrEqual(BYTE_CAPS.loader));
  it("a live badge stays small", () => expect(paths.badge).toBeLessThanOrEqual(BYTE_CAPS.badge));
  it("a live thread stays small", () => expect(paths.thread).toBeLessThanOrEqual(BYTE_CAPS.thread));
  it("the script tag asks for all that a first thread needs at once, so that nothing waits for another chunk", () => {
    const loader = readFileSync(join(folder, "widget/heddle.js"), "utf8");
    const named = chunks.filter((file) => loader.includes(file));
    expect(named.length).toBeGreaterThan(1);
    for (const file of named) {
      const code = readFileSync(join(folder, "widget", file), "utf8");
      const imported = [...code.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)].map(([, name]) =>
        `assets/${name}`
      );
      expect(imported.filter((other) => !named.includes(other))).toEqual([]);
    }
  });
  it("CHANGELOG.md names the sizes to about a kilobyte", () => {
    const changelog = readFileSync(new URL("../../../CHANGELOG.md", import.meta.url), "utf8");
    const [, loader, badge, thread] =
      /about (\d+) kB for the script tag, (\d+) kB for a live badge, (\d+) kB for an open thread/.exec(
        changelog,
      ) ?? [];
    const off = Object.entries({ loader, badge, thread })
      .filter(([part, named]) =>
        !(Math.abs(paths[part as keyof typeof BYTE_CAPS] / 1000 - Number(named)) < 1)
      );
    expect(off).toEqual([]);
  });
});
