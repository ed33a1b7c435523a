import * as z from "zod";
import { HeddleError } from "../../../../shared/errors.ts";
import type { AuthAnswer } from "../../../../shared/invitation.ts";
import { lowercaseUuid } from "../../../../shared/ids.ts";
import { keyHeaders } from "../../../../shared/keys.ts";
import { environment } from "../environment.ts";
import { parseJson } from "../http/body.ts";
import { deadline, readBytes } from "../http/in_time.ts";

/** Auth waits for the mail server. */
const ANSWER_MS = 10_000;
/** A user with their metadata. */
const MAX_BYTES = 1024 * 1024;

const userSchema = z.looseObject({ id: lowercaseUuid });

/** Asks Supabase Auth with the project's secret key. `path` begins behind `/auth/v1`. Throws `unavailable`. */
export async function askAuth(method: string, path: string, body?: object): Promise<AuthAnswer> {
  const { secretKey } = environment();
  return await ask(path, {
    method,
    headers: { ...keyHeaders(secretKey), "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/**
 * Id of the account that an access token is of. Auth knows what the token doesn't say: that its session was ended, or the account
 * banned or deleted. Throws `invalid_session`, or `unavailable` where Auth does not answer.
 */
export async function requireAccount(accessToken: string): Promise<string> {
  const { publishableKey } = environment();
  const { status, json } = await ask("/user", {
    headers: { apikey: publishableKey, authorization: `Bearer ${accessToken}` },
  });
  const { data: user } = userSchema.safeParse(json);
  if (status === 200 && user) return user.id;
  if (status === 429 || status >= 500) {
    throw unavailable(new Error(`Supabase Auth answered ${status}`));
  }
  throw new HeddleError(
    "invalid_session",
    "The access token must be one of Supabase Auth whose session goes on.",
  );
}

async function ask(path: string, init: RequestInit): Promise<AuthAnswer> {
  const { signal, end } = deadline(ANSWER_MS);
  try {
    const response = await fetch(`${environment().supabaseUrl}/auth/v1${path}`, {
      ...init,
      redirect: "error",
      signal,
    });
    return { status: response.status, json: jsonIn(await readBytes(response.body, MAX_BYTES, signal)) };
  } catch (cause) {
    throw unavailable(cause);
  } finally {
    end();
  }
}

function unavailable(cause: unknown): HeddleError {
  return new HeddleError("unavailable", "Supabase Auth does not answer; try again.", { cause });
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes);
  } catch {
    return undefined;
  }
}
