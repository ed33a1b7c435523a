import { describe, expect, it } from "vitest";
import { missingIn } from "../../../../scripts/check_supabase/functions/missing_imports.ts";

const FOLDER = "/tmp/uploads/tab-fetch";
const at = (path: string) => `file://${FOLDER}/${path}`;

function importing(specifier: string, resolved: { code?: object; type?: object }) {
  return { specifier: at("index.ts"), dependencies: [{ specifier, ...resolved }] };
}

describe("an import of an upload", () => {
  it("is there when its file is", () => {
    const graph = [importing("./a.ts", { code: { specifier: at("a.ts") } }), { specifier: at("a.ts") }];
    expect(missingIn(graph, FOLDER)).toEqual([]);
  });

  it.each(["code", "type"])("is missing when its file is not there, %s alike", (kind) => {
    const graph = [
      importing("./a.ts", { [kind]: { specifier: at("a.ts") } }),
      { specifier: at("a.ts"), error: `Module not found "${at("a.ts")}".` },
    ];
    expect(missingIn(graph, FOLDER)).toEqual(['index.ts imports ./a.ts: Module not found "a.ts".']);
  });

  it("is missing when no import map names its package", () => {
    const graph = [importing("zod", { code: { error: "not in import map\nand more" } })];
    expect(missingIn(graph, FOLDER)).toEqual(["index.ts imports zod: not in import map"]);
  });
});
