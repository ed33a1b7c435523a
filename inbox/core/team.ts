import type { Shape } from "../../client/http/transport.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { createDesk, type Desk } from "./desk.ts";
import type { InboxState } from "./inbox.ts";
import { createFormDrafts } from "./form_drafts.ts";
import { forgetWritings, writingsOf } from "./outboxes.ts";
import type { InboxEnvironment, Project } from "./project.ts";
import { createRecords, type Records } from "./records.ts";
import { createRooms, type Rooms } from "./rooms.ts";
import { createSettings, type Settings } from "./settings.ts";

/** A dismissal that no broadcast tells of is found out within that time, in milliseconds. */
const MEMBERSHIP_CHECK = 60_000;

export const ROLES = ["owner", "operator"] as const;
export type Role = (typeof ROLES)[number];

export interface Member {
  id: string;
  name: string;
  email: string | null;
  role: string;
  /** Of all agents of the organisation. Absent in answers of before they told it. */
  everyAgent?: boolean;
  /** `online`, `away` or `offline`, as of when it was asked. */
  state: string;
  /** Whether the operator may give them another role, and remove them. */
  changeable?: boolean;
  /** Whether the operator may take them out of the agents that both answer for. Absent in answers of before they told it. */
  removable?: boolean;
  /** They have not come in yet. */
  invited?: boolean;
}

export interface Label {
  id: number;
  name: string;
  /** As `#rrggbb`. */
  color: string;
}

/** An agent that the operator answers for. */
export interface Agent {
  id: string;
  /** Of its organisation. */
  orgId: string;
  name: string;
  /** Name of the team's channel, until a member is removed. */
  inboxChannel: string;
  /** What the operator may do: `answer`, `replies`, `labels`, `members`, `settings`, `erase`. */
  rights: string[];
  members: Member[];
  labels: Label[];
  /** Absent in answers of before they told them. */
  bots?: { id: string; name: string }[];
}

/** Whom the operator answers with, and what they share. */
export interface Team {
  /** As it was told last. */
  readonly agent: ReadonlySignal<Agent>;
  readonly records: Records;
  readonly rooms: Rooms;
  readonly settings: Settings;
  /** Asks for all of it again. */
  reload(): Promise<void>;
}

export interface Person {
  id: string;
  email: string;
}

export interface TeamSetup {
  environment: InboxEnvironment;
  project: Project;
  /** Until the operator signs out. */
  scope: Scope;
  person: Person;
  /** Id of the agent whose conversations were chosen last. */
  chosen: string | null;
  show(state: InboxState): void;
  onDismissed(): void;
  /** The server takes their session no more. */
  onExpired(): void;
}

interface Channels {
  agents: (Omit<Agent, "members"> & { members: Omit<Member, "email">[] })[];
}

const CHANNELS: Shape<Channels> = {
  agents: [{
    id: "",
    name: "",
    inboxChannel: "",
    rights: [""],
    members: [{ id: "", name: "", role: "", state: "" }],
    labels: [{ id: 0, name: "", color: "" }],
  }],
};

/** Who can be given a conversation: all who have come in but these. */
export function othersOf(members: readonly Member[], ...ids: (string | undefined)[]): Member[] {
  return members.filter(({ id, invited }) => !invited && !ids.includes(id));
}

/** The agents that somebody answers for: asked at the start, and whenever that may have changed. */
export function createTeam(
  { environment, project, scope, person, chosen, show, onDismissed, onExpired }: TeamSetup,
) {
  let open: { desk: Desk; tell(agent: Agent, agents: readonly Agent[]): void } | null = null;
  let asking: Promise<void> | null = null;
  let cancelCheck = () => {};

  async function ask(): Promise<void> {
    const result = await project.call<Channels>("inbox_channels", {}, CHANNELS);
    asking = null;
    if (scope.ended) return;
    cancelCheck();
    cancelCheck = scope.after(MEMBERSHIP_CHECK, () => void load());
    if (!result.ok) {
      if (result.problem.code === "expired_session") onExpired();
      if (!open) show({ status: "failed", problem: result.problem });
      return;
    }
    const agents = result.value.agents as Agent[];
    const agent = agents.find(({ id }) => id === (open?.desk.agent.id ?? chosen)) ?? agents[0];
    if (!agent) return onDismissed();
    if (open && open.desk.agent.id !== agent.id) open.desk.end();
    // Of a team that they were removed from nothing stays here either.
    forgetWritings(environment, person.id, agents.map(({ id }) => id));
    if (open?.desk.agent.id === agent.id) return open.tell(agent, agents);
    openDesk(agent, agents);
  }

  function openDesk(agent: Agent, agents: Agent[]) {
    const about = signal(agent);
    const desk = createDesk({
      environment,
      parent: scope,
      project,
      agent,
      agents,
      userId: person.id,
      onDoubt: () => void load(),
    });
    open = {
      desk,
      tell(agent, agents) {
        about.value = agent;
        desk.update(agents);
      },
    };
    // That somebody comes in for the first time is told by nothing else.
    desk.presence.here.subscribe((here) => {
      if (about.value.members.some(({ id, invited }) => invited && here.has(id))) void reload();
    });
    const parts = { project, agentId: agent.id };
    const writings = writingsOf({ environment, scope, userId: person.id });
    const drafts = createFormDrafts(writings, { agentId: agent.id, now: environment.now });
    const team: Team = {
      agent: about,
      records: createRecords({
        ...parts,
        onRow: (row) =>
          desk.lists.receive({ changes: [{ id: row.id, rev: row.rev, change: () => row }], isHint: false }),
      }),
      rooms: createRooms(parts),
      settings: createSettings({ ...parts, drafts, onChanged: reload }),
      reload,
    };
    show({ status: "open", desk, team, agents, email: person.email });
  }

  function load(): Promise<void> {
    asking ??= ask();
    return asking;
  }

  /** What an answer that is on its way says may be older than what was just changed. */
  async function reload(): Promise<void> {
    await asking;
    await load();
  }

  return { load };
}
