import { describe, expect, it } from "vitest";
import { uploadDifferences } from "../../../../scripts/check_supabase/checks/deploy.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function source(files: Record<string, string>, name = "tab-fetch") {
  return {
    name,
    entrypoint: "index.ts",
    importMap: "deno.json",
    files: Object.entries(files).map(([path, content]) => ({ path, content: bytes(content) })),
  };
}

function upload(files: Record<string, string>, metadata = {}) {
  return {
    metadata: { entrypoint_path: "index.ts", import_map_path: "deno.json", ...metadata },
    files: new Map(Object.entries(files).map(([path, content]) => [path, bytes(content)])),
  };
}

describe("what heddle deploys and what the CLI deploys", () => {
  it("may come in any order", () => {
    const uploads = new Map([["tab-fetch", upload({ "b.ts": "b", "a.ts": "a" })]]);
    expect(uploadDifferences([source({ "a.ts": "a", "b.ts": "b" })], uploads)).toEqual([]);
  });

  it("must be the same files", () => {
    const uploads = new Map([["tab-fetch", upload({ "a.ts": "A", "c.ts": "c" })]]);
    expect(uploadDifferences([source({ "a.ts": "a", "b.ts": "b" })], uploads)).toEqual([
      "tab-fetch: a.ts differs.",
      "tab-fetch: b.ts is uploaded by heddle alone.",
      "tab-fetch: c.ts is uploaded by the CLI alone.",
    ]);
  });

  it("must begin in the same file, with the same import map", () => {
    const uploads = new Map([[
      "tab-fetch",
      upload({}, { entrypoint_path: "main.ts", import_map_path: "map.json" }),
    ]]);
    expect(uploadDifferences([source({})], uploads)).toEqual([
      "tab-fetch: the entry is main.ts to the CLI.",
      "tab-fetch: the import map is map.json to the CLI.",
    ]);
  });

  it("must be the same functions", () => {
    const uploads = new Map([["tab-fetch", upload({})]]);
    expect(uploadDifferences([source({}, "tab-action")], uploads)).toEqual([
      "tab-action is uploaded by heddle alone.",
      "tab-fetch is uploaded by the CLI alone.",
    ]);
  });
});
