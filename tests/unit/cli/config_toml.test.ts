import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { describe, expect, it } from "vitest";
import { withHeddle, withoutHeddle } from "../../../cli/init/config_toml.ts";
import { functionsOf, remoteWarnings } from "../../../cli/init/toml_file.ts";

const FUNCTIONS = ["tab-fetch", "api"];
const valueOf = (text: string) =>
  getStaticTOMLValue(parseTOML(text)) as Record<string, Record<string, unknown>>;

const FILES: Record<string, string> = {
  "nothing": "",
  "no newline at its end": 'project_id = "shop"',
  "an api without schemas": "[api]\nenabled = true # mine\n\n[db]\nport = 1\n",
  "schemas on one line": '[api]\nschemas = ["public", "graphql_public"] # two\n',
  "schemas with a comma behind the last":
    '[api]\nschemas = [\n  "public", # the usual\n  "mine", # another\n]\n',
  "schemas each on a line": "[api]\r\nschemas = [\r\n\t'public',\r\n\t'mine'\r\n]\r\nmax_rows = 10\r\n",
  "no schema at all": "[api]\nschemas = []\n",
  "dotted keys": 'api.schemas = ["public"]\nfunctions.tab-fetch.verify_jwt = true\n',
  "a dotted key in a table": "[functions]\ntab-fetch.verify_jwt = false # so\napi.import_map = './x.json'\n",
  "dotted keys of the api": "api.enabled = true\n[db]\nport = 1\n",
  "quoted names": '["api"]\n"schemas" = ["public"]\n\n[functions."tab-fetch"]\nverify_jwt = true # wrong\n',
  "a table with more settings": "[functions.api]\nenabled = true\nentrypoint = './x.ts'\n",
  "a header at the very end": "[functions.api]",
  "ours already":
    '[api]\nschemas = ["public", "heddle_api"]\n[functions.tab-fetch]\nverify_jwt = false\n[functions.api]\nverify_jwt=false\n',
  "remotes with the same keys":
    '[remotes.staging.api]\nschemas = ["public"]\n[remotes.staging.functions.api]\nverify_jwt = true\n',
  "texts that look like settings": "[auth]\nhook = '''\n[api]\nschemas = [\n'''\n# [functions.api]\n",
};

describe.each(Object.entries(FILES))("a config.toml with %s", (_, text) => {
  const { text: edited } = withHeddle(text, FUNCTIONS);

  it("exposes the schema and lets the functions be called", () => {
    const before = valueOf(text);
    const { api, functions } = valueOf(edited) as {
      api: { schemas: string[] };
      functions: Record<string, unknown>;
    };
    const exposed = (before["api"]?.["schemas"] ?? ["public", "graphql_public"]) as string[];
    expect(api.schemas).toEqual([...exposed.filter((name) => name !== "heddle_api"), "heddle_api"]);
    for (const name of FUNCTIONS) expect(functions[name]).toMatchObject({ verify_jwt: false });
  });

  it("keeps every line and setting of the owner's", () => {
    const kept = edited.split(/\r?\n/);
    for (const line of text.split(/\r?\n/).filter((line) => !/schemas|verify_jwt|mine/.test(line))) {
      expect(kept).toContain(line);
    }
    expect(edited.includes("\r\n")).toBe(text.includes("\r\n"));
    if (text.includes("\r\n")) expect(edited.replaceAll("\r\n", "")).not.toContain("\n");
    for (const comment of text.match(/#.*/g) ?? []) expect(edited).toContain(comment);
  });

  it("has nothing to change the second time", () => {
    expect(withHeddle(edited, FUNCTIONS)).toEqual({ text: edited, changes: [] });
  });

  it("is without it again when it is taken out, and readable", () => {
    const removed = withoutHeddle(edited, FUNCTIONS).text;
    expect(valueOf(removed)["api"]?.["schemas"] ?? []).not.toContain("heddle_api");
    expect(withoutHeddle(removed, FUNCTIONS).changes).toEqual([]);
  });
});

it("is byte for byte as it was after both, where nothing was set before", () => {
  const text = '# Mine\n[api]\nschemas = ["public"] # one\n\n[functions.own]\nverify_jwt = true\n';
  expect(withoutHeddle(withHeddle(text, FUNCTIONS).text, FUNCTIONS).text).toBe(text);
});

it.each(["\n", "\r\n"])(
  "keeps the line above a table that is taken out, where none is empty between: %j",
  (eol) => {
    const lines = (...all: string[]) => all.map((line) => line + eol).join("");
    const own = ["[api]", 'schemas = ["public"]', "[functions.own]", "verify_jwt = true"];
    const text = lines(...own, "[functions.api]", "verify_jwt = false", "[db]", "port = 1");
    expect(withoutHeddle(text, FUNCTIONS).text).toBe(lines(...own, "[db]", "port = 1"));
  },
);

describe.each([
  ['[api]\nschemas = [\n  "public", # keep\n]\n', '"public", # keep\n  "heddle_api",\n]'],
  ['[api]\nschemas = [\n  "public" # keep, or not,\n]\n', '"public", # keep, or not,\n  "heddle_api"\n]'],
  ["[api]\nschemas = [\n  \"public\",\n  'mine' # ]\n]\n", "'mine', # ]\n  \"heddle_api\"\n]"],
  ['[api]\nschemas = ["public", # keep\n]\n', '["public", # keep\n  "heddle_api",\n]'],
  [
    "[api]\r\nschemas = [\r\n\t'public' # keep\r\n]\r\n",
    "'public', # keep\r\n\t\"heddle_api\"\r\n]",
  ],
  ['[api]\nschemas = ["public",]\n', '["public", "heddle_api",]'],
  ['[api]\nschemas = [\n  "public",\n  # none more\n]\n', '"public",\n  "heddle_api",\n  # none more\n]'],
])("the schemas of %j", (text, edited) => {
  it("have ours behind the last, and each comment beside what it was beside", () => {
    expect(withHeddle(text, []).text).toContain(edited);
  });

  it("are byte for byte as they were when ours is taken out", () => {
    expect(withoutHeddle(withHeddle(text, []).text, []).text).toBe(text);
  });
});

it.each([
  ['schemas = ["heddle_api", "public"] # mine\n', 'schemas = ["public"] # mine\n'],
  ['schemas = [\n  "heddle_api", # ours\n  "public"\n]\n', 'schemas = [\n  "public"\n]\n'],
  ['schemas = [\n  "public", # a, b,\n  "heddle_api" ]\n', 'schemas = [\n  "public" # a, b,\n   ]\n'],
  ['schemas = ["heddle_api"]\n', "schemas = []\n"],
])("takes ours out wherever its owner has put it: %j", (text, removed) => {
  expect(withoutHeddle(`[api]\n${text}`, []).text).toBe(`[api]\n${removed}`);
});

it("keeps the byte order mark that some editors begin it with", () => {
  const text = '\ufeff[api]\nschemas = ["public"]\n';
  const edited = withHeddle(text, FUNCTIONS).text;
  expect(edited).toMatch(/^\ufeff\[api\]\nschemas = \["public", "heddle_api"\]/);
  expect(withoutHeddle(edited, FUNCTIONS).text).toBe(text);
});

it("keeps a function that still wants a JWT when Heddle is taken out: it is the owner's", () => {
  const text = "[functions.api]\nverify_jwt = true\n";
  expect(withoutHeddle(text, FUNCTIONS)).toEqual({ text, changes: [] });
});

it.each([
  ["[functions.api]\nverify_jwt = true\n", ["api"]],
  ["[functions.api]\nentrypoint = './own.ts'\nverify_jwt = false\n", ["api"]],
  ["functions.api.import_map = './x.json'\n", ["api"]],
  ["[functions]\ntab-fetch = { entrypoint = './x.ts' }\n", ["tab-fetch"]],
  ["[functions.api]\nverify_jwt = false\n[functions.own]\nverify_jwt = true\n", []],
  ["functions = 1\n[remotes]\na = 1\n", []],
])("knows which functions are the owner's: %j", (text, names) => {
  expect(functionsOf(text, FUNCTIONS)).toEqual(names);
});

it("warns of a branch's own settings that would take Heddle's out again", () => {
  const text =
    '[remotes.staging.api]\nschemas = ["public"]\n[remotes.staging.functions.api]\nverify_jwt = true\n' +
    '[remotes.live.api]\nschemas = ["public", "heddle_api"]\n[remotes.live.functions.own]\nverify_jwt = true\n';
  expect(remoteWarnings(text, FUNCTIONS)).toEqual([
    '[remotes.staging.api] has schemas of its own: add "heddle_api" there.',
    "[remotes.staging.functions.api] has verify_jwt = true: set it to false.",
  ]);
});

it.each([
  ["[api\n", /can't be read: line \d/],
  ["api = { enabled = true }\n", /has api in braces.*\[api\]/],
  ["[functions]\napi = { verify_jwt = true }\n", /has functions\.api in braces/],
  ['[api]\nschemas = "public"\n', /is not a list/],
  ['[[api]]\nschemas = ["public"]\n', /has api in another form.*\[api\].*Nothing was written/],
  ["api = []\n", /has api in another form/],
  ["functions = 1\n", /has functions in another form/],
  ["[[functions]]\nname = 'api'\n", /has functions in another form/],
  ["[[functions.api]]\nverify_jwt = true\n", /has functions\.api in another form.*\[functions\.api\]/],
  ["[functions]\ntab-fetch = 1979-05-27\n", /has functions\.tab-fetch in another form/],
  ["[api.schemas]\npublic = true\n", /is not a list/],
  ["[[api.schemas]]\nname = 'public'\n", /can't change it safely/],
  ["[functions.api.verify_jwt]\nis = true\n", /can't change it safely/],
  // The parser does not see where its last value ends.
  ["[functions.api]\nverify_jwt = 0", /can't change it safely/],
])("says what it can't edit: %s", (text, message) => {
  expect(() => withHeddle(text, FUNCTIONS)).toThrow(message);
});
