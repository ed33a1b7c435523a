import { isTemporary, type Problem, type Result, type TellProblem } from "../http/problem.ts";
import { type ReadonlySignal, signal } from "../platform/emitter.ts";
import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";
import { createListRows, type ListRow, type ListRowsSetup } from "./list_rows.ts";
import { createRefetcher, type FetchOutcome, type Refetcher } from "./refetcher.ts";
import { createQuietCheck } from "./sequence.ts";

const MOST_HELD = 1000;

/** Where a list that many writers change is asked. */
export interface ChangingListSource<Row> {
  /** The first page, or the one behind a page's `nextCursor`. */
  fetchPage(cursor?: string): Promise<Result<ChangingListPage<Row>>>;
  /** What changed after `since`, an earlier answer's, by one snapshot of the database. */
  changesAfter(since: string): Promise<Result<ListChanges<Row>>>;
}

export interface ChangingListPage<Row> {
  rows: Row[];
  nextCursor?: string;
  /** Of the snapshot that the page shows; opaque. */
  since: string;
}

/** `resync`: it can't be told; the database is another one, or it was too long ago. */
export type ListChanges<Row> =
  | { rows: Row[]; left: string[]; since: string; hasMore?: boolean }
  | { resync: true };

/** What an event tells about a row. */
export interface RowChange<Row> {
  id: string;
  /** Counts the row's changes; the event's is the newest that it knows. */
  rev: number;
  /**
   * The row with the change in it; `null` for one that the view does not show, `undefined` if neither can be
   * told without fetching.
   */
  change(row: Row | undefined): Row | null | undefined;
}

export interface ChangingListState<Row> {
  status: "loading" | "ready" | "failed";
  rows: readonly Row[];
  hasMore: boolean;
  loadingMore: boolean;
  problem?: Problem;
}

/** A view of a list whose rows come, move and leave by anybody's doing (docs/realtime.md, rule 14). */
export interface ChangingList<Row> {
  readonly state: ReadonlySignal<ChangingListState<Row>>;
  readonly refetcher: Refetcher;
  /** What one broadcast tells about rows, together. */
  receive(changes: RowChange<Row>[]): void;
  /** Something happened that no row change tells. */
  hint(): void;
  /** What the viewer expects of rows is something else. */
  redraw(): void;
  /** The channel was joined; `again` after a reconnect. */
  joined(again: boolean): void;
  reload(): void;
  loadMore(): void;
  /** The viewer did something on the page. */
  used(): void;
}

export interface ChangingListSetup<Row extends ListRow> extends ListRowsSetup<Row> {
  environment: Environment;
  /** The view's: another filter is another list. */
  scope: Scope;
  source: ChangingListSource<Row>;
  onFetched(startedAt: number, outcome: FetchOutcome): void;
  onProblem: TellProblem;
}

export function createChangingList<Row extends ListRow>(setup: ChangingListSetup<Row>): ChangingList<Row> {
  const { environment, scope, source, onProblem } = setup;
  const rows = createListRows(setup);
  const state = signal<ChangingListState<Row>>({
    status: "loading",
    rows: [],
    hasMore: false,
    loadingMore: false,
  });

  function show(change: Partial<ChangingListState<Row>> = {}) {
    if (scope.ended) return;
    const told = state.value.problem?.code;
    state.value = { ...state.value, rows: rows.shown(), hasMore: rows.cursor !== undefined, ...change };
    const { problem } = state.value;
    // What is tried in the background fails again and again.
    if (problem && problem.code !== told) onProblem(problem);
  }

  const events = createHeldEvents(rows, environment, () => refetcher.hint());
  const refetcher = createRefetcher(
    environment,
    scope,
    createListFetch(setup, { rows, events, state, show }),
  );
  const quiet = createQuietCheck({ environment, scope, ask: refetcher.ensure });

  async function loadMore() {
    const { cursor } = rows;
    if (cursor === undefined || state.value.loadingMore) return;
    show({ loadingMore: true });
    const page = rows.expectPage();
    const result = await source.fetchPage(cursor);
    if (result.ok) page.came(result.value);
    else page.failed();
    show({ loadingMore: false, problem: result.ok ? undefined : result.problem });
  }

  refetcher.ensure();
  return {
    state,
    refetcher,
    receive(changes) {
      quiet.heard();
      events.receive(changes);
      show();
    },
    hint: refetcher.hint,
    redraw: () => show(),
    joined(again) {
      events.hold();
      refetcher.subscribed(again);
    },
    reload() {
      if (state.value.status === "failed") show({ status: "loading", problem: undefined });
      refetcher.ensure();
    },
    loadMore: () => void loadMore(),
    used: quiet.used,
  };
}

interface ListFetchParts<Row extends ListRow> {
  rows: ReturnType<typeof createListRows<Row>>;
  events: HeldEvents<Row>;
  state: ReadonlySignal<ChangingListState<Row>>;
  show(change?: Partial<ChangingListState<Row>>): void;
}

/** Fetches the first page, and from then on what changed. */
function createListFetch<Row extends ListRow>(
  { scope, source, onFetched }: ChangingListSetup<Row>,
  { rows, events, state, show }: ListFetchParts<Row>,
) {
  let since: string | null = null;

  async function fetchFirst(): Promise<FetchOutcome> {
    const result = await source.fetchPage();
    if (scope.ended) return "refused";
    if (!result.ok) return fail(result.problem);
    since = result.value.since;
    rows.replace(result.value);
    return "changed";
  }

  async function fetchChanges(from: string): Promise<FetchOutcome> {
    const result = await source.changesAfter(from);
    if (scope.ended) return "refused";
    if (!result.ok) return fail(result.problem);
    const changes = result.value;
    if ("resync" in changes) {
      since = null;
      return await fetchFirst();
    }
    since = changes.since;
    rows.merge(changes.rows, changes.left);
    return changes.hasMore ? await fetchChanges(since) : "changed";
  }

  function fail(problem: Problem): FetchOutcome {
    show({ status: state.value.status === "ready" ? "ready" : "failed", problem });
    return isTemporary(problem) ? "failed" : "refused";
  }

  return async (startedAt: number): Promise<FetchOutcome> => {
    events.fetching();
    const fetching = since === null ? fetchFirst() : fetchChanges(since);
    let outcome: FetchOutcome = "failed";
    try {
      outcome = await fetching;
    } finally {
      events.fetched(startedAt, outcome === "changed");
    }
    if (outcome === "changed") show({ status: "ready", problem: undefined });
    if (!scope.ended) onFetched(startedAt, outcome);
    return outcome;
  };
}

interface HeldEvents<Row> {
  receive(changes: RowChange<Row>[]): void;
  /** The connection was made: what is heard waits for a fetch that starts later. */
  hold(): void;
  fetching(): void;
  fetched(startedAt: number, isApplied: boolean): void;
}

/**
 * Events wait while a fetch is on its way as well: an answer says which rows have left, and not as of which
 * of their changes.
 */
function createHeldEvents<Row extends ListRow>(
  rows: ReturnType<typeof createListRows<Row>>,
  { nextInOrder }: Pick<Environment, "nextInOrder">,
  onUnknown: () => void,
): HeldEvents<Row> {
  let held: RowChange<Row>[] = [];
  /** More was heard than is held. */
  let isTooMuch = false;
  let isFetching = false;
  let heldSince: number | null = null;

  function applyAll() {
    if (isFetching || heldSince !== null) return;
    // Each of them, whatever the others lack.
    const isKnown = held.map((change) => rows.apply(change));
    if (isTooMuch || isKnown.includes(false)) onUnknown();
    held = [];
    isTooMuch = false;
  }

  return {
    receive(changes) {
      held.push(...changes);
      if (held.length > MOST_HELD) {
        held = [];
        isTooMuch = true;
      }
      applyAll();
    },
    hold() {
      heldSince = nextInOrder();
    },
    fetching() {
      isFetching = true;
    },
    fetched(startedAt, isApplied) {
      isFetching = false;
      if (isApplied && heldSince !== null && heldSince < startedAt) heldSince = null;
      applyAll();
    },
  };
}
