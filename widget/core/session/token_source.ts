import type { Scope } from "../../../client/platform/scope.ts";
import type { Problem } from "../../../client/http/problem.ts";

const TIMEOUT = 15_000;

/** The page's `getUserToken`, made safe: `null` if it rejects, gives none or does not come back in 15 s. */
export function askForToken(
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
