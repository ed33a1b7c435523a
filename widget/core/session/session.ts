import type { Signal } from "../../../client/platform/signal.ts";
import type { Display, EndUser, ValidateWidgetAnswer } from "../../../shared/api/validate_widget.ts";
import type { Tab } from "../../../shared/tabs.ts";
import type { Api } from "../api.ts";
import { isTemporary, unreachable } from "../../../client/http/problem.ts";
import type { Failure, Result } from "../../../client/http/problem.ts";
import { pollDelay } from "../../../client/platform/delays.ts";
import type { Environment } from "../../../client/platform/environment.ts";
import type { Scope } from "../../../client/platform/scope.ts";
import type { Problem } from "../../../client/http/problem.ts";
import type { CoreOptions } from "../core.ts";
import { subjectOf } from "./identity.ts";
import { storageKeys } from "./storage_keys.ts";
import type { SessionStore } from "./store.ts";
import { askForToken } from "./token_source.ts";

export type SessionState =
  | { status: "idle" | "loading" }
  | { status: "ready"; agentName: string; display: Display; endUser: EndUser; tabs: Tab[] }
  | { status: "failed"; problem: Problem };

const SESSION_OVER = new Set<string>(["expired_session", "invalid_session", "missing_session"]);
/** Refusals that repeating can't change: what is shown belongs to somebody who may no longer see it. */
const VISITOR_REFUSED = new Set<string>([
  "invalid_user_token",
  "anonymous_not_allowed",
  "origin_not_allowed",
  "agent_not_found",
  "invalid_request",
]);

export interface SessionHooks {
  /** The session stands, for the first time. */
  onReady(answer: ValidateWidgetAnswer): void;
  /** Channel names changed (docs/realtime.md, rule 10). */
  onChannelsChanged(): void;
  /** Validated, the first time or again. */
  onValidated(): void;
  /** Validating gave another visitor than before; that session is stored already. */
  onOtherVisitor(): void;
  /** The visitor who was let in may not go on. */
  onRefused(): void;
  onProblem(problem: Problem): void;
}

export interface Session {
  readonly answer: ValidateWidgetAnswer | null;
  /** `start` was called and did not succeed. */
  readonly failed: boolean;
  /** Resumes the stored session, or validates. Also repeats what failed. */
  start(): Promise<void>;
  /** True once `revalidateAfter` has passed. */
  isDue(): boolean;
  /** One validation, shared by all who ask meanwhile. Resolves to the problem, or `null`. */
  revalidate(): Promise<Problem | null>;
  /** Runs a tab call; if the session has ended, validates once and repeats it. */
  call<Value>(request: (session: string) => Promise<Result<Value>>): Promise<Result<Value>>;
  /** The same visitor with a newer token, for the next validation. False if it is somebody else's. */
  takeToken(userToken: string): boolean;
}

export interface SessionSetup {
  environment: Environment;
  scope: Scope;
  api: Api;
  store: SessionStore;
  options: Pick<CoreOptions, "agentId" | "getUserToken" | "userToken">;
  state: Signal<SessionState>;
  hooks: SessionHooks;
}

/** The session of one visitor. Everything in it ends with `scope`; answers that come later change nothing. */
export function createSession(
  { environment, scope, api, store, options, state, hooks }: SessionSetup,
): Session {
  const { agentId, getUserToken } = options;
  const { visitorKey } = storageKeys(agentId);
  // A page that fills its script tag from a template writes "" for a visitor who is not signed in.
  let userToken = options.userToken || undefined;
  let answer: ValidateWidgetAnswer | null = null;
  let validatedAt = 0;
  let validating: Promise<Problem | null> | null = null;
  let starting: Promise<void> | null = null;
  let failures = 0;
  let cancelRetry: (() => void) | null = null;

  const isDue = () => environment.now() - validatedAt >= (answer?.revalidateAfter ?? 0) * 1000;

  async function freshToken(): Promise<string | null> {
    return getUserToken ? await askForToken(getUserToken, scope, hooks.onProblem) : null;
  }

  function request() {
    const visitorToken = userToken ? undefined : store.visitorToken();
    return api.validate({ agentId, userToken, visitorToken });
  }

  /** A visitor's first page may be opened in two tabs at once: the second waits for the first one's `visitorToken`. */
  function validateAsOneVisitor(): Promise<Problem | null> {
    const isKnown = userToken || store.visitorToken();
    return isKnown ? validate() : environment.exclusively(visitorKey, validate);
  }

  async function validate(): Promise<Problem | null> {
    if (scope.ended) return null;
    let result = await request();
    if (!result.ok && result.problem.code === "invalid_user_token" && !scope.ended) {
      const fresh = await freshToken();
      if (fresh && fresh !== userToken && !scope.ended) {
        userToken = fresh;
        result = await request();
      }
    }
    if (scope.ended) return null;
    if (!result.ok) return refuse(result.problem);
    validatedAt = environment.now();
    store.save({ answer: result.value, validatedAt });
    accept(result.value);
    if (!scope.ended) hooks.onValidated();
    return null;
  }

  function refuse(problem: Problem): Problem {
    const final = VISITOR_REFUSED.has(problem.code);
    if (final) store.forgetSession();
    if (final || !answer) {
      if (answer) hooks.onRefused();
      const shown = state.value;
      if (shown.status !== "failed" || shown.problem.code !== problem.code) {
        hooks.onProblem(problem);
        if (final) environment.warn(`${problem.code}: ${problem.message}`);
      }
      state.value = { status: "failed", problem };
      if (isTemporary(problem)) retryLater();
    }
    return problem;
  }

  /** Or a page that was loaded during an outage would stay without messages. A hidden one starts when it is looked at. */
  function retryLater() {
    cancelRetry = scope.after(pollDelay(failures++, environment.random), () => {
      if (environment.page.isVisible()) beginOnce();
    });
  }

  function accept(next: ValidateWidgetAnswer) {
    const former = answer;
    if (former && former.endUser.id !== next.endUser.id) return hooks.onOtherVisitor();
    answer = next;
    const { display, endUser, tabs } = next;
    const shown: SessionState = { status: "ready", agentName: next.agent.name, display, endUser, tabs };
    if (JSON.stringify(shown) !== JSON.stringify(state.value)) state.value = shown;
    if (!former) hooks.onReady(next);
    else if (former.channelsVersion !== next.channelsVersion) hooks.onChannelsChanged();
  }

  /** Whose session a page view may take up without asking the server. */
  function isSameVisitor({ endUser, visitorToken }: ValidateWidgetAnswer): boolean {
    if (userToken) return !endUser.anonymous && subjectOf(userToken) === endUser.id;
    // Another tab may have forgotten the visitor meanwhile.
    return endUser.anonymous && visitorToken === store.visitorToken();
  }

  function resume(): boolean {
    const stored = store.read();
    if (!stored) return false;
    if (!isSameVisitor(stored.answer)) {
      store.forgetSession();
      return false;
    }
    const age = environment.now() - stored.validatedAt;
    if (age < 0 || age >= stored.answer.revalidateAfter * 1000) return false;
    validatedAt = stored.validatedAt;
    accept(stored.answer);
    return true;
  }

  function beginOnce(): Promise<void> {
    cancelRetry?.();
    starting ??= begin().finally(() => (starting = null));
    return starting;
  }

  async function begin() {
    userToken ??= await freshToken() || undefined;
    if (!scope.ended && !resume()) await revalidate();
  }

  function revalidate(): Promise<Problem | null> {
    validating ??= validateAsOneVisitor().finally(() => (validating = null));
    return validating;
  }

  return {
    get answer() {
      return answer;
    },
    get failed() {
      return state.value.status === "failed";
    },
    isDue,
    revalidate,
    async start() {
      if (answer || scope.ended) return;
      if (!starting) state.value = { status: "loading" };
      await beginOnce();
    },
    async call(send) {
      const session = answer?.session;
      if (!session) return over();
      const result = await send(session);
      if (result.ok || !SESSION_OVER.has(result.problem.code) || scope.ended) return result;
      // Another call may have renewed it meanwhile.
      const problem = answer?.session === session ? await revalidate() : null;
      if (problem) return { ok: false, problem };
      return answer && !scope.ended ? await send(answer.session) : over();
    },
    takeToken(token) {
      if (!answer || answer.endUser.anonymous || subjectOf(token) !== answer.endUser.id) return false;
      userToken = token;
      return true;
    },
  };
}

/** The visitor left while the call was on its way; whoever asked has ended too. */
function over(): Failure {
  return unreachable();
}
