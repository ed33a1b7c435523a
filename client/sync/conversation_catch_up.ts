import { isTemporary, type Problem, type Result } from "../http/problem.ts";
import type { ConversationChange } from "./conversation_events.ts";
import type { ConversationPage, ConversationSetup } from "./conversation_setup.ts";
import { type ConversationView, isGone } from "./conversation_view.ts";
import type { Accepted } from "./outbox.ts";
import { createRefetcher, type FetchOutcome } from "./refetcher.ts";
import type { Sequence } from "./sequence.ts";
import { MOST_OLDER } from "./unread_mark.ts";

/** An older page shows what was sent, and says nothing about what it does not show. */
const BEFORE_ALL = 0;

/** Fetches what is not heard. */
export function createCatchUp<Answer extends Accepted>(
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
  { scope, source, outbox, viewer }: ConversationSetup<Answer>,
  view: ConversationView,
  sequence: Sequence<ConversationChange>,
) {
  /** The newest page, and those before it that hold nothing read. */
  async function fetchUnread(): Promise<Result<ConversationPage> | null> {
    const newest = await source.fetchPage();
    if (!newest?.ok) return newest;
    let page = newest.value;
    const read = page.marks?.[viewer.side]?.read ?? Infinity;
    for (let older = 0; older < MOST_OLDER && !scope.ended; older++) {
      const { entries, nextCursor } = page;
      const oldest = Math.min(...entries.map(({ place }) => place));
      if (oldest <= read + 1 || nextCursor === undefined) break;
      const before = await source.fetchPage(nextCursor);
      // It is asked for again when somebody goes there.
      if (!before?.ok) break;
      page = { ...page, entries: [...before.value.entries, ...entries], nextCursor: before.value.nextCursor };
    }
    return { ok: true, value: page };
  }

  async function fetchNewest(startedAt: number): Promise<FetchOutcome> {
    const result = await fetchUnread();
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
    const isNewer = number > (sequence.last ?? 0);
    for (const entry of entries) {
      if (isNewer || entry.status === "streaming") view.apply({ kind: "entry", entry });
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
