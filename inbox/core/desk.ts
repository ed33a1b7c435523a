import type { Problem } from "../../client/http/problem.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { PageEvent } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { createLive, type Live, type LiveState, type TopicHandler } from "../../client/realtime/live.ts";
import { type Acting, createActing } from "./acting.ts";
import { createLists, type Lists } from "./lists.ts";
import { createNotifications, type Notifications } from "./notifications.ts";
import { createOpened } from "./opened.ts";
import { createOutboxes } from "./outboxes.ts";
import { createOtherSites, type OtherSites } from "./other_sites.ts";
import { createPresence, type Presence } from "./presence.ts";
import type { InboxEnvironment, Project } from "./project.ts";
import { readTeamNews, type Row } from "./rows.ts";
import type { Agent } from "./team.ts";
import { createThread, type Thread } from "./thread.ts";

/** What an operator works with, for one agent. */
export interface Desk extends Acting {
  readonly agent: Agent;
  readonly userId: string;
  /** What the operator is called. */
  readonly name: string;
  readonly lists: Lists;
  readonly presence: Presence;
  readonly notifications: Notifications;
  readonly others: OtherSites;
  readonly live: ReadonlySignal<LiveState>;
  /** The rows that the last broadcast told. */
  readonly told: ReadonlySignal<readonly Row[]>;
  /** Ids of the conversations with something of the operator's that has not gone out. */
  readonly notSent: ReadonlySignal<ReadonlySet<string>>;
  /** At most one conversation is open; opening one closes the former. */
  open(conversationId: string): Thread;
  close(): void;
  /** The agents as they are told now: the teams' channels may have other names. */
  update(agents: readonly Agent[]): void;
  /** The operator did something on the page. */
  used(): void;
  end(): void;
}

export interface DeskSetup {
  environment: InboxEnvironment;
  parent: Scope;
  project: Project;
  agent: Agent;
  /** All that the operator answers for. */
  agents: readonly Agent[];
  userId: string;
  /** Whether the operator still belongs to the team is to be asked. */
  onDoubt(): void;
}

export function createDesk(setup: DeskSetup): Desk {
  const { environment, project, agent, userId, onDoubt } = setup;
  const scope = setup.parent.child();
  const state = signal<LiveState>("off");
  const told = signal<readonly Row[]>([]);
  let channel = agent.inboxChannel;
  const work = createWork(setup, { scope, onFetched: (startedAt) => live.fetched(startedAt) });
  const { name, lists, acting, presence, notifications, others, opened, refetch, tellOpened } = work;

  const listener: TopicHandler = {
    onJoined(again) {
      lists.joined(again);
      presence.load();
      notifications.load();
      opened.thread?.conversation.listener.onJoined(again);
    },
    onEvent(envelope) {
      const news = readTeamNews(envelope);
      if (news.rows.some((row) => isAnsweredBy(userId, lists, row))) lists.counts.acted();
      acting.undo.heard(news.rows);
      lists.receive(news);
      presence.receive(envelope);
      notifications.receive(envelope);
      if (news.isHint) opened.forget();
      opened.hear(envelope);
      if (news.rows.length > 0) told.value = news.rows;
      for (const row of news.rows) opened.thread?.rowCame(row);
      // A hint may be about the team's labels and members.
      if (news.hasMoved || news.isHint) onDoubt();
    },
  };

  const topics = () => new Map([[channel, listener], ...others.topics()]);
  const live: Live = createLive({
    environment,
    scope,
    url: `${project.config.url}/realtime/v1`,
    key: () => project.config.publishableKey,
    prepare: () => null,
    isUseful: () => true,
    topics,
    state,
    poll: refetch,
    onRefused: onDoubt,
    onComplete: () => undefined,
  });
  scope.onEnd(state.subscribe((now) => {
    if (now !== "live") opened.thread?.conversation.disconnected();
  }));
  followPage(setup, scope, { ...work, live });
  lists.counts.changed();

  return {
    agent,
    userId,
    name,
    lists,
    ...acting,
    presence,
    notifications,
    others,
    live: state,
    told,
    notSent: work.outboxes.notSent,
    open: opened.open,
    close: opened.close,
    update(agents) {
      const former = [...topics().keys()].join();
      channel = agents.find(({ id }) => id === agent.id)?.inboxChannel ?? channel;
      others.update(agents);
      if ([...topics().keys()].join() !== former) live.listen();
    },
    used() {
      lists.used();
      opened.thread?.conversation.used();
      tellOpened(opened.thread?.row.value);
    },
    end: scope.end,
  };
}

/** Whether the operator's own message is the newest since this row. */
function isAnsweredBy(userId: string, lists: Lists, { id, lastMessage }: Row): boolean {
  return lastMessage?.authorId === userId && lists.find(id)?.lastMessage?.authorId !== userId;
}

interface WorkSetup {
  scope: Scope;
  onFetched(startedAt: number): void;
}

/** Lists, the open conversation, and what the operator does with them. */
function createWork(setup: DeskSetup, { scope, onFetched }: WorkSetup) {
  const { environment, project, agent, userId } = setup;
  const name = agent.members.find(({ id }) => id === userId)?.name ?? "";
  const acting = createActing({
    scope,
    project,
    isVisible: environment.page.isVisible,
    me: { id: userId, name },
    onChange() {
      lists.redraw();
      opened.thread?.redraw();
    },
    seen: (id) => (opened.thread?.id === id ? opened.thread.row.value : null) ?? lists.find(id),
    onRow(row) {
      lists.receive({ changes: [{ id: row.id, rev: row.rev, change: () => row }], isHint: false });
      lists.counts.acted();
      opened.thread?.rowCame(row);
    },
    onConflict: refetch,
  });
  const { expected } = acting.actions;
  const parts = { environment, scope, project, agentId: agent.id, userId, expected, onProblem, onFetched };
  const lists = createLists({ ...parts, onRows: acting.undo.heard, onGone: (ids) => outboxes.forget(ids) });
  const presence = createPresence({ ...parts, agent });
  const notifications = createNotifications(parts);
  const agents = setup.agents.filter(({ id }) => id !== agent.id);
  const others = createOtherSites({ ...setup, scope, agents });
  const outboxes = createOutboxes(parts);
  const tellOpened = createOpenedTeller(setup);
  const opened = createOpened({
    scope,
    make(id, scope) {
      const thread = createThread({ ...parts, scope, id, name, written: outboxes.of(id) });
      const row = lists.find(id);
      if (row) thread.rowCame(row);
      const stop = thread.row.subscribe((row) => {
        if (row === null) return;
        queueMicrotask(() => stop());
        tellOpened(row);
      });
      return thread;
    },
    onClosed: outboxes.closed,
  });

  function onProblem({ code }: Problem) {
    if (code === "agent_not_found" || code === "expired_session") setup.onDoubt();
  }

  function refetch() {
    lists.refetch();
    presence.load();
    notifications.load();
    others.refetch();
    opened.thread?.conversation.refetcher.ensure();
  }

  return {
    name,
    lists,
    acting,
    presence,
    notifications,
    others,
    outboxes,
    opened,
    refetch,
    tellOpened,
  };
}

/**
 * Tells the server that a conversation whose snooze has ended was opened, by its holder or while it has none: what was read long
 * ago gets no receipt. Whoever does not look has not opened it.
 */
function createOpenedTeller({ environment, project, userId }: DeskSetup) {
  let told = "";
  return (row: Row | null | undefined) => {
    if (!row?.snoozeEnded || (row.assignee && row.assignee.id !== userId)) return;
    const about = `${row.id} ${row.rev}`;
    if (about === told || !environment.page.isVisible()) return;
    told = about;
    const args = { p_conversation_id: row.id, p_seq: row.readSeqs.team };
    void project.call("inbox_read", args, {}).then((result) => {
      if (!result.ok) told = "";
    });
  };
}

interface Followers {
  live: Live;
  presence: Presence;
  outboxes: Pick<ReturnType<typeof createOutboxes>, "flush" | "returned">;
  refetch(): void;
}

/** An inbox listens as long as it is open, also while nobody looks; it catches up whenever somebody does again. */
function followPage(
  { environment }: DeskSetup,
  scope: Scope,
  { live, presence, outboxes, refetch }: Followers,
) {
  const wake = (replace: boolean) => {
    live.wake(replace);
    presence.wake();
    refetch();
  };
  const react: Partial<Record<PageEvent, () => void>> = {
    visible() {
      outboxes.returned();
      wake(false);
    },
    focus: outboxes.returned,
    // The network is another one, or the page slept: the old socket may look alive and hear nothing.
    online() {
      outboxes.flush();
      wake(true);
    },
    offline: live.listen,
    restored: () => wake(true),
    stored() {
      live.pause();
      presence.leave();
    },
  };
  live.setVisible(true);
  live.setPanelOpen(true);
  scope.onEnd(environment.page.listen((event) => react[event]?.()));
}
