import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { transformWithOxc } from "vite";
import { useBuilt } from "../../support/built.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** Symbols that a package registers globally, and so keeps when it is minified. */
const MARKS: Record<string, RegExp> = {
  "preact": /Symbol\.for\([`"']pv[`"']\)/,
};

const built = useBuilt("widget");

describe("the licences of the built widget's packages", () => {
  const scripts = () =>
    readdirSync(built(), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"))
      .map((file) => ({ file, code: readFileSync(join(built(), file), "utf8") }));

  it.each(Object.entries(MARKS))("every file that holds %s says where its licence is", (name, mark) => {
    const holders = scripts().filter(({ code }) => mark.test(code));
    expect(holders).not.toEqual([]);
    for (const { file, code } of holders) {
      const [, packages = "", path = ""] = /^\/\*! ([^:]+): (\S+) \*\/\n/.exec(code) ?? [];
      expect(packages.split(", ")).toContain(name);
      expect(readFileSync(join(built(), dirname(file), path), "utf8")).toContain(licenceOf(name));
    }
  });

  it("stand with Heddle's own", () => {
    const licence = readFileSync(join(ROOT, "LICENSE"), "utf8").trim();
    expect(readFileSync(join(built(), "licenses.txt"), "utf8")).toContain(licence);
  });
});

function licenceOf(name: string): string {
  return readFileSync(join(ROOT, "node_modules", name, "LICENSE"), "utf8").trim();
}

describe("the built widget's syntax", () => {
  /** Whether nothing has to be written differently for a target. */
  async function isReadable(file: string, target: string): Promise<boolean> {
    const code = readFileSync(join(built(), file), "utf8");
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
    const files = readdirSync(join(built(), "assets")).map((file) => `assets/${file}`);
    const unreadable = await Promise.all(
      files.map(async (file) => await isReadable(file, "chrome123") ? [] : [file]),
    );
    expect(files).not.toEqual([]);
    expect(unreadable.flat()).toEqual([]);
  });
});
