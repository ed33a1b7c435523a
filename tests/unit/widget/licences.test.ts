import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildWidget } from "../../../scripts/build_widget.mjs";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** Symbols that a package registers globally, and so keeps when it is minified. */
const MARKS: Record<string, RegExp> = {
  "preact": /Symbol\.for\([`"']pv[`"']\)/,
};

describe("the licences of the built widget's packages", () => {
  const folder = join(mkdtempSync(join(tmpdir(), "heddle-licences-")), "widget");

  beforeAll(() => buildWidget({ outDir: folder }), 60_000);
  afterAll(() => rmSync(dirname(folder), { recursive: true, force: true }));

  const scripts = () =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"))
      .map((file) => ({ file, code: readFileSync(join(folder, file), "utf8") }));

  it.each(Object.entries(MARKS))("every file that holds %s says where its licence is", (name, mark) => {
    const holders = scripts().filter(({ code }) => mark.test(code));
    expect(holders).not.toEqual([]);
    for (const { file, code } of holders) {
      const [, packages = "", path = ""] = /^\/\*! ([^:]+): (\S+) \*\/\n/.exec(code) ?? [];
      expect(packages.split(", ")).toContain(name);
      expect(readFileSync(join(folder, dirname(file), path), "utf8")).toContain(licenceOf(name));
    }
  });

  it("stand with Heddle's own", () => {
    const licence = readFileSync(join(ROOT, "LICENSE"), "utf8").trim();
    expect(readFileSync(join(folder, "licenses.txt"), "utf8")).toContain(licence);
  });
});

function licenceOf(name: string): string {
  return readFileSync(join(ROOT, "node_modules", name, "LICENSE"), "utf8").trim();
}
