import { isDeepStrictEqual } from "node:util";
import { getStaticTOMLValue } from "toml-eslint-parser";
import { CliError } from "../errors.ts";
import { readToml } from "./toml_file.ts";

/** What the CLI exposes where `api.schemas` is not set. */
export const DEFAULT_SCHEMAS = ["public", "graphql_public"];
export const SCHEMA = "heddle_api";

type Table = Record<string, unknown>;

/** What a `config.toml` is to say with Heddle's settings for these functions. Throws a `CliError` where they can't be added. */
export function valuesWith(text: string, names: string[]): Table {
  const { all, api, functions } = readValues(text, names);
  const exposed = (api["schemas"] ?? DEFAULT_SCHEMAS) as unknown[];
  const unlocked = names.map((name) => [name, { ...functions[name], verify_jwt: false }]);
  return {
    ...all,
    api: { ...api, schemas: exposed.includes(SCHEMA) ? exposed : [...exposed, SCHEMA] },
    functions: { ...functions, ...Object.fromEntries(unlocked) },
  };
}

/** What it is to say without these functions' settings and, if it was exposed, without the schema. */
export function valuesWithout(
  text: string,
  { isExposed, gone }: { isExposed: boolean; gone: string[] },
): Table {
  const { all, api, functions } = readValues(text, gone);
  const schemas = api["schemas"] as unknown[];
  const left = Object.entries(functions).filter(([name]) => !gone.includes(name));
  return {
    ...all,
    ...(isExposed ? { api: { ...api, schemas: schemas.toSpliced(schemas.indexOf(SCHEMA), 1) } } : {}),
    functions: Object.fromEntries(left),
  };
}

/** Where `api`, `functions` or one of these functions is no table, or `schemas` no list, nothing can be added. */
function readValues(text: string, names: string[]) {
  const all = getStaticTOMLValue(readToml(text).ast) as Table;
  const api = tableIn(all, "api", "api");
  const functions = tableIn(all, "functions", "functions");
  for (const name of names) tableIn(functions, name, `functions.${name}`);
  if (api["schemas"] !== undefined && !Array.isArray(api["schemas"])) {
    throw new CliError("conflict", "schemas under [api] in supabase/config.toml is not a list.");
  }
  return { all, api, functions: functions as Record<string, Table | undefined> };
}

/** Throws a `CliError` unless a text that was edited is TOML and says this. */
export function mustSay(text: string, wanted: Table): void {
  if (isDeepStrictEqual(valuesIn(text), withoutEmpty(wanted))) return;
  throw new CliError(
    "conflict",
    "supabase/config.toml is written in a way in which Heddle can't change it safely: write [api] with its schemas, and [functions.<name>] for each function, as tables of their own, then run this again. Nothing was written.",
  );
}

function valuesIn(text: string): Table | null {
  try {
    return withoutEmpty(getStaticTOMLValue(readToml(text).ast) as Table);
  } catch (error) {
    if (error instanceof CliError) return null;
    throw error;
  }
}

/** A table with nothing in it says as much as none. */
function withoutEmpty({ functions, ...others }: Table): Table {
  return isTable(functions) && Object.keys(functions).length > 0 ? { ...others, functions } : others;
}

function tableIn(values: Table, key: string, path: string): Table {
  const value = values[key];
  if (value === undefined) return {};
  if (isTable(value)) return value;
  throw new CliError(
    "conflict",
    `supabase/config.toml has ${path} in another form than as one table: write it as [${path}], then run this again. Nothing was written.`,
  );
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
