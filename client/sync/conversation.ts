import type { Envelope } from "../../shared/envelope.ts";
import { isTemporary, type Problem, type Result, type TellProblem } from "../http/problem.ts";
import type { ReadonlySignal } from "../platform/emitter.ts";
import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";
import type { TopicHandler } from "../realtime/live.ts";
import {
  type ConversationChange,
  type NumberName,
  readHeard,
  type StreamEntry,
} from "./conversation_events.ts";
import { type ConversationView, createConversationView, isGone } from "./conversation_view.ts";
import { type BothMarks, createReporter, type Marks, type Side } from "./marks.ts";
import type { Accepted, Outbox } from "./outbox.ts";
import type { ThreadEntry } from "./pending.ts";
import { createRefetcher, type FetchOutcome, type Refetcher } from "./refetcher.ts";
import { createQuietCheck, createSequence, type Sequence } from "./sequence.ts";
import type { StreamPage } from "./stream.ts";
import { createTypingNotices, type Typist } from "./typing.ts";

/** An older page shows what was sent, and says nothing about what it does not show. */
const BEFORE_ALL = 0;

/** Where the built-in store is asked, and told. Entries come oldest first. */
export interface ConversationSource {
  /** The newest page, or the one before it that a cursor leads to; `null`: the conversation has yet to begin. */
  fetchPage(cursor?: string): Promise<Result<ConversationPage>> | null;
  changesAfter(number: number): Promise<Result<ConversationChanges>>;
  /** The viewer has seen messages up to that place. */
  read(place: number): Promise<Result<unknown>>;
  /** They arrived. */
  deliver(place: number): Promise<Result<unknown>>;
  typing(): Promise<unknown>;
}

export interface ConversationPage extends StreamPage<StreamEntry> {
  /** Of the newest change that the page knows. */
  number: number;
  marks?: Partial<BothMarks>;
}

/** Every entry that is new or was changed after a number, as it is now. */
export type ConversationChanges =
  | { number: number; entries: StreamEntry[]; marks?: Partial<BothMarks> }
  | { tooMany: true };

export interface Viewer {
  side: Side;
  /** An operator's, whose own typing is no news. */
  name?: string;
}

export type ConversationEntry = ThreadEntry & Partial<Pick<StreamEntry, "place" | "noteId">>;

export interface ConversationState {
  /** `loading` only while there is nothing to show. */
  status: "loading" | "ready" | "failed";
  /** Oldest first; what is still being sent stands last. */
  entries: ConversationEntry[];
  hasOlder: boolean;
  loadingOlder: boolean;
  typists: readonly Typist[];
  marks: BothMarks;
  /** Messages by the other side, of those loaded, that the viewer's has not read. */
  unread: number;
  problem?: Problem;
}

/** A conversation of the built-in store, followed as docs/realtime.md, rules 12 and 13, say. */
export interface Conversation {
  readonly state: ReadonlySignal<ConversationState>;
  /** What broadcasts on its channel, or on the team's, do. */
  readonly listener: TopicHandler;
  readonly refetcher: Refetcher;
  /** The connection was lost. */
  disconnected(): void;
  reload(): void;
  loadOlder(): void;
  /** An answer told how a message of the viewer's is now. */
  told(entry: StreamEntry): void;
  /** The viewer changed the draft. */
  typed(): void;
  /** True while the newest entry is on a screen that somebody looks at. */
  setReading(reading: boolean): void;
  /** Another operator holds it now, or nobody: what the viewer has seen may count for the team from now on. */
  holderChanged(): void;
  /** The viewer did something on the page. */
  used(): void;
}

export interface ConversationSetup<Answer extends Accepted> {
  environment: Environment;
  /** The open conversation's. */
  scope: Scope;
  source: ConversationSource;
  outbox: Outbox<Answer>;
  viewer: Viewer;
  number: NumberName;
  /** A message by the other side that was not there when the conversation was opened. */
  onForeignEntry(entry: StreamEntry): void;
  /** A fetch of the newest ended. */
  onFetched(startedAt: number, outcome: FetchOutcome): void;
  onProblem: TellProblem;
}

export function createConversation<Answer extends Accepted>(setup: ConversationSetup<Answer>): Conversation {
  const { environment, scope, source, outbox, viewer } = setup;
  const view = createConversationView(setup);
  const reporter = createReporter({ environment, scope, ...source });
  const sequence = createSequence<ConversationChange>({
    environment,
    apply: view.apply,
    onGap: () => catchUp.missing(),
  });
  const catchUp = createCatchUp(setup, view, sequence, considerReading);
  const { refetcher } = catchUp;
  const quiet = createQuietCheck({ environment, scope, ask: refetcher.ensure });
  const notices = createTypingNotices(environment, source.typing);
  let isReading = false;
  const considerRefusal = createRefusalWatch(outbox, refetcher);

  function considerReading() {
    reporter.known(knownOf(view, viewer));
    const newest = view.newestForeign();
    if (isReading) reporter.seen(newest);
    else reporter.delivered(newest);
  }

  function receive(envelope: Envelope | null) {
    if (outbox.itemId === null) return;
    const heard = readHeard(envelope, outbox.itemId, setup.number);
    view.typing(heard.typing);
    for (const [number, changes] of heard.changes) sequence.receive(number, changes);
    if (heard.isHint) refetcher.hint();
    if (heard.changes.size === 0) return;
    outbox.lookAtDraft();
    quiet.heard();
    view.show();
    considerReading();
  }

  outbox.watch({
    onChange() {
      view.show();
      considerRefusal();
    },
    onAccepted() {
      quiet.used();
      if (sequence.last === null) refetcher.refetch();
      else refetcher.expectHint(view.isAllShown);
    },
  });
  refetcher.ensure();

  return {
    state: view.state,
    refetcher,
    listener: listenerOf(sequence, refetcher, receive),
    disconnected: sequence.hold,
    reload: catchUp.reload,
    loadOlder: catchUp.loadOlder,
    told(entry) {
      if (!isStale(view, entry)) view.apply({ kind: "entry", entry });
      view.show();
    },
    typed() {
      quiet.used();
      if (outbox.itemId !== null) notices.typed();
    },
    setReading(reading) {
      if (reading && !isReading) reporter.retry();
      isReading = reading;
      considerReading();
    },
    holderChanged() {
      if (view.state.value.marks.team.read >= view.newestForeign()) return;
      reporter.unseen();
      considerReading();
    },
    used: quiet.used,
  };
}

/** Each operator has a mark besides the team's, which a colleague may have moved. */
function knownOf({ state }: ConversationView, { side }: Viewer): Marks {
  const own = state.value.marks[side];
  return side === "visitor" ? own : { read: 0, delivered: own.delivered };
}

/** What was heard since it joined waits for the fetch that begins then. */
function listenerOf(
  { hold }: Sequence<ConversationChange>,
  { subscribed }: Refetcher,
  onEvent: TopicHandler["onEvent"],
): TopicHandler {
  return {
    onJoined(again) {
      hold();
      subscribed(again);
    },
    onEvent,
  };
}

/** A broadcast may have told what happened after it. */
function isStale({ state }: ConversationView, entry: StreamEntry): boolean {
  const shown = state.value.entries.find(({ id }) => id === entry.id);
  return Boolean(shown?.deletedAt) || (shown?.editedAt ?? "") > (entry.editedAt ?? entry.deletedAt ?? "");
}

/** Nobody tells a page that a conversation was erased but the answer to what is written there: then it looks again. */
function createRefusalWatch<Answer extends Accepted>(
  outbox: Outbox<Answer>,
  { refetch }: Refetcher,
): () => void {
  let known: Problem | undefined;
  return () => {
    const refused = outbox.entries().find(({ problem }) => isGone(problem))?.problem;
    if (refused && refused !== known) refetch();
    known = refused;
  };
}

/** Fetches what is not heard. */
function createCatchUp<Answer extends Accepted>(
  setup: ConversationSetup<Answer>,
  view: ConversationView,
  sequence: Sequence<ConversationChange>,
  onApplied: () => void,
) {
  const { environment, scope, source, outbox, onFetched } = setup;
  const refetcher = createRefetcher(environment, scope, fetch);
  const answers = createAnswers(setup, view, sequence);
  let isFetching = false;

  async function fetch(startedAt: number): Promise<FetchOutcome> {
    isFetching = true;
    const outcome = await answers.fetch(startedAt).finally(() => (isFetching = false));
    if (scope.ended) return "refused";
    onApplied();
    onFetched(startedAt, outcome);
    if (outcome === "changed" && sequence.isBehind) refetcher.hint();
    return outcome;
  }

  async function loadOlder(): Promise<void> {
    const { cursor } = view;
    if (cursor === undefined || view.state.value.loadingOlder) return;
    view.show({ loadingOlder: true });
    const result = await source.fetchPage(cursor);
    if (scope.ended || !result) return;
    if (result.ok) {
      view.prepend(result.value, cursor);
      outbox.reconcile(result.value.entries, BEFORE_ALL);
    }
    view.show({ loadingOlder: false, problem: result.ok ? undefined : result.problem });
  }

  return {
    refetcher,
    missing() {
      if (!isFetching) refetcher.hint();
    },
    reload() {
      view.reloading();
      refetcher.ensure();
    },
    loadOlder: () => void loadOlder(),
  };
}

/** Applies the newest page, and from then on what changed after the last number. */
function createAnswers<Answer extends Accepted>(
  { scope, source, outbox }: ConversationSetup<Answer>,
  view: ConversationView,
  sequence: Sequence<ConversationChange>,
) {
  async function fetchNewest(startedAt: number): Promise<FetchOutcome> {
    const result = await source.fetchPage();
    if (!result || scope.ended) return "unchanged";
    if (!result.ok) return fail(result.problem);
    const { entries, number, marks } = result.value;
    view.replace(result.value);
    outbox.reconcile(entries, startedAt);
    sequence.reached(number, startedAt);
    view.ready(marks);
    return "changed";
  }

  async function fetchChanges(from: number, startedAt: number): Promise<FetchOutcome> {
    const result = await source.changesAfter(from);
    if (scope.ended) return "refused";
    if (!result.ok) return fail(result.problem);
    const changes = result.value;
    // A lower number is another database's: it was restored, or begun anew.
    if ("tooMany" in changes || changes.number < from) {
      sequence.restart();
      return await fetchNewest(startedAt);
    }
    const { number, entries, marks } = changes;
    // What was heard meanwhile is newer than an answer that knows no more.
    if (number > (sequence.last ?? 0)) {
      for (const entry of entries) view.apply({ kind: "entry", entry });
    }
    outbox.reconcile(entries, startedAt);
    sequence.reached(number, startedAt);
    view.ready(marks);
    return "changed";
  }

  function fail(problem: Problem): FetchOutcome {
    if (isGone(problem)) sequence.restart();
    view.fail(problem);
    return isTemporary(problem) ? "failed" : "refused";
  }

  return {
    fetch: (startedAt: number) =>
      sequence.last === null ? fetchNewest(startedAt) : fetchChanges(sequence.last, startedAt),
  };
}
