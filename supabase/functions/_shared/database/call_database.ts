import { createClient } from "@supabase/supabase-js";
import { environment } from "../environment.ts";
import { within } from "../http/in_time.ts";
import type { Database } from "./database_types.ts";

const TIMEOUT_MS = 5_000;

type Functions = Database["heddle_api"]["Functions"];

/** Postgres does not declare which arguments may be null, so the generated types leave null out. */
type Arguments<Name extends keyof Functions> = {
  [Key in keyof Functions[Name]["Args"]]: Functions[Name]["Args"][Key] | null;
};

let client: ReturnType<typeof connect> | undefined;
let callersClient: ReturnType<typeof connect> | undefined;

/** The database did not do what it was asked. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  /** A SQLSTATE, or PostgREST's own code; empty if there was no answer. */
  readonly code: string;
  /** What it said: the stable name of an error, where a function of ours raised it. */
  readonly reason: string;
  /** What must hold, where the function said it. */
  readonly details: string | null;

  constructor(
    name: string,
    { code, message, details }: { code: string; message: string; details?: string | null },
  ) {
    super(`${name} failed: ${code} ${message}`);
    this.code = code;
    this.reason = message;
    this.details = details || null;
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
  client ??= connect(environment().secretKey);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { data, error } = await inTime(name, signal, client.rpc(name, args).abortSignal(signal));
  if (error) throw new DatabaseError(name, error);
  return data;
}

/**
 * The same as whoever this access token of Supabase Auth is of, who may do less: that the token is good the database finds
 * out.
 */
export async function callDatabaseAs<Name extends keyof Functions>(
  accessToken: string,
  name: Name,
  args: Arguments<Name>,
): Promise<Functions[Name]["Returns"]> {
  callersClient ??= connect(environment().publishableKey);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const call = callersClient.rpc(name, args).setHeader("authorization", `Bearer ${accessToken}`);
  const { data, error } = await inTime(name, signal, call.abortSignal(signal));
  if (error) throw new DatabaseError(name, error);
  return data;
}

/** The client reads an answer by the signal alone, which may come to nothing once the headers are there. */
async function inTime<Answer>(
  name: string,
  signal: AbortSignal,
  answer: PromiseLike<Answer>,
): Promise<Answer> {
  try {
    return await within(signal, answer);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new DatabaseError(name, { code: "", message: `no answer within ${TIMEOUT_MS / 1000} seconds` });
  }
}

function connect(key: string) {
  return createClient<Database, "heddle_api">(environment().supabaseUrl, key, {
    db: { schema: "heddle_api" },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
}
