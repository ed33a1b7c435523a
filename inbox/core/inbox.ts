import type { Problem } from "../../client/http/problem.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import { createScope, type Scope } from "../../client/platform/scope.ts";
import { type Arrival, considered, type Offer } from "./arrival.ts";
import type { Desk } from "./desk.ts";
import { forgetWritings, type Unsent, unsentIn } from "./outboxes.ts";
import type { InboxEnvironment, Project } from "./project.ts";
import { isRefused } from "./auth_answers.ts";
import { createSignIn, type SignIn, type SignInProblem } from "./sign_in.ts";
import { type Agent, createTeam, type Person, type Team } from "./team.ts";

const AGENT_KEY = "heddle.inbox.agent";

export type InboxState =
  | { status: "loading" }
  | { status: "signed_out"; problem?: SignInProblem }
  /** A link of a mail would sign somebody in, and they have not said yet whether it is to. */
  | { status: "offered"; offer: Offer }
  | { status: "failed"; problem: Problem }
  | { status: "open"; desk: Desk; team: Team; agents: readonly Agent[]; email: string };

/** The operators' app: who is signed in, and what they work with. */
export interface Inbox extends SignIn {
  readonly state: ReadonlySignal<InboxState>;
  /** A link of a mail led to the page. */
  arrive(arrival: Arrival): Promise<void>;
  /** Takes what is offered, or with false does without. */
  answer(accepted: boolean): Promise<void>;
  /** What signing out would discard. */
  unsent(): Unsent;
  /** Also forgets what they have written and not sent. */
  signOut(): Promise<void>;
  /** Shows another agent's conversations. */
  choose(agentId: string): void;
  /** After `failed`. */
  retry(): void;
  shutdown(): void;
}

/** `arrival` is what a link led to the page with. */
export function createInbox(
  environment: InboxEnvironment,
  project: Project,
  arrival: Arrival | null = null,
): Inbox {
  const scope = createScope(environment);
  const state = signal<InboxState>({ status: "loading" });
  const choice = rememberedChoice(environment);
  const { actions, guest } = createSignIn(project);
  const visits = createVisits(scope, (person, scope) => {
    guest.entered(person.id);
    const show = (next: InboxState) => void (state.value = next);
    const onDismissed = () => void depart("no_team");
    const onExpired = () => void endExpired(project, scope, leave);
    const chosen = choice.agentId;
    void createTeam({ environment, project, scope, person, chosen, show, onDismissed, onExpired }).load();
  });

  /** Returns who was there. */
  function leave(problem?: SignInProblem): Person | undefined {
    const person = visits.end();
    guest.expect(null);
    state.value = { status: "signed_out", problem };
    return person;
  }

  /** As `leave`, and nothing of theirs stays in the browser. */
  async function depart(problem?: SignInProblem) {
    const person = leave(problem);
    if (person) forgetWritings(environment, person.id);
    await project.auth.signOut({ scope: "local" });
  }

  async function arrive(arrival: Arrival) {
    const found = await considered(project, arrival);
    if (visits.person() || scope.ended) return;
    if (found && "offer" in found) state.value = { status: "offered", ...found };
    else if (found || state.value.status === "loading") leave(found?.problem);
  }

  const { data } = project.auth.onAuthStateChange((_, session) => {
    // What listens here may not ask for the session before it has returned.
    scope.after(0, () => {
      if (session) visits.enter({ id: session.user.id, email: session.user.email ?? "" });
      else if (visits.person()) leave("ended");
      else if (state.value.status === "loading") arrival ? void arrive(arrival) : leave();
    });
  });
  scope.onEnd(() => data.subscription.unsubscribe());

  return {
    state,
    ...actions,
    arrive,
    async answer(accepted) {
      const { value } = state;
      if (value.status !== "offered") return;
      if (accepted && value.offer.wantsPassword) guest.expect(value.offer.userId);
      const problem = accepted && await value.offer.accept();
      if (problem !== null) leave(problem || undefined);
    },
    unsent: () => unsentIn(environment, visits.person()?.id),
    async signOut() {
      if (state.value.status === "open") state.value.desk.presence.leave();
      await depart();
    },
    choose(agentId) {
      choice.agentId = agentId;
      reenter();
    },
    retry: reenter,
    shutdown: scope.end,
  };

  function reenter() {
    state.value = { status: "loading" };
    visits.again();
  }
}

/** Leads to the form if no other session is to be had. What was written stays for when they are back. */
async function endExpired(
  { auth }: Project,
  visit: Scope,
  leave: (problem: SignInProblem) => void,
): Promise<void> {
  const { error } = await auth.refreshSession();
  if (visit.ended || !error || !isRefused(error)) return;
  leave("ended");
  await auth.signOut({ scope: "local" });
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

/** Who works in the inbox. `open` lets them in, in a scope of their own. */
function createVisits(parent: Scope, open: (person: Person, scope: Scope) => void) {
  let visit: { scope: Scope; person: Person } | null = null;

  /** Returns who was there. */
  function end(): Person | undefined {
    const person = visit?.person;
    visit?.scope.end();
    visit = null;
    return person;
  }

  function enter(person: Person) {
    if (visit?.person.id === person.id) return;
    end();
    visit = { scope: parent.child(), person };
    open(person, visit.scope);
  }

  return {
    person: () => visit?.person,
    end,
    enter,
    /** Lets them in anew. */
    again() {
      const person = end();
      if (person) enter(person);
    },
  };
}
