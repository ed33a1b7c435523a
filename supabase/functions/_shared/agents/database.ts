import { createClient } from "@supabase/supabase-js";
import { environment } from "../environment.ts";

const TIMEOUT_MS = 5_000;

let client: ReturnType<typeof connect> | undefined;

/** Calls a function of schema `heddle_api` as `service_role`. Throws if the database refuses or does not answer. */
export async function callDatabase(name: string, args: Record<string, unknown>): Promise<unknown> {
  client ??= connect();
  const { data, error } = await client.rpc(name, args).abortSignal(AbortSignal.timeout(TIMEOUT_MS));
  if (error) throw new Error(`${name} failed: ${error.code} ${error.message}`);
  return data;
}

function connect() {
  const { supabaseUrl, secretKey } = environment();
  return createClient(supabaseUrl, secretKey, {
    db: { schema: "heddle_api" },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
}
