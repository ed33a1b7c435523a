import { Buffer } from "node:buffer";
import * as z from "zod";
import type { User } from "./questions.ts";

const TIMEOUT_MS = 5_000;

const claims = z.object({ exp: z.number() });

/**
 * Asks a project's Auth whose access token this is: `null` for a bad one. Throws if it does not answer. A token of which Auth
 * says so is good, so its end can be read from it.
 */
export function askSupabaseAuth(
  { supabaseUrl, publishableKey }: { supabaseUrl: string; publishableKey: string },
) {
  return async (accessToken: string): Promise<User | null> => {
    const answer = await fetch(`${supabaseUrl}/auth/v1/user`, {
      headers: { apikey: publishableKey, authorization: `Bearer ${accessToken}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body: unknown = await answer.json().catch(() => null);
    if (answer.status >= 500 || answer.status === 429) throw new Error(`Auth answered ${answer.status}`);
    const user = z.object({ id: z.string() }).safeParse(body);
    if (!answer.ok || !user.success) return null;
    const [, payload = ""] = accessToken.split(".");
    const read = claims.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString()));
    return { id: user.data.id, endsAt: read.success ? read.data.exp * 1000 : null };
  };
}
