/** The PKCE flow: a link brings a code that only the browser which asked for it can exchange. Source: internal/api/pkce.go. */
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import type { Sql, TransactionSql } from "postgres";
import { AuthError, invalid } from "./answers.ts";
import type { MailKind } from "./one_time_tokens.ts";
import type { Connection } from "./users.ts";

/** Of RFC 7636, section 4.2. */
const CHALLENGE = /^[\w.~-]{43,128}$/;
const METHODS = ["s256", "plain"];
const CODE_SECONDS = 300;

export interface Challenge {
  challenge: string;
  method: string;
}

/** What a request says of the flow; `null` for the implicit one. Throws for half of it, or what is no challenge. */
export function challengeOf(
  { code_challenge: challenge, code_challenge_method: method }: {
    code_challenge?: string | null | undefined;
    code_challenge_method?: string | null | undefined;
  },
): Challenge | null {
  if (!challenge && !method) return null;
  if (!challenge || !method) throw invalid("PKCE flow requires code_challenge_method and code_challenge");
  if (!CHALLENGE.test(challenge)) {
    throw invalid(
      "code challenge has to be between 43 and 128 characters: letters, digits, hyphens, periods, underscores and tildes",
    );
  }
  if (METHODS.includes(method.toLowerCase())) return { challenge, method: method.toLowerCase() };
  throw invalid(`unsupported code_challenge method ${JSON.stringify(method)}`);
}

/** Keeps the challenge for the user's next link of this kind. */
export async function keepChallenge(
  sql: Connection,
  { userId, kind, challenge }: { userId: string; kind: MailKind; challenge: Challenge },
): Promise<void> {
  await sql`
    insert into auth.flow_state (
      id, user_id, auth_code, code_challenge_method, code_challenge, provider_type, authentication_method,
      created_at, updated_at
    ) values (
      ${randomUUID()}, ${userId}, ${randomUUID()}, ${challenge.method}, ${challenge.challenge}, ${
    methodOf(kind)
  },
      ${methodOf(kind)}, now(), now()
    )`;
}

/** The code that a link of this kind brings to the page. */
export async function issueCode(tx: TransactionSql, userId: string, type: string): Promise<string> {
  const [flow] = await tx`
    update auth.flow_state set auth_code_issued_at = now(), updated_at = now()
    where id = (
      select id from auth.flow_state where user_id = ${userId} and authentication_method = ${methodOf(type)}
      order by created_at desc limit 1
    )
    returning auth_code`;
  if (flow) return flow.auth_code;
  throw new AuthError(422, "flow_state_not_found", "No valid flow state found for user.");
}

/** Uses up a code; returns whose it is and how they signed in. */
export async function exchangeCode(
  sql: Sql,
  { code, verifier }: { code: string; verifier: string },
): Promise<{ userId: string; method: string }> {
  if (!code || !verifier) {
    throw invalid("invalid request: both auth code and code verifier should be non-empty");
  }
  const [flow] = await sql`
    select *, auth_code_issued_at < now() - ${CODE_SECONDS} * interval '1 second' as expired
    from auth.flow_state where auth_code = ${code} and auth_code_issued_at is not null`;
  if (!flow) {
    throw new AuthError(404, "flow_state_not_found", "invalid flow state, no valid flow state found");
  }
  if (flow.expired) {
    throw new AuthError(422, "flow_state_expired", "invalid flow state, flow state has expired");
  }
  const answer = flow.code_challenge_method === "s256"
    ? createHash("sha256").update(verifier).digest("base64url")
    : verifier;
  if (!isEqual(answer, flow.code_challenge)) {
    throw new AuthError(
      400,
      "bad_code_verifier",
      "code challenge does not match previously saved code verifier",
    );
  }
  const { count } = await sql`delete from auth.flow_state where id = ${flow.id}`;
  if (count === 1) return { userId: flow.user_id, method: flow.authentication_method };
  throw new AuthError(404, "flow_state_not_found", "invalid flow state, no valid flow state found");
}

function methodOf(type: string): string {
  return type === "signup" ? "email/signup" : type;
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => new TextEncoder().encode(text));
  return a !== undefined && b !== undefined && a.length === b.length && timingSafeEqual(a, b);
}
