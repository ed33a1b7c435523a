import { beforeEach, expect, test } from "vitest";
import { createScope } from "../../../client/platform/scope.ts";
import { createQuietCheck, createSequence, type Sequence } from "../../../client/sync/sequence.ts";
import { createSurroundings } from "./support/environment.ts";

let order: number;
let applied: string[];
let gaps: number;
let sequence: Sequence<string>;

beforeEach(() => {
  order = 0;
  applied = [];
  gaps = 0;
  sequence = createSequence<string>({
    environment: { nextInOrder: () => ++order },
    apply: (change) => void applied.push(change),
    onGap: () => void gaps++,
  });
});

const hear = (...numbers: number[]) => numbers.forEach((number) => sequence.receive(number, [`${number}`]));
const fetchFrom = () => ++order;

test("the next change is applied, and an older one dropped", () => {
  sequence.reached(4, fetchFrom());
  hear(5, 5, 3, 6);
  expect(applied).toEqual(["5", "6"]);
  expect(gaps).toBe(0);
});

test("what has one number is applied together", () => {
  sequence.reached(4, fetchFrom());
  sequence.receive(5, ["status", "message"]);
  expect(applied).toEqual(["status", "message"]);
});

test("a change beyond the next one waits until a fetch has brought what is between", () => {
  sequence.reached(4, fetchFrom());
  hear(7);
  expect([applied, gaps, sequence.isBehind]).toEqual([[], 1, true]);
  sequence.reached(6, fetchFrom());
  expect([applied, sequence.last, sequence.isBehind]).toEqual([["7"], 7, false]);
});

test("it also goes on when what is between is only late", () => {
  sequence.reached(4, fetchFrom());
  hear(7, 6, 5);
  expect(applied).toEqual(["5", "6", "7"]);
});

test("before the first page everything waits, and nothing is missing", () => {
  hear(3, 4, 5);
  expect([applied, gaps]).toEqual([[], 0]);
  sequence.reached(4, fetchFrom());
  expect(applied).toEqual(["5"]);
});

test("after a loss even the next change waits for a fetch that starts later", () => {
  sequence.reached(4, fetchFrom());
  const early = fetchFrom();
  sequence.hold();
  hear(5);
  sequence.reached(4, early);
  expect([applied, gaps]).toEqual([[], 0]);
  sequence.reached(4, fetchFrom());
  expect(applied).toEqual(["5"]);
});

test("more than it can hold is missing until a fetch brings it", () => {
  sequence.reached(0, fetchFrom());
  for (let number = 2; number < 400; number++) hear(number);
  sequence.reached(100, fetchFrom());
  expect(sequence.isBehind).toBe(true);
  sequence.reached(399, fetchFrom());
  expect(sequence.isBehind).toBe(false);
});

test("a restart waits for a page, whatever its number", () => {
  sequence.reached(400, fetchFrom());
  sequence.restart();
  expect(sequence.last).toBe(null);
  sequence.reached(3, fetchFrom());
  hear(4);
  expect(applied).toEqual(["4"]);
});

function watchQuiet() {
  const { environment, page, clock } = createSurroundings(() => Promise.reject(new Error("nobody is asked")));
  const began = clock.now();
  const asked: number[] = [];
  const quiet = createQuietCheck({
    environment,
    scope: createScope(environment),
    ask: () => void asked.push((clock.now() - began) / 1000),
  });
  return { quiet, asked, page, clock };
}

test("where nothing is heard it asks every 100 s for ten minutes, then ever more rarely", async () => {
  const { asked, clock } = watchQuiet();
  await clock.advance(3600_000);
  expect(asked).toEqual([100, 200, 300, 400, 500, 600, 800, 1200, 1800, 2400, 3000, 3600]);
});

test("what is heard puts it off, and use makes it frequent again", async () => {
  const { quiet, asked, clock } = watchQuiet();
  await clock.advance(50_000);
  quiet.heard();
  await clock.advance(99_000);
  expect(asked).toEqual([]);
  await clock.advance(1351_000);
  quiet.used();
  asked.length = 0;
  await clock.advance(250_000);
  expect(asked).toEqual([1600, 1700]);
});

test("a hidden page asks nothing", async () => {
  const { asked, page, clock } = watchQuiet();
  page.visible = false;
  await clock.advance(3600_000);
  expect(asked).toEqual([]);
});
