import { createClient } from "@supabase/supabase-js";
import { environment } from "../environment.ts";
import type { Database } from "./database_types.ts";

const TIMEOUT_MS = 5_000;

type Functions = Database["heddle_api"]["Functions"];

/** Postgres does not declare which arguments may be null, so the generated types leave null out. */
type Arguments<Name extends keyof Functions> = {
  [Key in keyof Functions[Name]["Args"]]: Functions[Name]["Args"][Key] | null;
};

let client: ReturnType<typeof connect> | undefined;

/** The database did not do what it was asked. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  /** A SQLSTATE, or PostgREST's own code; empty if there was no answer. */
  readonly code: string;

  constructor(name: string, { code, message }: { code: string; message: string }) {
    super(`${name} failed: ${code} ${message}`);
    this.code = code;
  }
}

/**
 * Calls a function of schema `heddle_api` as `service_role`. Throws `DatabaseError` if the database refuses or
 * does not answer.
 */
export async function callDatabase<Name extends keyof Functions>(
  name: Name,
  args: Arguments<Name>,
): Promise<Functions[Name]["Returns"]> {
  client ??= connect();
  const { data, error } = await client.rpc(name, args).abortSignal(AbortSignal.timeout(TIMEOUT_MS));
  if (error) throw new DatabaseError(name, error);
  return data;
}

function connect() {
  const { supabaseUrl, secretKey } = environment();
  return createClient<Database, "heddle_api">(supabaseUrl, secretKey, {
    db: { schema: "heddle_api" },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
}
