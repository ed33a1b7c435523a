import { expect, test } from "vitest";
import type { Problem } from "../../../client/http/problem.ts";
import { createScope } from "../../../client/platform/scope.ts";
import { createCounts } from "../../../client/sync/counts.ts";
import { settle } from "./support/clock.ts";
import { createSurroundings } from "./support/environment.ts";

function setUp() {
  const surroundings = createSurroundings(() =>
    Promise.reject(new Error("nothing is fetched but by the source"))
  );
  const { environment, clock } = surroundings;
  const began = clock.now();
  const source = { problem: null as Problem | null, asked: [] as number[] };
  const counts = createCounts({
    environment,
    scope: createScope(environment),
    count: () => {
      const counted = source.asked.push((clock.now() - began) / 1000);
      return Promise.resolve(
        source.problem
          ? { ok: false as const, problem: source.problem }
          : { ok: true as const, value: counted },
      );
    },
  });
  return { ...surroundings, source, counts };
}

test("a hundred changes within ten seconds are counted twice: the first at once, the last at their end", async () => {
  const { counts, source, clock } = setUp();
  for (let change = 0; change < 100; change++) {
    counts.changed();
    await clock.advance(90);
  }
  await clock.advance(60_000);
  expect(source.asked).toEqual([0, 10]);
  expect(counts.state.value).toBe(2);
});

test("a count that failed is repeated, and what was counted stays meanwhile", async () => {
  const { counts, source, clock } = setUp();
  counts.changed();
  await clock.advance(10_000);
  source.problem = { code: "network", message: "No answer came." };
  counts.changed();
  await settle();
  expect(counts.state.value).toBe(1);
  source.problem = null;
  await clock.advance(10_000);
  expect(source.asked).toEqual([0, 10, 20]);
  expect(counts.state.value).toBe(3);
});

test("a hidden page counts nothing again before it is looked at", async () => {
  const { counts, source, page, clock } = setUp();
  counts.changed();
  page.visible = false;
  counts.changed();
  await clock.advance(60_000);
  expect(source.asked).toEqual([0]);
});

test("what the reader does themselves is counted at once, and what they do meanwhile right after", async () => {
  const { counts, source, clock } = setUp();
  counts.changed();
  await clock.advance(3000);
  counts.acted();
  counts.acted();
  await settle();
  expect(source.asked).toEqual([0, 3, 3]);
  counts.changed();
  await clock.advance(60_000);
  expect(source.asked).toEqual([0, 3, 3, 13]);
});

test("what is told of the numbers shows at once, and what the server counts after that is what counts", async () => {
  const { counts, source, clock } = setUp();
  counts.changed();
  await clock.advance(5000);
  counts.told((counted) => counted + 40);
  expect(counts.state.value).toBe(41);
  expect(source.asked).toEqual([0]);
  await clock.advance(5000);
  expect(source.asked).toEqual([0, 10]);
  expect(counts.state.value).toBe(2);
});

test("what is told while it is counted may be in the count or not, so it is counted again soon", async () => {
  const { counts, source, clock } = setUp();
  counts.changed();
  counts.told((counted) => counted + 40);
  await clock.advance(60_000);
  expect(source.asked).toEqual([0, 3]);
  counts.changed();
  await clock.advance(900);
  counts.told((counted) => counted + 40);
  await clock.advance(60_000);
  expect(source.asked).toEqual([0, 3, 60, 63]);
  expect(counts.state.value).toBe(4);
});

test("where the numbers are in doubt they are counted every three seconds at most", async () => {
  const { counts, source, clock } = setUp();
  for (let change = 0; change < 100; change++) {
    counts.doubted();
    await clock.advance(90);
  }
  await clock.advance(60_000);
  expect(source.asked).toEqual([0, 3, 6, 9]);
});

test("a doubt that comes late in the rest between two counts ends it", async () => {
  const { counts, source, clock } = setUp();
  counts.changed();
  await clock.advance(2000);
  counts.changed();
  await clock.advance(2000);
  counts.doubted();
  await clock.advance(60_000);
  expect(source.asked).toEqual([0, 4]);
});
