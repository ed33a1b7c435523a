import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { weighWidget } from "../../../scripts/build_widget.mjs";
import { loadStrings } from "../../../kit/strings/catalogue.ts";
import { useBuilt } from "../../support/built.ts";
import { BYTE_CAPS } from "../../support/byte_caps.ts";

/** Bytes of gzip. */
const MOST_WORDS = 4000;

describe("bytes on the wire", () => {
  const built = useBuilt("widget");
  let paths: typeof BYTE_CAPS;
  let files: ReturnType<typeof weighWidget>["files"];
  let chunks: string[];

  beforeAll(() => {
    const weighed = weighWidget(built());
    paths = weighed.paths;
    files = weighed.files;
    chunks = weighed.files.map(({ file }) => file).filter((file) => file.startsWith("assets/"));
  });

  it("the script tag stays small", () => expect(paths.loader).toBeLessThanOrEqual(BYTE_CAPS.loader));
  it("a live badge stays small", () => expect(paths.badge).toBeLessThanOrEqual(BYTE_CAPS.badge));
  it("a live thread stays small", () => expect(paths.thread).toBeLessThanOrEqual(BYTE_CAPS.thread));
  it.each(["de", "es", "fr", "it", "nl", "pt"])("the words of %s stay small", async (language) => {
    const words = (await loadStrings(language))?.launcher?.open ?? "";
    const holders = files.filter(({ file }) => readFileSync(join(built(), file), "utf8").includes(words));
    expect(holders.map(({ gzip }) => gzip <= MOST_WORDS)).toEqual([true]);
  });
  it("the script tag asks for all that a first thread needs at once, so that nothing waits for another chunk", () => {
    const loader = readFileSync(join(built(), "heddle.js"), "utf8");
    const named = chunks.filter((file) => loader.includes(file));
    expect(named.length).toBeGreaterThan(1);
    for (const file of named) {
      const code = readFileSync(join(built(), file), "utf8");
      const imported = [...code.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)].map(([, name]) =>
        `assets/${name}`
      );
      expect(imported.filter((other) => !named.includes(other))).toEqual([]);
    }
  });
  it("CHANGELOG.md names the sizes to about a kilobyte", () => {
    const changelog = readFileSync(new URL("../../../CHANGELOG.md", import.meta.url), "utf8");
    const [, loader, badge, thread] =
      /one script tag of (\d+) kB, (\d+) kB for a live badge, (\d+) kB with an open thread/.exec(
        changelog,
      ) ?? [];
    const off = Object.entries({ loader, badge, thread })
      .filter(([part, named]) =>
        !(Math.abs(paths[part as keyof typeof BYTE_CAPS] / 1000 - Number(named)) < 1)
      );
    expect(off).toEqual([]);
  });
});
