/** How somebody comes into a team by an account in Supabase Auth: what the `heddle` command and a function do alike. */
import * as z from "zod";

/** An answer of Supabase Auth. */
export interface AuthAnswer {
  status: number;
  /** `undefined` where it is no JSON. */
  json: unknown;
}

/** What reaches a project's Auth with its secret key, and the account with the address in its database. */
export interface Accounts {
  /** `path` begins behind `/auth/v1`. */
  ask(method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<AuthAnswer>;
  /** Its id. */
  find(email: string): Promise<string | null>;
}

/** Why Auth makes or mails no account. `message` is Auth's own, and may be empty. */
export type InvitationRefusal =
  /** Nobody has confirmed the address, and this provider signs in to the account. */
  | { code: "other_provider"; provider: string }
  /** Auth has an account with the address, and the database none. */
  | { code: "not_found" }
  | { code: "too_many_mails" }
  | { code: "access_denied" }
  | { code: "unexpected_answer" }
  | { code: "rejected"; status: number; message: string };

export type Invitation =
  /** `invited`: a mail with a link was sent; else the account was there, confirmed and with a password of its own. */
  | { ok: true; id: string; invited: boolean }
  | { ok: false; refusal: InvitationRefusal };

const userSchema = z.looseObject({
  id: z.string(),
  email: z.string().nullish(),
  email_confirmed_at: z.string().nullish(),
  identities: z.array(z.looseObject({ provider: z.string() })).nullish(),
});
type User = z.infer<typeof userSchema>;

/**
 * The account with that address, made unless there is one. An account whose address nobody has confirmed may be a stranger's, and
 * Auth would let an invitation confirm it with the password they chose: it gets another one before the mail is sent. `redirectTo`:
 * where the mail's link leads; Auth must allow it, else it leads to its Site URL.
 */
export async function inviteAccount(
  accounts: Accounts,
  email: string,
  redirectTo: string | undefined,
): Promise<Invitation> {
  const known = await knownAccount(accounts, email);
  if (!known.ok) return known;
  const { user, isNew } = known;
  if (user.email_confirmed_at) return { ok: true, id: user.id, invited: false };
  if (!isNew) {
    const refusal = await shutOut(accounts, user.id);
    if (refusal) return { ok: false, refusal };
  }
  const query = redirectTo === undefined ? "" : `?${new URLSearchParams({ redirect_to: redirectTo })}`;
  const mailed = await accounts.ask("POST", `/invite${query}`, { email });
  if (mailed.status < 300) return mailedAccount(mailed, email, user.id);
  // Confirmed by an older mail a moment ago.
  if (isTaken(mailed)) return { ok: true, id: user.id, invited: false };
  return { ok: false, refusal: refusalOf(mailed) };
}

/** The account that was mailed: another than the one known before if that was deleted meanwhile, and never another address's. */
function mailedAccount({ json }: AuthAnswer, email: string, knownId: string): Invitation {
  const { data: user } = userSchema.safeParse(json);
  const isTheirs = user && (user.id === knownId || user.email?.toLowerCase() === email.toLowerCase());
  if (!isTheirs) return { ok: false, refusal: { code: "unexpected_answer" } };
  return { ok: true, id: user.id, invited: true };
}

type Known = { ok: true; user: User; isNew: boolean } | { ok: false; refusal: InvitationRefusal };

async function knownAccount(accounts: Accounts, email: string): Promise<Known> {
  const made = await accounts.ask("POST", "/admin/users", { email });
  const isNew = made.status < 300;
  if (!isNew && !isTaken(made)) return { ok: false, refusal: refusalOf(made) };
  const id = isNew ? null : await accounts.find(email);
  if (!isNew && id === null) return { ok: false, refusal: { code: "not_found" } };
  const answer = isNew ? made : await accounts.ask("GET", `/admin/users/${id}`);
  if (answer.status >= 300) return { ok: false, refusal: refusalOf(answer) };
  const { data: user } = userSchema.safeParse(answer.json);
  return user ? { ok: true, user, isNew } : { ok: false, refusal: { code: "unexpected_answer" } };
}

/** Leaves nobody a way into an unconfirmed account but its mails. A new password ends sessions and the links of older mails too. */
async function shutOut(accounts: Accounts, id: string): Promise<InvitationRefusal | null> {
  const changed = await accounts.ask("PUT", `/admin/users/${id}`, { password: unknownPassword() });
  if (changed.status >= 300) return refusalOf(changed);
  const { data: user } = userSchema.safeParse(changed.json);
  if (!user) return { code: "unexpected_answer" };
  const other = user.identities?.find(({ provider }) => provider !== "email");
  return other ? { code: "other_provider", provider: other.provider } : null;
}

/** As strong as a project may demand: with a letter of either case, a digit and a sign, and within bcrypt's 72 bytes. */
function unknownPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `aA1!${btoa(String.fromCharCode(...bytes)).replace(/=+$/, "")}`;
}

function isTaken({ json }: AuthAnswer): boolean {
  return codeOf(json) === "email_exists";
}

function codeOf(json: unknown): string {
  return String(Object(json).error_code ?? "");
}

function refusalOf({ status, json }: AuthAnswer): InvitationRefusal {
  if (codeOf(json) === "over_email_send_rate_limit") return { code: "too_many_mails" };
  if (status === 401 || status === 403) return { code: "access_denied" };
  return { code: "rejected", status, message: String(Object(json).msg ?? "") };
}
