import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { TopicHandler } from "../../client/realtime/live.ts";
import { createLists } from "./lists.ts";
import { createNotifications, type Notifications } from "./notifications.ts";
import type { InboxEnvironment, Project } from "./project.ts";
import { readTeamNews } from "./rows.ts";
import type { Agent } from "./team.ts";

/** Of more sites nothing is heard: they are asked whenever the page is looked at again. */
const MOST_HEARD = 10;
/** What the operator looks at comes first, by so many milliseconds. */
const START_DELAY = 1000;

/** What there is on one of the operator's other sites. */
export interface OtherSite {
  agent: Agent;
  notifications: Notifications;
  /** So many visitors wait there for an answer, as far as the server counts. */
  waiting: number;
  /** So many open conversations are the operator's or nobody's. */
  toDo: number;
}

/** The sites that the operator answers for and does not look at: what comes there is not missed. */
export interface OtherSites {
  /** Changes with whatever is known of any of them. */
  readonly state: ReadonlySignal<readonly OtherSite[]>;
  /** By the names of the teams' channels. */
  topics(): [string, TopicHandler][];
  /** The agents as they are told now: channels may have other names, and who left a team has left its site. */
  update(agents: readonly Agent[]): void;
  refetch(): void;
}

export interface OtherSitesSetup {
  environment: InboxEnvironment;
  /** The desk's. */
  scope: Scope;
  project: Project;
  agents: readonly Agent[];
  userId: string;
  /** Whether the operator still belongs to the teams is to be asked. */
  onDoubt(): void;
}

export function createOtherSites(setup: OtherSitesSetup): OtherSites {
  const { scope, agents } = setup;
  const sites = agents.map((agent) => createSite(setup, agent));
  const left = () => sites.filter(({ scope }) => !scope.ended);
  const state = signal<readonly OtherSite[]>([]);
  const tell = () => void (state.value = left().map(({ told }) => told()));
  for (const { follow } of sites) follow(tell);
  let isBegun = false;

  function refetch() {
    isBegun = true;
    for (const { load } of left()) load();
  }
  scope.after(START_DELAY, refetch);

  return {
    state,
    refetch,
    topics: () =>
      left().slice(0, MOST_HEARD).map(({ channel, load, hear }) => [
        channel(),
        { onJoined: () => isBegun && load(), onEvent: hear },
      ]),
    update(agents) {
      for (const site of sites) site.update(agents);
      tell();
    },
  };
}

function createSite(setup: OtherSitesSetup, agent: Agent) {
  const { project, userId, onDoubt } = setup;
  const scope = setup.scope.child();
  const parts = { ...setup, scope, agentId: agent.id };
  const notifications = createNotifications({ scope, project, agentId: agent.id, userId });
  // No list of it is shown: they follow the counts.
  const lists = createLists({
    ...parts,
    expected: (row) => row,
    onRows: () => undefined,
    onGone: () => undefined,
    onFetched: () => undefined,
    onProblem: () => undefined,
  });
  let { inboxChannel } = agent;

  return {
    scope,
    channel: () => inboxChannel,
    follow(onChange: () => void) {
      scope.onEnd(lists.counts.state.subscribe(onChange));
      scope.onEnd(notifications.state.subscribe(onChange));
    },
    told(): OtherSite {
      const { waiting = 0, mine = 0, unassigned = 0 } = lists.counts.state.value ?? {};
      return { agent, notifications, waiting, toDo: mine + unassigned };
    },
    load() {
      lists.counts.changed();
      notifications.load();
    },
    hear(envelope: Parameters<TopicHandler["onEvent"]>[0]) {
      const news = readTeamNews(envelope);
      lists.receive(news);
      notifications.receive(envelope);
      if (news.hasMoved) onDoubt();
    },
    update(agents: readonly Agent[]) {
      const now = agents.find(({ id }) => id === agent.id);
      if (now) inboxChannel = now.inboxChannel;
      else scope.end();
    },
  };
}
