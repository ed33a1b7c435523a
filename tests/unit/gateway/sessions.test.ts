import { afterEach, beforeEach, expect, it } from "vitest";
import { type Connection, Connections } from "../../../gateway/connections.ts";
import { Subscriber } from "../../../gateway/log/subscriber.ts";

const READER = { id: "key", whole: new Set<string>(), agents: new Set<string>() };
let now = 1_000;
let told: [string, number][];
let connections: Connections;

beforeEach(() => {
  told = [];
  connections = new Connections({
    readers: {} as never,
    cursor: () => null,
    presence: { come: () => undefined, go: () => undefined },
    onSession: (name, since) => told.push([name, since]),
    now: () => now,
    log: () => undefined,
  });
});
afterEach(() => connections.stop());

/** A connection that came at a time, and what it was ended with. */
function come(at: number): string[] {
  const ended: string[] = [];
  now = at;
  connections.add({
    id: String(at),
    caller: { userId: null },
    session: "one",
    subscriber: new Subscriber(READER as never, {} as never),
    member: null,
    end: (code: string) => ended.push(code),
  } as unknown as Connection);
  return ended;
}

it("a session is its newest connection's, here and at another gateway", () => {
  const first = come(1_000);
  const second = come(2_000);
  expect(first).toEqual(["replaced"]);
  expect(told).toEqual([["key one", 1_000], ["key one", 2_000]]);
  connections.replace("key one", 3_000);
  expect(second).toEqual(["replaced"]);
});

it("what another gateway tells late of an older connection of a session ends nobody", () => {
  const ended = come(2_000);
  connections.replace("key one", 1_990);
  expect(ended).toEqual([]);
});
