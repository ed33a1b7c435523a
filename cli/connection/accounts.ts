import { array, looseObject, string } from "zod";
import { CliError } from "../errors.ts";
import { type Answer, ask, jsonIn } from "./http.ts";
import { keyHeaders } from "./rest.ts";

const PER_PAGE = 1000;

export interface Account {
  id: string;
  /** Whether a mail with a link to come in was sent; else the account was there, with a password of its own. */
  invited: boolean;
}

export interface AuthAccess {
  url: string;
  /** The project's secret key. */
  key: string;
}

/**
 * The account with that address, made by Supabase Auth's invitation unless there is one. `redirectTo`: where the mail's
 * link leads; Auth must allow it, else it leads to its Site URL. Throws a `CliError`.
 */
export async function inviteAccount(
  access: AuthAccess,
  email: string,
  redirectTo: string | undefined,
): Promise<Account> {
  const query = redirectTo === undefined ? "" : `?${new URLSearchParams({ redirect_to: redirectTo })}`;
  const answer = await ask(`${access.url}/auth/v1/invite${query}`, {
    method: "POST",
    headers: { ...keyHeaders(access.key), "content-type": "application/json" },
    body: JSON.stringify({ email }),
    redirect: "error",
  });
  if (answer.status < 300) return { id: parsed(userSchema, answer).id, invited: true };
  if (refusalOf(answer).code === "email_exists") {
    return { id: await findAccount(access, email), invited: false };
  }
  throw refused(answer);
}

const userSchema = looseObject({ id: string() });
const usersSchema = looseObject({ users: array(looseObject({ id: string(), email: string().nullish() })) });

/** Auth can't be asked for an address: looks through all accounts. */
async function findAccount({ url, key }: AuthAccess, email: string): Promise<string> {
  for (let page = 1;; page++) {
    const answer = await ask(`${url}/auth/v1/admin/users?page=${page}&per_page=${PER_PAGE}`, {
      headers: keyHeaders(key),
      redirect: "error",
    });
    if (answer.status >= 300) throw refused(answer);
    const { users } = parsed(usersSchema, answer);
    const found = users.find((user) => user.email?.toLowerCase() === email);
    if (found) return found.id;
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
