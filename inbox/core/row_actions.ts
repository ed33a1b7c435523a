import type { Problem, Result } from "../../client/http/problem.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { Project } from "./project.ts";
import { type CheckedRow, ROW, type Row } from "./rows.ts";
import { createTurns } from "./turns.ts";

export type RowActionName = "claim" | "release" | "hand_over" | "resolve" | "reopen" | "snooze";

/** When a snooze is to end. */
export interface SnoozeEnd {
  /** By this computer's clock. */
  until: Date;
  /** How long it lasts, where that is what was chosen: the server reckons from its own clock. */
  seconds?: number;
}

/**
 * What was not done, and why. For a claim that came too late, `problem.message` names the holder; where the visitor wrote in
 * the meantime it says so.
 */
export interface Refusal {
  conversationId: string;
  action: RowActionName | "undo";
  problem: Problem;
}

/** Each returns why it was refused, or `null` once it is done. */
export interface ConversationActions {
  claim(conversationId: string): Promise<Problem | null>;
  release(conversationId: string): Promise<Problem | null>;
  handOver(conversationId: string, to: { id: string; name: string }): Promise<Problem | null>;
  resolve(conversationId: string): Promise<Problem | null>;
  reopen(conversationId: string): Promise<Problem | null>;
  snooze(conversationId: string, end: SnoozeEnd): Promise<Problem | null>;
}

/**
 * What an operator does with conversations as a whole. Each shows at once and is taken back if it is refused; those of one
 * conversation reach the server one after the other, those of several a few at a time.
 */
export interface RowActions extends ConversationActions {
  /** The last one, until the next action on its conversation or `dismiss`. */
  readonly refusal: ReadonlySignal<Refusal | null>;
  /** Ids of those that the operator has done something with. */
  readonly acted: ReadonlySet<string>;
  /** The row as it will be when what is on its way is done. */
  expected(row: Row): Row;
  /** The same, of which no refusal is told by `refusal`: whoever asks tells it. */
  readonly untold: ConversationActions;
  /** Changes a conversation back, untold. What is asked of the server is made once all before it is done. */
  restore(
    conversationId: string,
    action: Pick<Action, "name" | "change">,
    call: () => Result<Call>,
  ): Promise<Problem | null>;
  /** Somebody wanted to claim what another operator holds: a refusal as the server's, without asking it. */
  tellHeld(conversationId: string, holder: string): void;
  /** Of what was asked for without being told here. */
  tell(refusal: Refusal): void;
  dismiss(): void;
}

export interface RowActionsSetup {
  /** The desk's. */
  scope: Scope;
  project: Project;
  me: { id: string; name: string };
  /** What `expected` answers may be another now. */
  onChange(): void;
  /** The row that the operator sees; `undefined` before there is one. */
  seen(conversationId: string): Row | undefined;
  /** One of the told ones was begun with this row. */
  onAct(action: RowActionName, row: Row, outcome: Promise<Problem | null>): void;
  /** A row as the server has it now. */
  onRow(row: Row): void;
  /** A colleague or the visitor was faster. */
  onConflict(conversationId: string): void;
}

/** A function of the server, and what it is given besides the conversation. */
export interface Call {
  call: string;
  args?: object;
}

interface Action {
  name: RowActionName;
  change: Partial<Row>;
  /** A refusal is told as the server's. */
  ask(): Result<Call>;
}

type Tell = (refusal: Refusal) => void;

/** Each conversation's actions that are on their way, in order, and what they will change. */
export function createRowActions(setup: RowActionsSetup): RowActions {
  const { scope, project, me, onChange, seen, onAct, onRow, onConflict } = setup;
  const refusal = signal<Refusal | null>(null);
  const underWay = new Map<string, Action[]>();
  const tails = new Map<string, Promise<unknown>>();
  const acted = new Set<string>();
  const inTurn = createTurns();

  function settle(id: string, action: Action) {
    const left = (underWay.get(id) ?? []).filter((other) => other !== action);
    if (left.length > 0) underWay.set(id, left);
    else for (const map of [underWay, tails]) map.delete(id);
    onChange();
  }

  async function run(id: string, action: Action, tell: Tell): Promise<Problem | null> {
    const result = await inTurn(async () => {
      const asked = action.ask();
      if (!asked.ok) return asked;
      const { call, args } = asked.value;
      return await project.call<{ row: CheckedRow }>(call, { p_conversation_id: id, ...args }, { row: ROW });
    });
    if (scope.ended) return null;
    if (result.ok) onRow(result.value.row as Row);
    else {
      tell({ conversationId: id, action: action.name, problem: result.problem });
      if (result.problem.code === "conflict") onConflict(id);
    }
    settle(id, action);
    return result.ok ? null : result.problem;
  }

  function start(id: string, action: Action, tell: Tell): Promise<Problem | null> {
    acted.add(id);
    if (refusal.value?.conversationId === id) refusal.value = null;
    underWay.set(id, [...underWay.get(id) ?? [], action]);
    const tail = tails.get(id);
    const done = tail ? tail.then(() => run(id, action, tell)) : run(id, action, tell);
    tails.set(id, done);
    onChange();
    return done;
  }

  const tell: Tell = (refused) => void (refusal.value = refused);
  const actions = createConversationActions({ me, seen });

  return {
    refusal,
    acted,
    expected: (row) => (underWay.get(row.id) ?? []).reduce((row, { change }) => ({ ...row, ...change }), row),
    ...actions((id, action) => {
      const row = seen(id);
      const outcome = start(id, action, tell);
      if (row) onAct(action.name, row, outcome);
      return outcome;
    }),
    untold: actions((id, action) => start(id, action, () => {})),
    restore: (id, action, ask) => start(id, { ...action, ask }, () => {}),
    tellHeld(conversationId, holder) {
      refusal.value = { conversationId, action: "claim", problem: { code: "conflict", message: holder } };
    },
    tell,
    dismiss: () => void (refusal.value = null),
  };
}

/** What each asks of the server, and what it changes of the row until that has answered. */
function createConversationActions({ me, seen: rowOf }: Pick<RowActionsSetup, "me" | "seen">) {
  const asking = (call: string, args?: object) => (): Result<Call> => ({ ok: true, value: { call, args } });
  const assign = (name: RowActionName, to: { id: string; name: string } | null): Action => ({
    name,
    ask: asking("inbox_assign", { p_to: to?.id ?? null }),
    change: { assignee: to, ...(to && { needsHuman: false }) },
  });
  const setStatus = (
    name: RowActionName,
    change: Partial<Row> & { status: string },
    more: object = {},
  ): Action => ({ name, ask: asking("inbox_status", { p_status: change.status, ...more }), change });
  /** What the visitor wrote behind what the operator saw wins. */
  const seen = (id: string) => ({ p_seen_rev: rowOf(id)?.rev });
  const put = { needsHuman: false, snoozeEnded: false };
  const closed = { ...put, snoozedUntil: null, waitingSince: null };

  return (start: (id: string, action: Action) => Promise<Problem | null>): ConversationActions => ({
    claim: (id) =>
      start(id, { name: "claim", ask: asking("inbox_claim"), change: { assignee: me, needsHuman: false } }),
    release: (id) => start(id, assign("release", null)),
    handOver: (id, { id: memberId, name }) => start(id, assign("hand_over", { id: memberId, name })),
    resolve: (id) => start(id, setStatus("resolve", { ...closed, status: "RESOLVED" }, seen(id))),
    reopen: (id) => start(id, setStatus("reopen", { status: "OPEN", snoozedUntil: null })),
    snooze(id, { until, seconds }) {
      const snoozedUntil = until.toISOString();
      const end = seconds === undefined ? { p_until: snoozedUntil } : { p_seconds: seconds };
      return start(
        id,
        setStatus("snooze", { ...put, status: "SNOOZED", snoozedUntil }, { ...end, ...seen(id) }),
      );
    },
  });
}
