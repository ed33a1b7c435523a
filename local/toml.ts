/** A value of the kinds that Supabase's config.toml uses. */
export type TomlValue = string | number | boolean | TomlValue[];

const TABLE = /^\[(?<name>[\w.-]+)\]$/;
const SETTING = /^(?<key>[\w-]+)\s*=\s*(?<value>.+)$/s;
/** Strings as they stand, so that a `#` in one begins no comment. */
const TOKEN = /"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*/g;
const STRING = /"(?:[^"\\]|\\.)*"|'([^']*)'/g;

/**
 * The settings of a TOML file by their full names, such as `auth.email.otp_length`: tables, strings, numbers, booleans and
 * arrays, which may span lines. Leaves out what it does not know, such as arrays of tables. Throws for a value that is none.
 */
export function readToml(text: string): Map<string, TomlValue> {
  const settings = new Map<string, TomlValue>();
  let table: string | null = "";
  for (const statement of statements(text)) {
    const head = TABLE.exec(statement)?.groups;
    if (head) table = `${head.name}.`;
    else if (statement.startsWith("[[")) table = null;
    const { key, value } = SETTING.exec(statement)?.groups ?? {};
    if (table === null || key === undefined || value === undefined) continue;
    settings.set(table + key, readValue(value, table + key));
  }
  return settings;
}

/** Lines without comments; the lines of an array as one. */
function statements(text: string): string[] {
  const lines = text.replace(TOKEN, (token) => token.startsWith("#") ? "" : token).split(/\r?\n/);
  const joined: string[] = [];
  let open = "";
  for (const line of lines) {
    open = `${open} ${line.trim()}`.trim();
    if (/=\s*\[/.test(open) && !open.endsWith("]")) continue;
    if (open) joined.push(open);
    open = "";
  }
  return joined;
}

function readValue(text: string, name: string): TomlValue {
  const literal = /^'([^']*)'$/.exec(text)?.[1];
  if (literal !== undefined) return literal;
  try {
    // A literal string inside an array, and a comma after its last value, are all that keep it from being JSON.
    const json = text.startsWith("[")
      ? text.replace(STRING, (token, inner) => inner === undefined ? token : JSON.stringify(inner))
        .replace(/,\s*\]$/, "]")
      : text;
    return JSON.parse(json);
  } catch (cause) {
    throw new Error(`config.toml: ${name} is no string, number, boolean or array: ${text}`, { cause });
  }
}
