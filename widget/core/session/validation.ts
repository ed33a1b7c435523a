import type { EndUser, ValidateWidgetAnswer } from "../../../shared/api/validate_widget.ts";
import { type Failure, type Problem, type Result, unreachable } from "../../../client/http/problem.ts";
import type { Scope } from "../../../client/platform/scope.ts";
import type { SessionSetup } from "./session.ts";
import { storageKeys, type StoredSession } from "./store.ts";

/** How long the page has to hand over a token. */
const TIMEOUT = 15_000;

/** Asks `validate-widget` as the visitor whom the page or the browser's storage names. */
export function createValidation({ environment, scope, api, store, options, hooks }: SessionSetup) {
  const { agentId, getUserToken } = options;
  // A page that fills its script tag from a template writes "" for a visitor who is not signed in.
  let userToken = options.userToken || undefined;
  let mayRenew = false;
  /** What the token said with which the session was validated. */
  let heard: string | undefined;

  const said = () => userToken && saidBy(userToken);
  const freshToken = () => getUserToken ? askForToken(getUserToken, scope, hooks.onProblem) : null;

  async function send() {
    const told = said();
    // Beside a userToken only by who signs in: of one whose session goes on, others may have written since.
    const visitorToken = userToken && store.read() ? undefined : store.visitorToken();
    const result = await api.validate({ agentId, userToken, visitorToken });
    if (result.ok) heard = told;
    return result;
  }

  async function validate(): Promise<Result<ValidateWidgetAnswer>> {
    mayRenew = false;
    const result = scope.ended ? over() : await send();
    if (result.ok || result.problem.code !== "invalid_user_token" || scope.ended) return result;
    const fresh = await freshToken();
    // Signed with a secret that has been replaced: the page's backend may get the new one any time.
    mayRenew = fresh !== null;
    if (!fresh || fresh === userToken || scope.ended) return result;
    userToken = fresh;
    const renewed = await send();
    mayRenew = !renewed.ok && renewed.problem.code === "invalid_user_token";
    return renewed;
  }

  async function validateAndStore(): Promise<Result<StoredSession>> {
    const result = await validate();
    if (!result.ok) return result;
    const session = { answer: result.value, validatedAt: environment.now(), said: heard };
    if (!scope.ended) store.save(session);
    return { ok: true, value: session };
  }

  return {
    /**
     * A visitor's first page may be opened in two tabs at once: the second waits for the first one's
     * `visitorToken`.
     */
    run(): Promise<Result<StoredSession>> {
      if (userToken || store.visitorToken()) return validateAndStore();
      return environment.exclusively(storageKeys(agentId).visitorKey, validateAndStore);
    },
    /** The token was refused, but the page hands over others. */
    mayRenew: () => mayRenew,
    async prepare() {
      userToken ??= await freshToken() || undefined;
    },
    /** False if it says of the visitor what was heard. */
    takeToken(token: string): boolean {
      userToken = token;
      return said() !== heard;
    },
    /** Whether the page's token says of the visitor what that session's did. */
    saysTheSame(session: StoredSession): boolean {
      heard = session.said;
      return said() === heard;
    },
    /** Whose session a page view may take up without asking the server. */
    isSameVisitor({ endUser, visitorToken }: ValidateWidgetAnswer): boolean {
      if (userToken) return isAbout(userToken, endUser);
      // Another tab may have forgotten the visitor meanwhile.
      return endUser.anonymous && visitorToken === store.visitorToken();
    },
  };
}

/** The page's `getUserToken`, made safe: `null` if it rejects, gives none or does not come back in 15 s. */
function askForToken(
  getUserToken: () => Promise<string | null>,
  scope: Scope,
  onProblem: (problem: Problem) => void,
): Promise<string | null> {
  return new Promise((resolve) => {
    const request = scope.child();
    const settle = (token: string | null) => {
      resolve(token);
      request.end();
    };
    const fail = (reason: string) => {
      // Late is too late, and an ended visit has nobody to tell.
      if (request.ended) return;
      onProblem({ code: "invalid_user_token", message: `getUserToken ${reason}.` });
      settle(null);
    };
    request.after(TIMEOUT, () => fail("did not answer within 15 seconds"));
    request.onEnd(() => resolve(null));
    Promise.resolve().then(getUserToken).then(
      settle,
      (error) => fail(`failed: ${error instanceof Error ? error.message : error}`),
    );
  });
}

/**
 * Whether a JWT is that visitor's, by its `sub`, unverified: it only decides whether a stored session may belong to the same
 * visitor, and the server verifies every token it gets.
 */
export function isAbout(token: string, { anonymous, id }: EndUser): boolean {
  return !anonymous && claimsOf(token)["sub"] === id;
}

/** What a JWT says but for when: of two that say the same the second needs no other session. */
function saidBy(token: string): string {
  const { iat: _iat, nbf: _nbf, exp: _exp, jti: _jti, ...said } = claimsOf(token);
  return JSON.stringify(said);
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    return Object(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    // Not a JWT: the server will say so.
    return {};
  }
}

/** The visitor left while the call was on its way; whoever asked has ended too. */
export function over(): Failure {
  return unreachable();
}
