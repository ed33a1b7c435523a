import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Subscriber, Subscription } from "../../../gateway/log/subscriber.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { addEvent, DEMO_ORG, makeEventKey } from "../../support/event_readers.ts";
import { startTestGateway, type TestGateway } from "../../support/gateway.ts";

const THINGS = `events.${DEMO_ORG}.test.thing.*.*`;
/** Between two looks of the gateway that is behind, in milliseconds: nothing else waits that long. */
const BEHIND_MS = 9_999;

let database: TestDatabase;
let fast: TestGateway;
let slow: TestGateway;
let key: string;
/** Ends the wait of the gateway that is behind; null while it looks. */
let look: (() => void) | null = null;
const { setTimeout } = globalThis;
beforeAll(async () => {
  globalThis.setTimeout = Object.assign((run: () => void, milliseconds?: number, ...given: unknown[]) => {
    if (milliseconds === BEHIND_MS) look = run;
    return setTimeout(run, milliseconds === BEHIND_MS ? 2 ** 31 - 1 : milliseconds, ...given);
  }, setTimeout);
  database = await createDatabase();
  key = await makeEventKey(database.sql);
  [fast, slow] = await Promise.all([
    startTestGateway({ databaseUrl: database.url, pollMs: 10 }),
    startTestGateway({ databaseUrl: database.url, pollMs: BEHIND_MS }),
  ]);
});
function lookNow(): void {
  const run = look;
  look = null;
  run?.();
}
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await Promise.all([fast.stop(), slow.stop()]);
  await database.drop();
  globalThis.setTimeout = setTimeout;
});

const idsOf = (frames: { topic?: string }[]) => frames.map(({ topic }) => topic?.split(".").at(-1));

describe("whoever comes from a gateway that is ahead", () => {
  /** Hears an event at the one that is ahead, and goes on at the other, which has yet to read it. */
  async function hop(name: string) {
    const first = await fast.connect(key);
    await first.ask({ type: "subscribe", topic: THINGS });
    await expect.poll(() => look, { interval: 5 }).not.toBeNull();
    await addEvent(database.sql, name);
    await expect.poll(() => idsOf(first.events()), { interval: 5 }).toEqual([name]);
    const since = first.events().at(-1)?.cursor;
    const second = await slow.connect(key);
    await second.ask({ type: "subscribe", topic: THINGS, since });
    // Its own cursor would be behind theirs: whoever went on from there would get the event again.
    await second.ask({ type: "ping" });
    expect(second.frames.map(({ type, cursor }) => ({ type, cursor })))
      .toEqual([{ type: "subscribed" }, { type: "pong" }]);
    await addEvent(database.sql, `${name}-after`);
    lookNow();
    await expect.poll(() => idsOf(second.events())).toContain(`${name}-after`);
    for (const each of [first, second]) each.drop();
    return idsOf(second.events());
  }

  it("gets nothing twice", async () => {
    expect(await hop("ahead")).toEqual(["ahead-after"]);
  });

  it("would get it twice if what they have read were not left out", async () => {
    vi.spyOn(Subscription.prototype, "wants").mockImplementation(function (this: Subscription, row) {
      return this.hears(row);
    });
    expect(await hop("double")).toEqual(["double", "double-after"]);
  });
});

describe("what happens while somebody catches up", () => {
  /** Held where nobody shall find yet what they have missed. */
  const LOCK = 7;

  beforeAll(async () => {
    await database.sql.unsafe(`
      alter function heddle_api.events_until rename to events_until_at_once;
      create function heddle_api.events_until(p_since text, p_until text, p_after bigint, p_wanted jsonb, p_limit integer)
      returns jsonb language plpgsql security definer set search_path = '' as $$
      begin
        perform pg_advisory_xact_lock_shared(${LOCK});
        return heddle_api.events_until_at_once(p_since, p_until, p_after, p_wanted, p_limit);
      end $$;`);
  });

  /** Resolves while the database looks for what somebody has missed. */
  const isReading = () =>
    expect.poll(() =>
      database.sql`
        select from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`, {
      interval: 5,
    }).toHaveLength(1);

  /** While the database looks for what somebody has missed: writes more of the same, until the gateway has read that. */
  async function writeMeanwhile(missing: () => void, name: string): Promise<void> {
    await database.sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${LOCK})`;
      missing();
      await isReading();
      await addEvent(database.sql, name, 2);
      // The read that is under way may have begun before.
      const reads = (fast.counts().reads ?? 0) + 1;
      await expect.poll(() => fast.counts().reads, { interval: 5 }).toBeGreaterThan(reads);
    });
  }

  /** Goes on where something was missed, while more of the same resource comes. */
  async function catchUp(name: string) {
    const first = await fast.connect(key);
    const { cursor: since } = await first.ask({ type: "subscribe", topic: THINGS });
    await addEvent(database.sql, name, 1);
    await expect.poll(() => first.events().length, { interval: 5 }).toBe(1);
    const second = await fast.connect(key);
    await writeMeanwhile(() => second.send({ type: "subscribe", topic: THINGS, since }), name);
    await expect.poll(() => second.events().length, { interval: 5 }).toBe(2);
    for (const each of [first, second]) each.drop();
    return second.events().map(({ data }) => data?.n);
  }

  it("comes after it", async () => {
    expect(await catchUp("held")).toEqual([1, 2]);
  });

  it("comes not at all if what was before it could not be read, so that its cursor does not hide that", async () => {
    const first = await fast.connect(key);
    const { cursor: since } = await first.ask({ type: "subscribe", topic: THINGS });
    await addEvent(database.sql, "unread", 1);
    await expect.poll(() => first.events().length, { interval: 5 }).toBe(1);
    await database.sql`alter function heddle_api.events_until_at_once rename to events_until_gone`;
    try {
      const second = await fast.connect(key);
      await writeMeanwhile(() => second.send({ type: "subscribe", topic: THINGS, since }), "unread");
      expect(await second.closed).toEqual({ code: 4503, reason: "unavailable" });
      expect(second.events()).toEqual([]);
      expect(second.frames.filter(({ cursor }) => cursor !== undefined)).toEqual([]);
    } finally {
      await database.sql`alter function heddle_api.events_until_gone rename to events_until_at_once`;
      first.drop();
    }
  });

  it("would come before it if it were not held", async () => {
    vi.spyOn(Subscriber.prototype, "hold").mockImplementation(() => undefined);
    expect(await catchUp("early")).toEqual([2, 1]);
  });
});
