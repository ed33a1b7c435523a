import { beforeEach, describe, expect, test } from "vitest";
import { createScope } from "../../../client/platform/scope.ts";
import { createRefetcher, type FetchOutcome } from "../../../client/sync/refetcher.ts";
import { FakeClock, settle } from "./support/clock.ts";
import { createSurroundings } from "./support/environment.ts";

let clock: FakeClock;
let starts: number[];
/** Of each start: whether nothing but one hint has caused it. */
let causedByOneHint: boolean[];
let finish: (outcome: FetchOutcome) => Promise<void>;
let fail: (error: unknown) => Promise<void>;

beforeEach(() => {
  starts = [];
  causedByOneHint = [];
});

function setUp(random = 0) {
  const { environment, page, warnings, ...surroundings } = createSurroundings(
    () => Promise.reject(new Error("A refetcher asks nobody itself.")),
    () => random,
  );
  clock = surroundings.clock;
  const began = clock.now();
  const scope = createScope(environment);
  const refetcher = createRefetcher(environment, scope, (_startedAt, oneHint) => {
    starts.push(clock.now() - began);
    causedByOneHint.push(oneHint);
    return new Promise((resolve, reject) => {
      finish = async (outcome) => {
        resolve(outcome);
        await settle();
      };
      fail = async (error) => {
        reject(error);
        await settle();
      };
    });
  });
  return { refetcher, scope, page, warnings };
}

test("hints are acted on at once although the clock was put back meanwhile", async () => {
  const { refetcher } = setUp();
  for (let hint = 0; hint < 3; hint++) {
    refetcher.hint();
    await finish("changed");
    await clock.advance(300);
  }
  clock.time -= 3_600_000;
  refetcher.hint();
  expect(starts).toHaveLength(4);
});

test("a single hint is acted on at once", () => {
  const { refetcher } = setUp();
  refetcher.hint();
  expect(starts).toEqual([0]);
});

test("hints during a fetch start exactly one more when it ends", async () => {
  const { refetcher } = setUp();
  refetcher.hint();
  refetcher.hint();
  refetcher.hint();
  expect(starts).toHaveLength(1);

  await finish("changed");
  expect(starts).toHaveLength(2);

  await finish("changed");
  await clock.advance(10_000);
  expect(starts).toHaveLength(2);
});

test("somebody who only wants to see it is served by the fetch in flight", async () => {
  const { refetcher } = setUp();
  refetcher.ensure();
  refetcher.ensure();
  await finish("changed");
  expect(starts).toHaveLength(1);
});

test("a failed fetch does not keep the next hint from being acted on", async () => {
  const { refetcher } = setUp();
  refetcher.hint();
  await finish("failed");
  refetcher.hint();
  expect(starts).toHaveLength(2);
});

test("above three hints a second there is one refetch a second, and the last hint is not lost", async () => {
  const { refetcher } = setUp();
  for (let hints = 0; hints < 20; hints++) {
    refetcher.hint();
    await finish("changed");
    await clock.advance(100);
  }
  const during = starts.filter((time) => time < 2000);
  expect(during).toEqual([0, 100, 200, 1200]);

  await clock.advance(5000);
  expect(starts.filter((time) => time > 1900)).toEqual([2200]);
});

test("a refetch after a hint that changed nothing is followed by one more after 1.5 s, and by no third", async () => {
  const { refetcher } = setUp();
  refetcher.hint();
  await finish("unchanged");
  await clock.advance(1499);
  expect(starts).toHaveLength(1);

  await clock.advance(1);
  expect(starts).toEqual([0, 1500]);

  await finish("unchanged");
  await clock.advance(60_000);
  expect(starts).toHaveLength(2);
});

test("a refetch after a hint that changed something is not repeated", async () => {
  const { refetcher } = setUp();
  refetcher.hint();
  await finish("changed");
  await clock.advance(60_000);
  expect(starts).toHaveLength(1);
});

test("a second look is not taken when nobody hinted", async () => {
  const { refetcher } = setUp();
  refetcher.ensure();
  await finish("unchanged");
  await clock.advance(60_000);
  expect(starts).toHaveLength(1);
});

test("a hint during a fetch keeps its second look, whatever else asks for a fetch meanwhile", async () => {
  const { refetcher } = setUp();
  refetcher.ensure();
  refetcher.hint();
  refetcher.refetch();
  await finish("changed");
  await finish("unchanged");
  await clock.advance(1500);
  expect(starts).toEqual([0, 0, 1500]);
});

test("a new hint restarts the wait for the second look that an earlier one is owed", async () => {
  const { refetcher } = setUp();
  refetcher.hint();
  await finish("unchanged");
  await clock.advance(1000);
  refetcher.hint();
  await finish("changed");
  await clock.advance(1500);
  await finish("unchanged");
  await clock.advance(60_000);
  expect(starts).toEqual([0, 1000, 2500]);
});

test("a hint during a fetch that showed nothing new leaves both a second look", async () => {
  const { refetcher } = setUp();
  refetcher.hint();
  refetcher.hint();
  await finish("unchanged");
  await finish("changed");
  await clock.advance(60_000);
  expect(starts).toEqual([0, 0, 1500]);
});

test("a hint's second look is taken although something else asked for a fetch meanwhile", async () => {
  const { refetcher } = setUp();
  refetcher.hint();
  refetcher.refetch();
  await finish("unchanged");
  await finish("changed");
  await clock.advance(60_000);
  expect(starts).toEqual([0, 0, 1500]);
});

describe("a hint does not narrow down what is fetched", () => {
  test("when it comes alone, it does", () => {
    const { refetcher } = setUp();
    refetcher.hint();
    expect(causedByOneHint).toEqual([true]);
  });

  test("for another cause during a fetch", async () => {
    const { refetcher } = setUp();
    refetcher.ensure();
    refetcher.refetch();
    refetcher.hint();
    await finish("changed");
    expect(causedByOneHint).toEqual([false, false]);
  });

  test("for an earlier hint that is owed a second look", async () => {
    const { refetcher } = setUp();
    refetcher.hint();
    await finish("unchanged");
    await clock.advance(1000);
    refetcher.hint();
    expect(causedByOneHint).toEqual([true, false]);
  });

  test.each(["hint", "refetch"] as const)("for a %s whose fetch failed", async (cause) => {
    const { refetcher } = setUp();
    refetcher[cause]();
    await finish("failed");
    refetcher.hint();
    expect(causedByOneHint.at(-1)).toBe(false);
  });

  test("any longer than until everything was fetched", async () => {
    const { refetcher } = setUp();
    refetcher.refetch();
    await finish("changed");
    refetcher.hint();
    expect(causedByOneHint).toEqual([false, true]);
  });
});

test("the first subscription refetches at once", () => {
  const { refetcher } = setUp(0.5);
  refetcher.subscribed(false);
  expect(starts).toEqual([0]);
});

test("a subscription after a reconnect refetches within three seconds of jitter", async () => {
  const { refetcher } = setUp(0.5);
  refetcher.subscribed(true);
  await clock.advance(1499);
  expect(starts).toEqual([]);
  await clock.advance(1);
  expect(starts).toEqual([1500]);
});

test("the jitter of a reconnect is not waited for by a hint", () => {
  const { refetcher } = setUp(0.5);
  refetcher.subscribed(true);
  refetcher.hint();
  expect(starts).toEqual([0]);
});

test("nothing starts after the end of the scope", async () => {
  const { refetcher, scope } = setUp(0.5);
  refetcher.hint();
  refetcher.hint();
  refetcher.subscribed(true);
  scope.end();
  await finish("unchanged");
  await clock.advance(60_000);
  expect(starts).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

test("what could not be fetched is fetched again by itself, from every 10 s to every 60 s", async () => {
  const { refetcher } = setUp();
  refetcher.hint();
  for (const delay of [10, 20, 40, 45, 45]) {
    await finish("failed");
    const before = starts.length;
    await clock.advance(delay * 1000 - 1);
    expect(starts).toHaveLength(before);
    await clock.advance(1);
    expect(starts).toHaveLength(before + 1);
  }

  await finish("changed");
  await clock.advance(120_000);
  expect(starts).toHaveLength(6);
});

test("what was refused is not asked for again", async () => {
  const { refetcher } = setUp();
  refetcher.hint();
  await finish("refused");
  await clock.advance(120_000);
  expect(starts).toHaveLength(1);
});

test("a hidden page does not try again", async () => {
  const { refetcher, page } = setUp();
  refetcher.hint();
  await finish("failed");
  page.visible = false;
  await clock.advance(120_000);
  expect(starts).toHaveLength(1);
});

test("a fetch that throws has failed: the next hint is acted on, and it is repeated by itself", async () => {
  const { refetcher } = setUp();
  refetcher.hint();
  await fail(new TypeError("rows is not iterable"));
  refetcher.hint();
  expect(starts).toEqual([0, 0]);

  await fail(new TypeError("rows is not iterable"));
  await clock.advance(20_000);
  expect(starts).toEqual([0, 0, 20_000]);
});

test("the console shows what was thrown, once until a fetch succeeds", async () => {
  const { refetcher, warnings } = setUp();
  const failOnce = async () => {
    refetcher.refetch();
    await fail(new TypeError("rows is not iterable"));
  };
  await failOnce();
  await failOnce();
  expect(warnings).toEqual(["A fetch failed. TypeError: rows is not iterable"]);

  refetcher.refetch();
  await finish("changed");
  await failOnce();
  expect(warnings).toHaveLength(2);
});
