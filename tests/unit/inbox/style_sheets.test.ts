import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");
/** Files below a folder with that ending. */
const filesIn = (folder: string, ending: string) =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file.split(path.sep).join("/")}`).filter((file) => file.endsWith(ending));

const classesIn = (sheet: string) =>
  new Set(
    Array.from(read(sheet).replace(/\/\*[^]*?\*\//g, "").matchAll(/([^{}]+)\{/g), ([, selectors = ""]) =>
      Array.from(selectors.matchAll(/\.([a-z][\w-]*)/gi), ([, name = ""]) => name)).flat(),
  );

/** What a file imports of ours, by path. */
const importsOf = (file: string) =>
  Array.from(
    read(file).matchAll(/(?:from|import)\s*\(?"(\.[^"]+)"/g),
    ([, to = ""]) => path.posix.join(path.posix.dirname(file), to),
  );

const components = filesIn("inbox/ui", ".tsx");
const MAIN = "inbox/ui/main.tsx";
const firstSheets = importsOf(MAIN).filter((file) => file.endsWith(".css"));
/** Of what is loaded later and then stays: its sheet styles whatever has one of its classes, on all of the page. */
const lateSheets = filesIn("inbox/ui/styles", ".css").filter((file) => !firstSheets.includes(file));
const shared = new Set(firstSheets.flatMap((file) => [...classesIn(file)]));

function hasClass(file: string, name: string): boolean {
  const said = Array.from(
    read(file).matchAll(/class=\{?["'`]([^"'`]*)/g),
    ([, names = ""]) => names.split(/\s+/),
  );
  return said.flat().includes(name);
}

test("a style sheet that comes later styles nothing of what was there before it", () => {
  expect(lateSheets.length).toBeGreaterThan(3);
  const faults = lateSheets.flatMap((sheet) => {
    const own = components.filter((file) => importsOf(file).includes(sheet));
    const isPart = (file: string) =>
      own.some((each) => path.dirname(each) === path.dirname(file) || importsOf(file).includes(each));
    return [...classesIn(sheet)].filter((name) => !shared.has(name)).flatMap((name) =>
      components.filter((file) => hasClass(file, name) && !isPart(file)).map((file) => `${name}: ${file}`)
    );
  });
  expect(faults).toEqual([]);
});

/** Classes of the widget that more than one of its style sheets speaks of. */
const IN_SEVERAL = ["icon", "launcher", "panel", "pill", "root", "tab-panel"];

test.each([
  ["the inbox that come later", lateSheets, [...shared]],
  ["the widget", filesIn("widget", ".css"), IN_SEVERAL],
])("no two style sheets of %s give one name to two things", (_, sheets, listed) => {
  const names = sheets.flatMap((sheet) => [...classesIn(sheet)]);
  const several = new Set(names.filter((name, place) => names.indexOf(name) !== place));
  expect([...several].filter((name) => !listed.includes(name))).toEqual([]);
});
