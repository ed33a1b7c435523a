import { string } from "zod";
import { type InvitationRefusal, inviteAccount as invite } from "../../shared/invitation.ts";
import { keyHeaders } from "../../shared/keys.ts";
import { CliError } from "../errors.ts";
import { ask, jsonIn } from "./http.ts";
import type { Project } from "./project.ts";

export interface Account {
  id: string;
  /** Whether a mail with a link to come in was sent; else the account was there, confirmed and with a password of its own. */
  invited: boolean;
}

export interface AuthAccess {
  url: string;
  /** The project's secret key. */
  key: string;
  project: Project;
}

/** The account with that address, made unless there is one: as `inviteAccount` of `shared` says. Throws a `CliError`. */
export async function inviteAccount(
  { url, key, project }: AuthAccess,
  email: string,
  redirectTo: string | undefined,
): Promise<Account> {
  const accounts = {
    async ask(method: string, path: string, body?: object) {
      const { status, text } = await ask(`${url}/auth/v1${path}`, {
        method,
        headers: { ...keyHeaders(key), "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: "error",
      });
      return { status, json: jsonIn(text) };
    },
    find: (email: string) => project.call(string(), "find_account", { p_email: email }),
  };
  const invitation = await invite(accounts, email, redirectTo);
  if (!invitation.ok) throw explained(invitation.refusal, email);
  return invitation;
}

function explained(refusal: InvitationRefusal, email: string): CliError {
  switch (refusal.code) {
    case "other_provider":
      return new CliError(
        "conflict",
        `Supabase Auth has an account ${email} whose address nobody has confirmed, and ${refusal.provider} signs in to it: it may be a stranger's. Delete it under Authentication → Users, then invite again.`,
      );
    case "not_found":
      return new CliError(
        "conflict",
        `Supabase Auth has an account ${email} that is not to be found in the database: try again.`,
      );
    case "too_many_mails":
      return new CliError(
        "rejected",
        "Supabase Auth sends no more mails for now: try again later, or set up your own SMTP server.",
      );
    case "access_denied":
      return new CliError("access_denied", "Supabase Auth does not accept this secret key.");
    case "unexpected_answer":
      return new CliError(
        "unexpected_answer",
        "Supabase Auth does not answer as it should: check --url.",
      );
    case "rejected":
      return new CliError(
        "rejected",
        `Supabase Auth refuses (${refusal.status}): ${refusal.message || "no reason"}.`,
      );
  }
}
