import { type AST, getStaticTOMLValue, ParseError, parseTOML } from "toml-eslint-parser";
import * as z from "zod";
import { CliError } from "../errors.ts";

/** A `config.toml` that was read. */
export interface TomlFile {
  /** The byte order mark that some editors of Windows begin a file with, or nothing. */
  mark: string;
  /** The rest. */
  text: string;
  top: (AST.TOMLKeyValue | AST.TOMLTable)[];
  eol: string;
  ast: AST.TOMLProgram;
}

/** Throws a `CliError` for a text that is not TOML. */
export function readToml(whole: string): TomlFile {
  const mark = whole.startsWith("\ufeff") ? "\ufeff" : "";
  const text = whole.slice(mark.length);
  try {
    const ast = parseTOML(text);
    return { mark, text, top: ast.body[0].body, eol: text.includes("\r\n") ? "\r\n" : "\n", ast };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new CliError(
      "conflict",
      `supabase/config.toml can't be read: line ${error.lineNumber}: ${error.message}.`,
    );
  }
}

const functionsSchema = z.record(z.string(), z.record(z.string(), z.unknown()).catch({})).catch({});
const valuesSchema = z.object({
  functions: functionsSchema,
  remotes: z.record(
    z.string(),
    z.object({
      api: z.object({ schemas: z.array(z.unknown()).optional() }).catch({}),
      functions: functionsSchema,
    }).catch({ api: {}, functions: {} }),
  ).catch({}),
});

/** Which of these functions a `config.toml` knows already, with settings that Heddle does not write. */
export function functionsOf(text: string, names: string[]): string[] {
  const { functions } = valuesSchema.parse(getStaticTOMLValue(readToml(text).ast));
  return names.filter((name) =>
    Object.entries(functions[name] ?? {}).some(([key, value]) => key !== "verify_jwt" || value !== false)
  );
}

/** What of a branch's own settings would take Heddle's out again, a sentence each. */
export function remoteWarnings(text: string, names: string[]): string[] {
  const { remotes } = valuesSchema.parse(getStaticTOMLValue(readToml(text).ast));
  return Object.entries(remotes).flatMap(([remote, { api, functions }]) => [
    ...(api.schemas && !api.schemas.includes("heddle_api")
      ? [`[remotes.${remote}.api] has schemas of its own: add "heddle_api" there.`]
      : []),
    ...names.filter((name) => functions[name]?.verify_jwt === true).map((name) =>
      `[remotes.${remote}.functions.${name}] has verify_jwt = true: set it to false.`
    ),
  ]);
}
