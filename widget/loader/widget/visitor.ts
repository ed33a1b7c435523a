import { type Core, createCore } from "../../core/core.ts";
import type { LoaderConfig } from "../config.ts";

export interface IdentifyOptions {
  /** Asked for a fresh token when the old one has expired; `null` means that the visitor is signed out. */
  getUserToken?: () => Promise<string | null>;
}

/** Who the visitor is, and the core that speaks for them. */
export interface Visitor {
  readonly core: Core;
  /** The visitor is signed in, or is about to be. */
  readonly isKnown: boolean;
  /** Makes sure that there is, or will be, a session. */
  start(): void;
  identify(userToken: string, options?: IdentifyOptions): void;
  logout(): void;
}

export function createVisitor({ agentId, apiOrigin, userToken }: LoaderConfig): Visitor {
  let token = userToken;
  let getUserToken: IdentifyOptions["getUserToken"];
  const core = createCore({
    agentId,
    apiOrigin,
    userToken,
    getUserToken: async () => (await getUserToken?.()) ?? null,
  });

  return {
    core,
    get isKnown() {
      const session = core.session.value;
      return session.status === "ready" ? !session.endUser.anonymous : Boolean(token || getUserToken);
    },
    start() {
      const { status } = core.session.value;
      if (status === "idle" || status === "failed") void core.start();
    },
    identify(next, options) {
      getUserToken = options?.getUserToken ?? getUserToken;
      if (next === token) {
        // Single-page sites tend to identify on every route. What failed may succeed with a way to renew the token.
        if (core.session.value.status === "failed") void core.start();
        return;
      }
      token = next;
      void core.identify(next);
    },
    logout() {
      token = undefined;
      getUserToken = undefined;
      core.logout();
    },
  };
}
