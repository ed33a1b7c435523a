import { randomBytes } from "node:crypto";
import { array, looseObject, type output, string } from "zod";
import { CliError } from "../errors.ts";
import { type Answer, ask, jsonIn } from "./http.ts";
import { keyHeaders } from "./rest.ts";

const PER_PAGE = 1000;

export interface Account {
  id: string;
  /** Whether a mail with a link to come in was sent; else the account was there, confirmed and with a password of its own. */
  invited: boolean;
}

export interface AuthAccess {
  url: string;
  /** The project's secret key. */
  key: string;
}

/**
 * The account with that address, made unless there is one. An account whose address nobody has confirmed may be a stranger's, and
 * Auth would let an invitation confirm it with the password they chose: it gets another one before the mail is sent. `redirectTo`:
 * where the mail's link leads; Auth must allow it, else it leads to its Site URL. Throws a `CliError`.
 */
export async function inviteAccount(
  access: AuthAccess,
  email: string,
  redirectTo: string | undefined,
): Promise<Account> {
  const made = await request(access, "POST", "/admin/users", { email });
  const isNew = made.status < 300;
  if (!isNew && !isTaken(made)) throw refused(made);
  const { id, email_confirmed_at: confirmed } = isNew
    ? parsed(userSchema, made)
    : await findAccount(access, email);
  if (confirmed) return { id, invited: false };
  if (!isNew) await shutOut(access, id, email);
  const query = redirectTo === undefined ? "" : `?${new URLSearchParams({ redirect_to: redirectTo })}`;
  const mailed = await request(access, "POST", `/invite${query}`, { email });
  if (mailed.status < 300) return { id: parsed(userSchema, mailed).id, invited: true };
  if (isTaken(mailed)) return { id, invited: false }; // confirmed by an older mail a moment ago
  throw refused(mailed);
}

/** Leaves nobody a way into an unconfirmed account but its mails. A new password ends sessions and the links of older mails too. */
async function shutOut(access: AuthAccess, id: string, email: string): Promise<void> {
  const changed = await request(access, "PUT", `/admin/users/${id}`, { password: unknownPassword() });
  if (changed.status >= 300) throw refused(changed);
  const { identities } = parsed(userSchema, changed);
  const other = identities?.find(({ provider }) => provider !== "email")?.provider;
  if (other === undefined) return;
  throw new CliError(
    "conflict",
    `Supabase Auth has an account ${email} whose address nobody has confirmed, and ${other} signs in to it: it may be a stranger's. Delete it under Authentication → Users, then invite again.`,
  );
}

/** As strong as a project may demand: with a letter of either case, a digit and a sign, and within bcrypt's 72 bytes. */
function unknownPassword(): string {
  return `aA1!${randomBytes(32).toString("base64url")}`;
}

const userSchema = looseObject({
  id: string(),
  email: string().nullish(),
  email_confirmed_at: string().nullish(),
  identities: array(looseObject({ provider: string() })).nullish(),
});
const usersSchema = looseObject({ users: array(userSchema) });

async function request(
  { url, key }: AuthAccess,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  return await ask(`${url}/auth/v1${path}`, {
    method,
    headers: { ...keyHeaders(key), "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: "error",
  });
}

/** Auth can't be asked for an address: looks through all accounts. */
async function findAccount(access: AuthAccess, email: string): Promise<output<typeof userSchema>> {
  for (let page = 1;; page++) {
    const answer = await request(access, "GET", `/admin/users?page=${page}&per_page=${PER_PAGE}`);
    if (answer.status >= 300) throw refused(answer);
    const { users } = parsed(usersSchema, answer);
    const found = users.find((user) => user.email?.toLowerCase() === email);
    if (found) return found;
    if (users.length < PER_PAGE) {
      throw new CliError(
        "conflict",
        `Supabase Auth has an account ${email} and does not list it: try again.`,
      );
    }
  }
}

function parsed<T>(schema: { safeParse(value: unknown): { data?: T } }, { text }: Answer): T {
  const { data } = schema.safeParse(jsonIn(text));
  if (data !== undefined) return data;
  throw new CliError("unexpected_answer", "Supabase Auth does not answer as it should: check --url.");
}

function isTaken(answer: Answer): boolean {
  return refusalOf(answer).code === "email_exists";
}

function refusalOf({ text }: Answer): { code: string; message: string } {
  const { error_code = "", msg = "" } = Object(jsonIn(text));
  return { code: String(error_code), message: String(msg) };
}

function refused(answer: Answer): CliError {
  const { code, message } = refusalOf(answer);
  if (code === "over_email_send_rate_limit") {
    return new CliError(
      "rejected",
      "Supabase Auth sends no more mails for now: try again later, or set up your own SMTP server.",
    );
  }
  if (answer.status === 401 || answer.status === 403) {
    return new CliError("access_denied", "Supabase Auth does not accept this secret key.");
  }
  return new CliError("rejected", `Supabase Auth refuses (${answer.status}): ${message || "no reason"}.`);
}
