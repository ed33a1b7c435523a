import type { Envelope } from "../../shared/envelope.ts";
import type { Problem } from "../http/problem.ts";
import type { ReadonlySignal } from "../platform/emitter.ts";
import type { TopicHandler } from "../realtime/live.ts";
import { createCatchUp } from "./conversation_catch_up.ts";
import { type ConversationChange, type Heard, readHeard, type StreamEntry } from "./conversation_events.ts";
import type { ConversationSetup, ConversationState, Viewer } from "./conversation_setup.ts";
import { type ConversationView, createConversationView, isGone } from "./conversation_view.ts";
import type { Growth } from "./growth.ts";
import { createReporter, type Marks } from "./marks.ts";
import type { Accepted, Outbox } from "./outbox.ts";
import type { Refetcher } from "./refetcher.ts";
import { createQuietCheck, createSequence, type Sequence } from "./sequence.ts";
import { createTypingNotices } from "./typing.ts";

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
  /** Place of the newest message by the other side; 0 if there is none. */
  newest(): number;
  /**
   * The viewer has seen the entries from the one at place `from` to this one, by default all up to it; 0 while nobody
   * looks. The store keeps one number: it moves only where nothing unread is before `from`.
   */
  setSeen(place: number, from?: number): void;
  /** Another operator holds it now, or nobody: what the viewer has seen may count for the team from now on. */
  holderChanged(): void;
  /** The viewer did something on the page. */
  used(): void;
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
  const grow = createGrowing(setup, view, refetcher);
  let seen: [to: number, from: number] = [0, 0];
  const considerRefusal = createRefusalWatch(outbox, refetcher);

  function considerReading() {
    reporter.known(knownOf(view, viewer));
    reporter.seen(view.readTo(...seen));
    reporter.delivered(view.newestForeign());
  }

  function receive(envelope: Envelope | null) {
    if (outbox.itemId === null) return;
    const heard = readHeard(envelope, outbox.itemId, setup.number);
    view.typing(heard.typing);
    grow(heard.frames);
    for (const [number, changes] of heard.changes) sequence.receive(number, changes);
    if (heard.isHint) refetcher.hint();
    if (heard.changes.size === 0) return;
    quiet.heard();
    view.show();
    considerReading();
  }

  outbox.watch({
    onChange() {
      view.show();
      considerRefusal();
    },
    onAccepted(answer) {
      setup.onAccepted?.(answer);
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
    newest: view.newestForeign,
    setSeen(place, from = 0) {
      if (place > 0 && seen[0] === 0) reporter.retry();
      seen = [place, from];
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

/** What reads by how much messages grow; it is loaded with the first. */
function createGrowing<Answer extends Accepted>(
  { scope }: ConversationSetup<Answer>,
  view: ConversationView,
  { hint }: Refetcher,
): (frames: Heard["frames"]) => void {
  let growth: Promise<Growth> | undefined;
  return (frames) => {
    if (frames.length === 0) return;
    growth ??= import("./growth.ts").then(({ createGrowth }) => createGrowth({ scope, view, onGap: hint }));
    // Without it the message is shown once it is whole.
    growth.then(({ hear }) => hear(frames), () => growth = undefined);
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
