import { describe, expect, it } from "vitest";
import {
  advice,
  type Check,
  countsOf,
  examine,
  failed,
  type Finding,
  OK,
  unchecked,
  worst,
} from "../../../cli/checks.ts";

interface Log {
  events: string[];
}

const because = ({ check, finding }: { check: { id: string }; finding: Finding }) =>
  `${check.id} is ${finding.status}`;
const how = { atOnce: Infinity, fix: "Correct that.", because };

function check(id: string, finding: Finding | Error, needs?: string[]): Check<Log> {
  return {
    id,
    title: `${id} holds`,
    needs,
    async run({ events }) {
      events.push(`${id} begins`);
      await Promise.resolve();
      events.push(`${id} ends`);
      if (finding instanceof Error) throw finding;
      return finding;
    },
  };
}

describe("an examination", () => {
  it("runs checks side by side and answers in their order", async () => {
    const log: Log = { events: [] };
    const verdicts = await examine([check("a", OK), check("b", failed("broken", "Mend it."))], log, how);
    expect(log.events).toEqual(["a begins", "b begins", "a ends", "b ends"]);
    expect(verdicts.map(({ check, finding }) => [check.id, finding.status])).toEqual([["a", "ok"], [
      "b",
      "failed",
    ]]);
  });

  it("runs no more of them at once than it may, and tells each verdict when it is known", async () => {
    const log: Log = { events: [] };
    const tell = ({ check }: { check: Check<Log> }) => void log.events.push(`${check.id} told`);
    await examine([check("a", OK), check("b", OK)], log, { ...how, atOnce: 1, tell });
    expect(log.events).toEqual(["a begins", "a ends", "a told", "b begins", "b ends", "b told"]);
  });

  it("leaves out what needs a check that did not succeed, and what needs that in turn", async () => {
    const log: Log = { events: [] };
    const checks = [
      check("a", failed("broken", "Mend it.")),
      check("b", OK, ["a"]),
      check("c", OK, ["b"]),
      check("d", OK),
      check("e", OK, ["d"]),
    ];
    const verdicts = await examine(checks, log, how);
    expect(verdicts.map(({ finding }) => finding)).toEqual([
      failed("broken", "Mend it."),
      unchecked("a is failed"),
      unchecked("b is unchecked"),
      OK,
      OK,
    ]);
    expect(log.events.filter((event) => event.endsWith("begins"))).toEqual([
      "a begins",
      "d begins",
      "e begins",
    ]);
  });

  it("counts a check that throws as failed", async () => {
    const [verdict] = await examine([check("a", new Error("no route"))], { events: [] }, how);
    expect(verdict?.finding).toEqual(failed("no route", "Correct that."));
  });

  it("counts verdicts by status", async () => {
    const checks = [check("a", OK), check("b", OK), check("c", advice("old", "Update it."))];
    expect(countsOf(await examine(checks, { events: [] }, how))).toEqual({
      ok: 2,
      failed: 0,
      advice: 1,
      unchecked: 0,
    });
  });
});

describe("of several findings about one thing", () => {
  it.each<[string, [Finding, ...Finding[]], Finding]>([
    ["a fault", [OK, failed("broken", "Mend it."), unchecked("no key")], failed("broken", "Mend it.")],
    ["what is known to hold", [unchecked("no database"), OK], OK],
    [
      "the last reason why nothing is known",
      [unchecked("no database"), unchecked("no key")],
      unchecked("no key"),
    ],
  ])("the worst is %s", (_, findings, expected) => expect(worst(...findings)).toEqual(expected));
});
