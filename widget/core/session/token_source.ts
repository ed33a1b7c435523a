import type { Scope } from "../scope.ts";
import type { Problem } from "../types.ts";

const PATIENCE = 15_000;

/** The page's `getUserToken`, made safe: `null` if it rejects, gives none or does not come back in 15 s. */
export function askForToken(
  getUserToken: () => Promise<string | null>,
  scope: Scope,
  onProblem: (problem: Problem) => void,
): Promise<string | null> {
  return new Promise((resolve) => {
    const cancel = scope.after(PATIENCE, () => fail("did not answer within 15 seconds"));
    const fail = (reason: string) => {
      cancel();
      onProblem({ code: "invalid_user_token", message: `getUserToken ${reason}.` });
      resolve(null);
    };
    scope.onEnd(() => resolve(null));
    Promise.resolve().then(getUserToken).then((token) => {
      cancel();
      resolve(token);
    }, (error) => fail(`failed: ${error instanceof Error ? error.message : error}`));
  });
}
