import type { AuthError } from "@supabase/supabase-js";
import type { Project } from "./project.ts";
import { isRefused } from "./auth_answers.ts";
import type { SignInProblem } from "./sign_in.ts";

/** A session that a link of a mail carries. Whose it is, and who made the link, is not known yet. */
export interface LinkedSession {
  accessToken: string;
  refreshToken: string;
  /** It is an invitation, or was asked for because the password is lost. */
  wantsPassword: boolean;
}

/** What a link of a mail led here with. */
export type Arrival = { session: LinkedSession } | { problem: SignInProblem };

/** Whom a link would sign in. */
export interface Offer {
  userId: string;
  email: string;
  wantsPassword: boolean;
  /** Signs them in. Resolves to what is wrong, if something is. */
  accept(): Promise<SignInProblem | null>;
}

const PARTS = ["access_token", "refresh_token", "error", "error_code", "error_description"];

/** What Auth says in an address's fragment; `null` if that is something else. Source: internal/api/verify.go of Auth. */
export function readArrival(fragment: string): Arrival | null {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  if (!PARTS.some((part) => fields.has(part))) return null;
  const accessToken = fields.get("access_token");
  const refreshToken = fields.get("refresh_token");
  if (accessToken && refreshToken && !fields.has("error") && !fields.has("error_code")) {
    const wantsPassword = ["invite", "recovery"].includes(fields.get("type") ?? "");
    return { session: { accessToken, refreshToken, wantsPassword } };
  }
  return { problem: fields.get("error_code") === "otp_expired" ? "used_link" : "other" };
}

/**
 * What an arrival comes to: an offer, or what is wrong with the link. `null` while somebody is signed in, because a link that
 * anybody can send must not put another account in the place of theirs.
 */
export async function considered(
  project: Project,
  arrival: Arrival,
): Promise<{ offer: Offer } | { problem: SignInProblem } | null> {
  if (await project.hasSession()) return null;
  if ("problem" in arrival) return arrival;
  const { accessToken, refreshToken, wantsPassword } = arrival.session;
  const { data: { user }, error } = await project.auth.getUser(accessToken);
  if (!user) return { problem: refusedLink(error) };

  const offer: Offer = {
    userId: user.id,
    email: user.email ?? "",
    wantsPassword,
    async accept() {
      // Another tab may have been faster.
      if (await project.hasSession()) return null;
      const { data, error } = await project.auth.setSession({
        access_token: accessToken,
        refresh_token: refreshToken,
      });
      if (error) return refusedLink(error);
      if (data.user?.id === user.id) return null;
      // The access token had expired, and the other one is somebody else's.
      await project.auth.signOut({ scope: "local" });
      return "used_link";
    },
  };
  return { offer };
}

function refusedLink(error: AuthError | null): SignInProblem {
  return error && !isRefused(error) ? "network" : "used_link";
}
