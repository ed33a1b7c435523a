import type { Signal } from "../../../client/platform/emitter.ts";
import type { Display, EndUser, ValidateWidgetAnswer } from "../../../shared/api/validate_widget.ts";
import type { Tab } from "../../../shared/tabs.ts";
import type { Api } from "../api.ts";
import { isTemporary, type Problem, type Result } from "../../../client/http/problem.ts";
import { pollDelay } from "../../../client/platform/delays.ts";
import type { Environment } from "../../../client/platform/environment.ts";
import type { Scope } from "../../../client/platform/scope.ts";
import type { CoreOptions } from "../core.ts";
import { createValidation, isAbout, over } from "./validation.ts";
import type { SessionStore, StoredSession } from "./store.ts";

export type SessionState =
  | { status: "idle" | "loading" }
  | { status: "ready"; agentName: string; display: Display; endUser: EndUser; tabs: Tab[] }
  | { status: "failed"; problem: Problem };

const SESSION_OVER = /^(expired|invalid|missing)_session$/;
/** Refusals that repeating can't change: what is shown belongs to somebody who may no longer see it. */
const VISITOR_REFUSED =
  /^(invalid_user_token|anonymous_not_allowed|origin_not_allowed|agent_not_found|invalid_request)$/;

export interface SessionHooks {
  /** The session stands, for the first time. */
  onReady(answer: ValidateWidgetAnswer): void;
  /** What is shown has to be asked for again: channel names changed (docs/realtime.md, rule 10), or the token says something new. */
  onOutdated(): void;
  /** Validated, the first time or again. */
  onValidated(): void;
  /** Validating gave another visitor than before; that session is stored already. */
  onOtherVisitor(): void;
  /**
   * The visitor who was let in may not go on; `mayReturn` if the page may yet hand over a token that is
   * accepted.
   */
  onRefused(mayReturn: boolean): void;
  onProblem(problem: Problem): void;
}

export interface Session {
  readonly answer: ValidateWidgetAnswer | null;
  /** `start` was called and did not succeed. */
  readonly failed: boolean;
  /** Resumes the stored session, or validates. Also repeats what failed. */
  start(): Promise<void>;
  /** The same after a while, if somebody looks at the page then. */
  startLater(): void;
  /** True once `revalidateAfter` has passed. */
  isDue(): boolean;
  /** One validation, shared by all who ask meanwhile. Resolves to the problem, or `null`. */
  revalidate(): Promise<Problem | null>;
  /** Runs a tab call; if the session has ended, validates once and repeats it. */
  call<Value>(request: (session: string) => Promise<Result<Value>>): Promise<Result<Value>>;
  /** The same visitor with a newer token: validated at once if it says something new. False if it is somebody else's. */
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
export function createSession(setup: SessionSetup): Session {
  const { environment, scope, store, state, hooks } = setup;
  const validation = createValidation(setup);
  let answer: ValidateWidgetAnswer | null = null;
  let validatedAt = 0;
  let validating: Promise<Problem | null> | null = null;
  const starter = createStarter(environment, scope, begin);

  const isDue = () => environment.now() - validatedAt >= (answer?.revalidateAfter ?? 0) * 1000;

  async function validate(): Promise<Problem | null> {
    const result = await validation.run();
    if (scope.ended) return null;
    if (!result.ok) return refuse(result.problem);
    resume(result.value);
    if (!scope.ended) hooks.onValidated();
    return null;
  }

  function refuse(problem: Problem): Problem {
    const final = VISITOR_REFUSED.test(problem.code);
    if (final) store.forgetSession();
    else if (answer) return problem;
    if (answer) hooks.onRefused(validation.mayRenew());
    showFailure(setup, problem, final);
    if (isTemporary(problem) || validation.mayRenew()) starter.later();
    return problem;
  }

  function resume({ answer: next, validatedAt: at }: StoredSession) {
    validatedAt = at;
    const former = answer;
    if (former && former.endUser.id !== next.endUser.id) return hooks.onOtherVisitor();
    answer = next;
    const shown = shownOf(next);
    if (JSON.stringify(shown) !== JSON.stringify(state.value)) state.value = shown;
    if (!former) hooks.onReady(next);
    else if (former.channelsVersion !== next.channelsVersion) hooks.onOutdated();
  }

  async function begin() {
    await validation.prepare();
    if (scope.ended) return;
    const stored = resumable(setup, validation);
    if (!stored) return void await revalidate();
    resume(stored);
  }

  const revalidate = () => validating ??= validate().finally(() => (validating = null));

  /** The newest token, also if another is on its way. The store is told by the next call of a tab. */
  async function hear() {
    await validating;
    if (await revalidate()) validatedAt = 0;
    else hooks.onOutdated();
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
      if (!starter.isStarting()) state.value = { status: "loading" };
      await starter.now();
    },
    startLater: starter.later,
    call: (send) => callWithSession({ scope, revalidate, session: () => answer?.session }, send),
    takeToken(token) {
      if (!answer || !isAbout(token, answer.endUser)) return false;
      if (validation.takeToken(token)) void hear();
      return true;
    },
  };
}

function shownOf({ agent, display, endUser, tabs }: ValidateWidgetAnswer): SessionState {
  return { status: "ready", agentName: agent.name, display, endUser, tabs };
}

/** Tells of the problem, unless it was told before: a start is tried again and again. */
function showFailure({ state, hooks, environment }: SessionSetup, problem: Problem, final: boolean): void {
  const shown = state.value;
  if (shown.status !== "failed" || shown.problem.code !== problem.code) {
    hooks.onProblem(problem);
    if (final) environment.warn(`${problem.code}: ${problem.message}`);
  }
  state.value = { status: "failed", problem };
}

/** What an earlier page view stored, if it is the same visitor's, nothing new is said of them, and it is fresh. */
function resumable(
  { environment, store }: SessionSetup,
  validation: ReturnType<typeof createValidation>,
): StoredSession | null {
  const stored = store.read();
  if (!stored) return null;
  if (!validation.isSameVisitor(stored.answer)) {
    store.forgetSession();
    return null;
  }
  const age = environment.now() - stored.validatedAt;
  return validation.saysTheSame(stored) && age >= 0 && age < stored.answer.revalidateAfter * 1000
    ? stored
    : null;
}

/** One start at a time, now or after a delay that grows. */
function createStarter(environment: Environment, scope: Scope, begin: () => Promise<void>) {
  let starting: Promise<void> | null = null;
  let attempts = 0;
  let cancel = () => {};

  function now(): Promise<void> {
    cancel();
    starting ??= begin().finally(() => (starting = null));
    return starting;
  }

  return {
    now,
    isStarting: () => starting !== null,
    /**
     * Or a page that was loaded during an outage would stay without messages. A hidden one starts when it is
     * looked at.
     */
    later() {
      cancel = scope.after(pollDelay(attempts++, environment.random), () => {
        if (environment.page.isVisible()) void now();
      });
    },
  };
}

interface Renewable {
  scope: Scope;
  session(): string | undefined;
  revalidate(): Promise<Problem | null>;
}

async function callWithSession<Value>(
  { scope, session, revalidate }: Renewable,
  send: (session: string) => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const first = session();
  if (first === undefined) return over();
  const result = await send(first);
  if (result.ok || !SESSION_OVER.test(result.problem.code) || scope.ended) return result;
  // Another call may have renewed it meanwhile.
  const problem = session() === first ? await revalidate() : null;
  if (problem) return { ok: false, problem };
  const next = session();
  return next !== undefined && !scope.ended ? await send(next) : over();
}
