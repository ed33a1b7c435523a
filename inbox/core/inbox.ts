import type { AuthError } from "@supabase/supabase-js";
import type { Problem } from "../../client/http/problem.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import { createScope, type Scope } from "../../client/platform/scope.ts";
import type { Desk } from "./desk.ts";
import type { InboxEnvironment, Project } from "./project.ts";
import { type Agent, createTeam, type Person, type Team } from "./team.ts";

const AGENT_KEY = "heddle.inbox.agent";
const TOO_MANY = 429;
/** Auth's code for an address that has no account, if none is to be made. */
const NO_ACCOUNT = "otp_disabled";

/**
 * Why nobody is signed in: `no_team` is an account that belongs to no team, or does no more; `used_link` a link from a mail that
 * was used before or is too old.
 */
export type SignInProblem =
  | "wrong"
  | "unconfirmed"
  | "too_often"
  | "network"
  | "no_team"
  | "used_link"
  | "other";

export type InboxState =
  | { status: "loading" }
  | { status: "signed_out"; problem?: SignInProblem }
  | { status: "failed"; problem: Problem }
  | { status: "open"; desk: Desk; team: Team; agents: readonly Agent[]; email: string };

/** The operators' app: who is signed in, and what they work with. */
export interface Inbox {
  readonly state: ReadonlySignal<InboxState>;
  /** Resolves to what is wrong, or to `null` once they are signed in. */
  signIn(email: string, password: string): Promise<SignInProblem | null>;
  /**
   * Has Auth mail a link that signs in and leads to `page`. Resolves to `null` as well for an address without an account:
   * who has one is nobody's business.
   */
  mailLink(email: string, page: string): Promise<SignInProblem | null>;
  signOut(): Promise<void>;
  /** Shows another agent's conversations. */
  choose(agentId: string): void;
  /** After `failed`. */
  retry(): void;
  shutdown(): void;
}

/** `arrival` is what was wrong with the link that led to the page. */
export function createInbox(
  environment: InboxEnvironment,
  project: Project,
  arrival?: SignInProblem,
): Inbox {
  const scope = createScope(environment);
  const state = signal<InboxState>({ status: "loading" });
  const choice = rememberedChoice(environment);
  let visit: { scope: Scope; person: Person } | null = null;

  function leave(problem?: SignInProblem) {
    visit?.scope.end();
    visit = null;
    state.value = { status: "signed_out", problem };
  }

  function enter(person: Person) {
    if (visit?.person.id === person.id) return;
    visit?.scope.end();
    visit = { scope: scope.child(), person };
    void createTeam({
      environment,
      project,
      scope: visit.scope,
      person,
      chosen: choice.agentId,
      show: (next) => state.value = next,
      onDismissed: () => void dismiss(),
    }).load();
  }

  async function dismiss() {
    leave("no_team");
    await project.auth.signOut({ scope: "local" });
  }

  const { data } = project.auth.onAuthStateChange((_, session) => {
    // What listens here may not ask for the session before it has returned.
    scope.after(0, () => {
      if (session) enter({ id: session.user.id, email: session.user.email ?? "" });
      else if (state.value.status !== "signed_out") {
        leave(state.value.status === "loading" ? arrival : undefined);
      }
    });
  });
  scope.onEnd(() => data.subscription.unsubscribe());

  return {
    state,
    async signIn(email, password) {
      const { error } = await project.auth.signInWithPassword({ email: email.trim(), password });
      return error && signInProblem(error);
    },
    async mailLink(email, page) {
      const options = { shouldCreateUser: false, emailRedirectTo: page };
      const { error } = await project.auth.signInWithOtp({ email: email.trim(), options });
      return !error || error.code === NO_ACCOUNT ? null : signInProblem(error);
    },
    async signOut() {
      if (state.value.status === "open") state.value.desk.presence.leave();
      leave();
      await project.auth.signOut({ scope: "local" });
    },
    choose(agentId) {
      choice.agentId = agentId;
      reenter();
    },
    retry: reenter,
    shutdown: scope.end,
  };

  function reenter() {
    const person = visit?.person;
    visit?.scope.end();
    visit = null;
    state.value = { status: "loading" };
    if (person) enter(person);
  }
}

/** The agent that was chosen last, on this page or an earlier one. An address that names one is followed also if storage refuses. */
function rememberedChoice({ storage }: InboxEnvironment) {
  let chosen = storage.read("local", AGENT_KEY);
  return {
    get agentId() {
      return chosen;
    },
    set agentId(agentId: string | null) {
      chosen = agentId;
      storage.write("local", AGENT_KEY, agentId);
    },
  };
}

function signInProblem({ code, status }: AuthError): SignInProblem {
  if (code === "invalid_credentials" || code === "validation_failed") return "wrong";
  if (code === "email_not_confirmed") return "unconfirmed";
  if (status === TOO_MANY) return "too_often";
  // An answer that never came has no status, one of something between none of Auth's codes.
  return status === undefined || status === 0 ? "network" : "other";
}
