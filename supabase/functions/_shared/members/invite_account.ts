import * as z from "zod";
import { HeddleError } from "../../../../shared/errors.ts";
import { type InvitationRefusal, inviteAccount } from "../../../../shared/invitation.ts";
import { askAuth } from "../auth/supabase_auth.ts";
import { callDatabase } from "../database/call_database.ts";

/** What Auth lets pass between two mails to an address, unless its owner says otherwise. */
const RETRY_SECONDS = 60;

/**
 * The account of Supabase Auth with that address, made and mailed a link unless it is there and confirmed. Throws `conflict` for an
 * account that may be a stranger's, `rate_limited` where Auth sends no more mails, `invalid_request` for an address that it does not
 * take, and `unavailable` where it does not answer; `onFailure` is awaited before, and told whether a mail has left, or may have.
 */
export async function accountFor(
  email: string,
  redirectTo: string | undefined,
  onFailure: (isMailed: boolean) => Promise<void>,
): Promise<{ id: string; invited: boolean }> {
  let isMailed = false;
  const accounts = {
    async ask(method: string, path: string, body?: object) {
      isMailed = path.startsWith("/invite");
      const answer = await askAuth(method, path, body);
      // More than 500 is not Auth's own word for a mail that could not be sent, but that of a proxy before it.
      isMailed &&= answer.status < 300 || answer.status > 500;
      return answer;
    },
    find: async (email: string) =>
      z.string().nullable().parse(await callDatabase("find_account", { p_email: email })),
  };
  try {
    const invitation = await inviteAccount(accounts, email, redirectTo);
    if (invitation.ok) return invitation;
    throw refused(invitation.refusal);
  } catch (error) {
    await onFailure(isMailed);
    throw error;
  }
}

function refused(refusal: InvitationRefusal): HeddleError {
  switch (refusal.code) {
    case "other_provider":
      return aboutEmail(
        "conflict",
        `Nobody has confirmed the account with this address, and ${refusal.provider} signs in to it: it may be a stranger's. Whoever runs the project has to delete it in Supabase Auth first.`,
      );
    case "not_found":
      return aboutEmail("conflict", "Supabase Auth is changing the account with this address; try again.");
    case "too_many_mails":
      return tooManyMails();
    case "rejected":
      if (refusal.status === 429) return tooManyMails();
      if (refusal.status >= 500) {
        return new HeddleError("unavailable", "Supabase Auth could not send the mail; try again.", {
          cause: new Error(`Supabase Auth answered ${refusal.status}: ${refusal.message}`),
        });
      }
      return aboutEmail(
        "invalid_request",
        `Supabase Auth does not take this address: ${refusal.message || refusal.status}.`,
      );
    case "access_denied":
      return new HeddleError("internal", "Supabase Auth does not accept the project's secret key.", {
        cause: new Error("Supabase Auth refuses the secret key"),
      });
    case "unexpected_answer":
      return new HeddleError("internal", "Supabase Auth does not answer as it should.", {
        cause: new Error("Supabase Auth gave an unexpected answer"),
      });
  }
}

function tooManyMails(): HeddleError {
  return new HeddleError("rate_limited", "Supabase Auth sends no more mails for now; try again later.", {
    headers: { "retry-after": String(RETRY_SECONDS) },
  });
}

function aboutEmail(code: "conflict" | "invalid_request", message: string): HeddleError {
  return new HeddleError(code, message, { issues: [{ path: "email", message }] });
}
