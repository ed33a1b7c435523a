import { isTemporary, type Problem, type Result, type TellProblem } from "../http/problem.ts";
import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";
import { createRefetcher, type FetchOutcome, type Refetcher } from "./refetcher.ts";

interface Identified {
  id: string;
}

export interface Page<Row> {
  /** What is nearest to the visitor first: a list's top row, a thread's newest entry. */
  rows: Row[];
  /** Of the page behind it; absent at the end. */
  nextCursor?: string;
  /** The source answered the same as to the first page before. */
  unchanged?: boolean;
}

export interface PagedState<Row> {
  /** `loading` only while there is nothing to show; a refetch keeps `ready`. */
  status: "idle" | "loading" | "ready" | "failed";
  rows: Row[];
  hasMore: boolean;
  loadingMore: boolean;
  /** Set with `failed`, and with `ready` when a later fetch failed. */
  problem?: Problem;
}

/** Rows that a source hands out in pages, kept up to date (docs/realtime.md, rules 1–3 and 5). */
export interface Paged<Row> {
  readonly refetcher: Refetcher;
  state(): PagedState<Row>;
  /** Place in order of the fetch that was applied last. */
  appliedAt(): number;
  /** Fetches the first page, as whoever asks for it sees; one on its way will do. */
  reload(): void;
  loadMore(): void;
  /** Changes the rows here, until the next answer. */
  change(rows: Row[]): void;
  /** Shows what is there once more. */
  show(): void;
}

export interface PagedSetup<Row extends Identified, Fetched extends Page<Row>> {
  environment: Environment;
  scope: Scope;
  status: "idle" | "loading" | "ready";
  /**
   * One page from the source; without a cursor the first. `null` in place of the answer: it is the first page
   * that was fetched last. `null` in place of the promise: there is nothing to fetch yet.
   */
  fetchPage(cursor?: string): Promise<Result<Fetched | null>> | null;
  /**
   * Rows that a fresh first page pushed out are kept behind it: nothing but new rows moves them, as in a
   * thread.
   */
  keepsPushedOut?: boolean;
  /** A first page is about to be shown. */
  onPage?(page: Fetched | null, startedAt: number): void;
  /** Refetched rows are about to be shown; none of their requests started before `appliedAt`. */
  onRows?(rows: Row[]): void;
  onShow(state: PagedState<Row>): void;
  /** A fetch of the first page ended. */
  onFetched(startedAt: number, outcome: FetchOutcome): void;
  onProblem: TellProblem;
}

export function createPaged<Row extends Identified, Fetched extends Page<Row>>(
  setup: PagedSetup<Row, Fetched>,
): Paged<Row> {
  const { environment, scope } = setup;
  const refetcher = createRefetcher(environment, scope, fetchFirst);
  const pages = createPages(setup, refetcher.refetch);
  const { show } = pages;
  let appliedAt = 0;

  async function fetchFirst(startedAt: number, oneHint: boolean): Promise<FetchOutcome> {
    const { rows } = pages.state;
    const answer = setup.fetchPage();
    if (!answer) return "unchanged";
    if (pages.state.status === "idle") show({ status: "loading" });
    const result = await answer;
    if (scope.ended) return "failed";
    // A page that came meanwhile may be older than the hint.
    const isKnown = oneHint && rows === pages.state.rows;
    const outcome = result.ok ? apply(result.value, startedAt) : fail(result.problem);
    setup.onFetched(startedAt, outcome);
    return result.ok ? await pages.fetchLater(isKnown) ?? outcome : outcome;
  }

  function apply(page: Fetched | null, startedAt: number): FetchOutcome {
    appliedAt = startedAt;
    setup.onPage?.(page, startedAt);
    show({ rows: pages.replaceFirst(page), status: "ready", problem: undefined });
    return page && !page.unchanged ? "changed" : "unchanged";
  }

  function fail(problem: Problem): FetchOutcome {
    show({ status: pages.state.status === "ready" ? "ready" : "failed", problem });
    return isTemporary(problem) ? "failed" : "refused";
  }

  return {
    refetcher,
    state: () => pages.state,
    appliedAt: () => appliedAt,
    reload() {
      if (pages.state.status === "failed") show({ status: "loading", problem: undefined });
      refetcher.ensure();
    },
    loadMore: pages.loadMore,
    change: (rows) => show({ rows }),
    show,
  };
}

/** What is shown, and the pages behind the first one. `again`: all of it must be fetched once more. */
function createPages<Row extends Identified, Fetched extends Page<Row>>(
  setup: PagedSetup<Row, Fetched>,
  again: () => void,
) {
  const { scope, fetchPage, keepsPushedOut = false } = setup;
  let state: PagedState<Row> = { status: setup.status, rows: [], hasMore: false, loadingMore: false };
  let hasLaterPages = keepsPushedOut;
  let cursor: string | undefined;
  let first: Page<Row> = { rows: [] };
  let before = first;

  function show(change: Partial<PagedState<Row>> = {}) {
    if (scope.ended) return;
    const told = state.problem?.code;
    state = { ...state, hasMore: cursor !== undefined, ...change };
    setup.onShow(state);
    // What is tried in the background fails again and again.
    if (state.problem && state.problem.code !== told) setup.onProblem(state.problem);
  }

  return {
    get state() {
      return state;
    },
    show,

    /** The rows with a fresh first page; `null`: it has not changed. */
    replaceFirst(page: Fetched | null): Row[] {
      before = first;
      setup.onRows?.((page ?? first).rows);
      if (!page) return state.rows;
      const { rows, nextCursor } = first = page;
      const all = withRowsBehind(rows, hasLaterPages && nextCursor ? state.rows : []);
      const isAlone = all.length <= rows.length;
      hasLaterPages = keepsPushedOut || !isAlone;
      if (isAlone) cursor = nextCursor;
      return all;
    },

    async loadMore() {
      const from = cursor;
      if (from === undefined || state.loadingMore) return;
      show({ loadingMore: true });
      const shown = state.rows;
      const result = await fetchPage(from);
      // A refetch dropped the page that this one would follow.
      if (from !== cursor) return show({ loadingMore: false });
      if (!result?.ok) return show({ loadingMore: false, problem: result?.problem });
      const { rows = [], nextCursor } = result.value ?? {};
      // What was changed meanwhile may be newer than this page.
      if (state.rows !== shown) again();
      const more = withoutDuplicates([...state.rows, ...rows]);
      // A page that brings nothing new would be asked for again and again.
      cursor = more.length > state.rows.length ? nextCursor : undefined;
      hasLaterPages = true;
      show({ rows: more, loadingMore: false, problem: undefined });
    },

    /** Fetches again what is shown behind the first page. */
    async fetchLater(oneHint: boolean): Promise<"failed" | undefined> {
      const { rows } = state;
      if (rows.length <= first.rows.length) return;
      const module = await import("./later_pages.ts");
      const pages = await module.fetchLaterPages({ before, first, count: rows.length, oneHint, fetchPage });
      if (pages === null) return "failed";
      // What was changed here meanwhile may be newer.
      if (pages && state.rows !== rows) again();
      else if (pages) {
        cursor = pages.nextCursor;
        setup.onRows?.(pages.rows);
        show({ rows: pages.rows });
      }
    },
  };
}

/** Each id once: the first one stays. */
function withoutDuplicates<Row extends Identified>(rows: Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/**
 * A freshly fetched first page with the rows behind it that still join on to it (docs/realtime.md, rule 5): those
 * that followed its last row before. Without that row there may be a gap, so nothing is kept.
 */
export function withRowsBehind<Row extends Identified>(page: Row[], before: Row[]): Row[] {
  const seam = before.findIndex(({ id }) => id === page.at(-1)?.id);
  return withoutDuplicates([...page, ...seam < 0 ? [] : before.slice(seam + 1)]);
}
