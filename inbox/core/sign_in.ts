import type { AuthError } from "@supabase/supabase-js";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Project } from "./project.ts";

const TOO_MANY = 429;
/** Auth's code for an address that has no account, if none is to be made. */
const NO_ACCOUNT = "otp_disabled";

/**
 * Why nobody is signed in: `no_team` is an account that belongs to no team, or does no more; `used_link` a link from a mail that
 * was used before or is too old, `ended` a session that the server takes no more, or that was ended in another window.
 */
export type SignInProblem =
  | "wrong"
  | "unconfirmed"
  | "too_often"
  | "network"
  | "no_team"
  | "used_link"
  | "ended"
  | "other";

/** Why a password was not changed. `again` is that Auth wants a fresh sign-in first. */
export type PasswordProblem = "weak" | "same" | "again" | "too_often" | "network" | "other";

const REFUSED_PASSWORDS: Record<string, PasswordProblem> = {
  weak_password: "weak",
  // What is too long for Auth.
  validation_failed: "weak",
  same_password: "same",
  reauthentication_needed: "again",
  reauthentication_not_valid: "again",
  session_not_found: "again",
};

/** What Auth is asked for an operator. */
export interface SignIn {
  /** Whether who is signed in came to choose a password, and has not done so. */
  readonly passwordDue: ReadonlySignal<boolean>;
  /** Resolves to what is wrong, or to `null` once they are signed in. */
  signIn(email: string, password: string): Promise<SignInProblem | null>;
  /**
   * Has Auth mail a link that signs in and leads to `page`. Resolves to `null` as well for an address without an account:
   * who has one is nobody's business.
   */
  mailLink(email: string, page: string): Promise<SignInProblem | null>;
  /** Resolves to what is wrong, or to `null` once the operator has this password. */
  changePassword(password: string): Promise<PasswordProblem | null>;
  /** They go on without another password. */
  skipPassword(): void;
}

/** Who is to choose a password once they are in. */
interface Guest {
  expect(userId: string | null): void;
  entered(userId: string): void;
}

export function createSignIn({ auth }: Pick<Project, "auth">): { actions: SignIn; guest: Guest } {
  const passwordDue = signal(false);
  let expected: string | null = null;

  function expect(userId: string | null) {
    expected = userId;
    if (!userId) passwordDue.value = false;
  }

  const actions: SignIn = {
    passwordDue,
    async signIn(email, password) {
      const { error } = await auth.signInWithPassword({ email: email.trim(), password });
      return error && signInProblem(error);
    },
    async mailLink(email, page) {
      const options = { shouldCreateUser: false, emailRedirectTo: page };
      const { error } = await auth.signInWithOtp({ email: email.trim(), options });
      return !error || error.code === NO_ACCOUNT ? null : signInProblem(error);
    },
    async changePassword(password) {
      const { error } = await auth.updateUser({ password });
      if (error) return REFUSED_PASSWORDS[error.code ?? ""] ?? refusal(error);
      expect(null);
      return null;
    },
    skipPassword: () => expect(null),
  };
  const entered = (userId: string) => void (passwordDue.value = userId === expected);
  return { actions, guest: { expect, entered } };
}

function signInProblem(error: AuthError): SignInProblem {
  const { code } = error;
  if (code === "invalid_credentials" || code === "validation_failed") return "wrong";
  if (code === "email_not_confirmed") return "unconfirmed";
  return refusal(error);
}

function refusal(error: AuthError): "too_often" | "network" | "other" {
  if (error.status === TOO_MANY) return "too_often";
  return isUnanswered(error) ? "network" : "other";
}

/** An answer that never came has no status, one of something between none of Auth's codes. */
function isUnanswered({ status }: AuthError): boolean {
  return status === undefined || status === 0;
}
