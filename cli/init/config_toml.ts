import type { AST } from "toml-eslint-parser";
import { CliError } from "../errors.ts";
import { DEFAULT_SCHEMAS, mustSay, SCHEMA, valuesWith, valuesWithout } from "./config_values.ts";
import { readToml, type TomlFile as File } from "./toml_file.ts";
import { appended, type Edit, without } from "./toml_list.ts";

const COMMENT = "# Heddle's functions authenticate their callers themselves.";

export interface Edited {
  text: string;
  /** What was changed, a phrase each. */
  changes: string[];
}

/**
 * A project's `config.toml` with the schema `heddle_api` exposed and no JWT demanded of these functions' callers: by edits in
 * their places, so that comments, order and formatting stay. Throws a `CliError` for a text that is not TOML, and for
 * settings in a form that can't be edited (an inline table, a list of tables), with what to write.
 */
export function withHeddle(text: string, functions: string[]): Edited {
  const file = readToml(text);
  const wanted = valuesWith(text, functions);
  const schemas = exposeEdit(file);
  const unlocked = functions.map((name) => ({ name, edit: unlockEdit(file, name) }));
  const edits = [schemas, ...unlocked.map(({ edit }) => edit)].filter((edit) => edit !== null);
  const missing = unlocked.filter(({ edit }) => edit === "missing").map(({ name }) => name);
  const blocks = [
    ...(schemas === "missing" ? [["[api]", `schemas = ${list([...DEFAULT_SCHEMAS, SCHEMA])}`]] : []),
    ...missing.map((name, index) => [
      ...(index === 0 ? [COMMENT] : []),
      `[functions.${name}]`,
      "verify_jwt = false",
    ]),
  ];
  const inPlace = applied(file.text, edits.filter((edit) => edit !== "missing"));
  const edited = file.mark + withBlocks(inPlace, blocks, file.eol);
  mustSay(edited, wanted);
  return {
    text: edited,
    changes: [
      ...(schemas === null ? [] : [`${SCHEMA} among the exposed schemas`]),
      ...unlocked.filter(({ edit }) => edit !== null).map(({ name }) => `verify_jwt = false for ${name}`),
    ],
  };
}

/** The same without what `withHeddle` added: a function's table that says anything else is kept. */
export function withoutHeddle(text: string, functions: string[]): Edited {
  const file = readToml(text);
  const schemas = schemasOf(file);
  const element = schemas?.elements.find((each) => each.type === "TOMLValue" && each.value === SCHEMA);
  if (!schemas || !element) return withoutFunctions(text, functions);
  const hidden = file.mark + applied(file.text, without(file, schemas, element));
  mustSay(hidden, valuesWithout(text, { isExposed: true, gone: [] }));
  const { text: edited, changes } = withoutFunctions(hidden, functions);
  return { text: edited, changes: [`${SCHEMA} no longer exposed`, ...changes] };
}

/** The same without the tables of functions that say no more than `withHeddle` wrote into them. */
export function withoutFunctions(text: string, functions: string[]): Edited {
  const file = readToml(text);
  const found = functions.flatMap((name) => {
    const table = tableOf(file, ["functions", name]);
    if (!table || table.body.length !== 1) return [];
    const setting = settingIn(table, "verify_jwt");
    return setting?.type === "TOMLValue" && setting.value === false ? [{ name, table }] : [];
  });
  if (found.length === 0) return { text, changes: [] };
  const edited = file.mark + applied(file.text, found.map(({ table }) => wholeLines(file, table)));
  mustSay(edited, valuesWithout(text, { isExposed: false, gone: found.map(({ name }) => name) }));
  return { text: edited, changes: found.map(({ name }) => `no settings of ${name}`) };
}

function tableOf({ top }: File, path: string[]): AST.TOMLTable | undefined {
  return top.find((node): node is AST.TOMLTable =>
    node.type === "TOMLTable" && node.kind === "standard" && isSame(node.resolvedKey, path)
  );
}

function isSame(a: readonly (string | number)[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

/** A setting wherever it stands: in its table, or with a dotted key in a table above or at the top. */
function findSetting(file: File, path: string[]): AST.TOMLContentNode | undefined {
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const table = depth === 0 ? undefined : tableOf(file, path.slice(0, depth));
    const body = depth === 0 ? file.top.filter((node) => node.type === "TOMLKeyValue") : table?.body ?? [];
    for (const { key, value } of body) {
      const names = keysOf(key);
      if (isSame(names, path.slice(depth))) return value;
      if (value.type === "TOMLInlineTable" && isSame(names, path.slice(depth, depth + names.length))) {
        throw cannotEdit(path.slice(0, depth + names.length).join("."));
      }
    }
  }
}

function settingIn(table: AST.TOMLTable, name: string): AST.TOMLContentNode | undefined {
  return table.body.find(({ key }) => isSame(keysOf(key), [name]))?.value;
}

function keysOf({ keys }: AST.TOMLKey): string[] {
  return keys.map((part) => part.type === "TOMLBare" ? part.name : part.value);
}

function cannotEdit(what: string): CliError {
  return new CliError(
    "conflict",
    `supabase/config.toml has ${what} in braces, where nothing can be added safely. Write it as a table, [${what}], then run this again.`,
  );
}

function schemasOf(file: File): AST.TOMLArray | undefined {
  const schemas = findSetting(file, ["api", "schemas"]);
  if (schemas !== undefined && schemas.type !== "TOMLArray") {
    throw new CliError("conflict", "schemas under [api] in supabase/config.toml is not a list.");
  }
  return schemas;
}

/** Null: it is exposed already. */
function exposeEdit(file: File): Edit | "missing" | null {
  const schemas = schemasOf(file);
  if (schemas) {
    const values = schemas.elements.map((element) => element.type === "TOMLValue" ? element.value : null);
    return values.includes(SCHEMA) ? null : appended(file, schemas, SCHEMA);
  }
  return added(file, ["api"], `schemas = ${list([...DEFAULT_SCHEMAS, SCHEMA])}`);
}

function unlockEdit(file: File, name: string): Edit | "missing" | null {
  const setting = findSetting(file, ["functions", name, "verify_jwt"]);
  if (setting) {
    if (setting.type === "TOMLValue" && setting.value === false) return null;
    return { from: setting.range[0], to: setting.range[1], text: "false" };
  }
  return added(file, ["functions", name], "verify_jwt = false");
}

/** A setting where its table stands, or beside a dotted key that names it: TOML allows no table of such a name then. */
function added(file: File, path: string[], line: string): Edit | "missing" {
  const table = tableOf(file, path);
  if (table) return lineBehind(file, table.key.range[1], line);
  for (let depth = 0; depth < path.length; depth++) {
    const above = depth === 0 ? undefined : tableOf(file, path.slice(0, depth));
    const body = depth === 0 ? file.top.filter((node) => node.type === "TOMLKeyValue") : above?.body ?? [];
    const names = path.slice(depth);
    const beside = body.find(({ key }) => isSame(keysOf(key).slice(0, names.length), names));
    if (beside) return lineBehind(file, beside.range[1], `${names.join(".")}.${line}`);
  }
  return "missing";
}

/** A line of its own below the one that a place is in. */
function lineBehind({ text, eol }: File, place: number, line: string): Edit {
  const end = text.indexOf("\n", place);
  return end < 0
    ? { from: text.length, to: text.length, text: `${eol}${line}${eol}` }
    : { from: end + 1, to: end + 1, text: `${line}${eol}` };
}

/** A table's lines, with our comment and the blank line above it. */
function wholeLines({ text }: File, table: AST.TOMLTable): Edit {
  const [start, end] = table.range;
  const newline = text.indexOf("\n", end);
  const above = text.slice(0, start);
  const ours = new RegExp(`(?:(?<=\\n)\\r?\\n)?(?:${COMMENT}\\r?\\n)?$`).exec(above);
  return { from: start - (ours?.[0].length ?? 0), to: newline < 0 ? text.length : newline + 1, text: "" };
}

function applied(text: string, edits: Edit[]): string {
  return edits.toSorted((a, b) => b.from - a.from)
    .reduce((whole, { from, to, text }) => whole.slice(0, from) + text + whole.slice(to), text);
}

function withBlocks(text: string, blocks: string[][], eol: string): string {
  if (blocks.length === 0) return text;
  const ended = text === "" || text.endsWith("\n") ? text : text + eol;
  return ended + blocks.map((lines) => [...(ended === "" ? [] : [""]), ...lines, ""].join(eol)).join("");
}

function list(names: string[]): string {
  return `[${names.map((name) => `"${name}"`).join(", ")}]`;
}
