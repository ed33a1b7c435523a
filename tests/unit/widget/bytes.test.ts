import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildWidget } from "../../../scripts/build_widget.mjs";

/** Bytes of gzip that a visit may have loaded by then. */
const CAPS = { loader: 3_000, badge: 27_000, thread: 45_000 };

describe("bytes on the wire", () => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-bytes-"));
  let paths: typeof CAPS;

  beforeAll(async () => {
    ({ paths } = await buildWidget({ outDir: join(folder, "widget") }));
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("the script tag stays small", () => expect(paths.loader).toBeLessThanOrEqual(CAPS.loader));
  it("a live badge stays small", () => expect(paths.badge).toBeLessThanOrEqual(CAPS.badge));
  it("a live thread stays small", () => expect(paths.thread).toBeLessThanOrEqual(CAPS.thread));
  it("CHANGELOG.md names the sizes to about a kilobyte", () => {
    const changelog = readFileSync(new URL("../../../CHANGELOG.md", import.meta.url), "utf8");
    const [, loader, badge, thread] =
      /about (\d+) kB for the script tag, (\d+) kB for a live badge, (\d+) kB for an open thread/.exec(
        changelog,
      ) ?? [];
    const off = Object.entries({ loader, badge, thread })
      .filter(([part, named]) => !(Math.abs(paths[part as keyof typeof CAPS] / 1000 - Number(named)) < 1));
    expect(off).toEqual([]);
  });
});
