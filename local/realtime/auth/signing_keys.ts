import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { JWK } from "jose";
import { isObject } from "../json.ts";

/** A table of TOML from its head to the next one. */
const AUTH_TABLE = /^\[auth\][^\n]*\n(?<settings>(?:(?!\[)[^\n]*\n?)*)/m;
const PATH = /^\s*signing_keys_path\s*=\s*["'](?<path>[^"']+)["']/m;

/**
 * The keys of `[auth] signing_keys_path` in a Supabase folder's config.toml, a file as `supabase gen signing-key` makes
 * it; none where it names no file. Throws where that file does not hold keys. Source: the CLI's configuration reference.
 */
export async function readSigningKeys(supabaseDir: string): Promise<JWK[]> {
  const config = await readFile(join(supabaseDir, "config.toml"), "utf8");
  const settings = AUTH_TABLE.exec(config)?.groups?.settings ?? "";
  const path = PATH.exec(settings)?.groups?.path;
  if (!path) return [];

  const keys = await parsed(resolve(supabaseDir, path));
  if (Array.isArray(keys) && keys.every(isKey)) return keys;
  throw new Error(
    `[auth] signing_keys_path of config.toml must name a JSON file with a list of JWKs, each with kty and kid: ${path}`,
  );
}

async function parsed(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return null; // which is no list: the caller says what must hold
  }
}

function isKey(value: unknown): value is JWK {
  return isObject(value) && typeof value.kty === "string" && typeof value.kid === "string";
}
