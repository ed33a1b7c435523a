import { expect, test } from "vitest";
import type { Problem, Result } from "../../../client/http/problem.ts";
import { createScope } from "../../../client/platform/scope.ts";
import {
  type ChangingListPage,
  createChangingList,
  type ListChanges,
  type RowChange,
} from "../../../client/sync/changing_list.ts";
import { settle } from "./support/clock.ts";
import { createSurroundings } from "./support/environment.ts";

interface Row {
  id: string;
  rev: number;
  at: number;
  open: boolean;
}

interface Resync {
  resync: true;
}

const row = (id: string, at: number, rev = 1, open = true): Row => ({ id, at, rev, open });

async function showList(page: Partial<ChangingListPage<Row>>) {
  const surroundings = createSurroundings(() =>
    Promise.reject(new Error("nothing is fetched but by the source"))
  );
  const { environment } = surroundings;
  const source = {
    pages: [page],
    changes: [] as (Partial<Exclude<ListChanges<Row>, Resync>> | Resync)[],
    calls: [] as string[],
    problem: null as Problem | null,
    until: null as Promise<unknown> | null,
  };
  const answer = async <Value>(call: string, value: Value): Promise<Result<Value>> => {
    source.calls.push(call);
    await source.until;
    return source.problem ? { ok: false, problem: source.problem } : { ok: true, value };
  };
  const list = createChangingList<Row>({
    environment,
    scope: createScope(environment),
    compare: (one, other) => other.at - one.at,
    fits: ({ open }) => open,
    source: {
      fetchPage: (cursor) =>
        answer(`page ${cursor ?? ""}`.trim(), { rows: [], since: "s1", ...source.pages.shift() }),
      changesAfter: (since) => {
        const changes = source.changes.shift() ?? {};
        return answer(
          `since ${since}`,
          "resync" in changes ? changes : { rows: [], left: [], since, ...changes },
        );
      },
    },
    onFetched: () => {},
    onProblem: () => {},
  });
  await settle();
  source.calls.length = 0;
  const whole = (next: Row): RowChange<Row> => ({ id: next.id, rev: next.rev, change: () => next });
  return {
    ...surroundings,
    source,
    list,
    hear: (...rows: Row[]) => list.receive(rows.map(whole)),
    ids: () => list.state.value.rows.map(({ id }) => id),
  };
}

const THREE = { rows: [row("a", 30), row("b", 20), row("c", 10)] };

test("a row moves with its activity, without a fetch", async () => {
  const { hear, ids, source } = await showList(THREE);
  hear(row("c", 40, 2));
  await settle();
  expect(ids()).toEqual(["c", "a", "b"]);
  expect(source.calls).toEqual([]);
});

test("a row that no longer fits leaves, and comes back when it does", async () => {
  const { hear, ids } = await showList(THREE);
  hear(row("b", 20, 2, false));
  expect(ids()).toEqual(["a", "c"]);
  hear(row("b", 20, 3));
  expect(ids()).toEqual(["a", "b", "c"]);
});

test("a change that is older than what is known is dropped", async () => {
  const { hear, ids } = await showList(THREE);
  hear(row("b", 50, 3), row("b", 20, 2, false));
  expect(ids()).toEqual(["b", "a", "c"]);
});

test("a change that others are missing before is shown, and makes it ask for the rest", async () => {
  const { hear, ids, list, source } = await showList(THREE);
  source.changes = [{ rows: [row("b", 60, 4)], since: "s2" }];
  hear(row("b", 50, 4));
  expect(ids()).toEqual(["b", "a", "c"]);
  await settle();
  expect(source.calls).toEqual(["since s1"]);
  expect(list.state.value.rows[0]).toEqual(row("b", 60, 4));
});

test("a change of a row that is not known is asked for, one that the view does not show is not", async () => {
  const { list, ids, source } = await showList(THREE);
  list.receive([{ id: "x", rev: 4, change: () => null }]);
  await settle();
  expect(source.calls).toEqual([]);
  source.changes = [{ rows: [row("y", 50)], since: "s2" }];
  list.receive([{ id: "y", rev: 1, change: () => undefined }]);
  await settle();
  expect(source.calls).toEqual(["since s1"]);
  expect(ids()).toEqual(["y", "a", "b", "c"]);
});

test("changes come in pages, each from where the last one ended", async () => {
  const { list, ids, source } = await showList(THREE);
  source.changes = [
    { rows: [row("d", 40)], since: "s2", hasMore: true },
    { rows: [row("a", 50, 2)], left: ["b"], since: "s3" },
  ];
  list.hint();
  await settle();
  list.hint();
  await settle();
  expect(source.calls).toEqual(["since s1", "since s2", "since s3"]);
  expect(ids()).toEqual(["a", "d", "c"]);
});

test("where changes can't be told, the first page takes the place of all", async () => {
  const { list, ids, source } = await showList(THREE);
  source.changes = [{ resync: true }];
  source.pages = [{ rows: [row("z", 5)], since: "t1" }];
  list.hint();
  await settle();
  list.hint();
  await settle();
  expect(source.calls).toEqual(["since s1", "page", "since t1"]);
  expect(ids()).toEqual(["z"]);
});

test("rows beyond the pages that came wait for theirs", async () => {
  const { list, hear, ids, source } = await showList({ ...THREE, nextCursor: "c" });
  hear(row("f", 4, 7));
  expect(ids()).toEqual(["a", "b", "c"]);
  source.pages = [{ rows: [row("e", 5), row("f", 4, 6)] }];
  list.loadMore();
  await settle();
  expect(ids()).toEqual(["a", "b", "c", "e", "f"]);
  expect(list.state.value).toMatchObject({ hasMore: false, loadingMore: false });
  expect(list.state.value.rows.at(-1)).toEqual(row("f", 4, 7));
});

test("a row that left while its page was on its way does not come with it", async () => {
  const { list, ids, source } = await showList({ ...THREE, nextCursor: "c" });
  let answer = (_value?: unknown) => {};
  source.pages = [{ rows: [row("d", 5), row("e", 4)] }];
  source.until = new Promise((resolve) => (answer = resolve));
  list.loadMore();
  source.until = null;
  source.changes = [{ left: ["e"], since: "s2" }];
  list.hint();
  await settle();
  answer();
  await settle();
  expect(ids()).toEqual(["a", "b", "c", "d"]);
});

test("an event that is late does not bring back what has left, an answer does", async () => {
  const { list, hear, ids, source } = await showList(THREE);
  source.changes = [{ left: ["b"], since: "s2" }, {}, { rows: [row("b", 50, 3)], since: "s3" }];
  list.hint();
  await settle();
  hear(row("b", 50, 2));
  await settle();
  expect(ids()).toEqual(["a", "c"]);
  list.hint();
  await settle();
  expect(ids()).toEqual(["b", "a", "c"]);
});

test("events wait while a fetch is on its way, since its answer does not say when a row left", async () => {
  const { list, hear, ids, source } = await showList(THREE);
  let answer = (_value?: unknown) => {};
  source.until = new Promise((resolve) => (answer = resolve));
  source.changes = [{ left: ["b"], since: "s2" }];
  list.hint();
  hear(row("a", 5, 2), row("b", 50, 2));
  expect(ids()).toEqual(["a", "b", "c"]);
  answer();
  await settle();
  expect(ids()).toEqual(["c", "a"]);
});

test("after a reconnect events wait for a fetch that started after the join", async () => {
  const { list, hear, ids, source } = await showList(THREE);
  list.joined(true);
  hear(row("c", 50, 2));
  expect(ids()).toEqual(["a", "b", "c"]);
  list.refetcher.refetch();
  await settle();
  expect(source.calls).toContain("since s1");
  expect(ids()).toEqual(["c", "a", "b"]);
});

test("more events than can wait are asked for", async () => {
  const { list, hear, source } = await showList(THREE);
  list.joined(true);
  for (let index = 0; index < 1001; index++) hear(row(`n${index}`, 1000 + index));
  list.refetcher.refetch();
  await settle();
  expect(source.calls.length).toBeGreaterThan(1);
});

test("a list that hears nothing asks every 100 s", async () => {
  const { source, clock } = await showList(THREE);
  await clock.advance(250_000);
  expect(source.calls).toEqual(["since s1", "since s1"]);
});

test("a failed fetch is told and keeps the rows, and a failed page can be asked for again", async () => {
  const { list, ids, source } = await showList({ ...THREE, nextCursor: "c" });
  source.problem = { code: "network", message: "No answer came." };
  list.loadMore();
  await settle();
  expect(list.state.value).toMatchObject({
    status: "ready",
    loadingMore: false,
    problem: { code: "network" },
  });
  source.problem = null;
  source.pages = [{ rows: [row("d", 5)] }];
  list.loadMore();
  await settle();
  expect(ids()).toEqual(["a", "b", "c", "d"]);
  expect(list.state.value.problem).toBeUndefined();
});
