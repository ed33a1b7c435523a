import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Subscriber, Subscription } from "../../../gateway/log/subscriber.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { addEvent, DEMO_ORG, makeEventKey } from "../../support/event_readers.ts";
import { startTestGateway, type TestGateway } from "../../support/gateway.ts";

const THINGS = `events.${DEMO_ORG}.test.thing.*.*`;
/** Between two looks of a gateway that is behind, in milliseconds. */
const SLOW = 1_500;

let database: TestDatabase;
let fast: TestGateway;
let slow: TestGateway;
let key: string;
beforeAll(async () => {
  database = await createDatabase();
  key = await makeEventKey(database.sql);
  [fast, slow] = await Promise.all([
    startTestGateway({ databaseUrl: database.url, pollMs: 10 }),
    startTestGateway({ databaseUrl: database.url, pollMs: SLOW }),
  ]);
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await Promise.all([fast.stop(), slow.stop()]);
  await database.drop();
});

const idsOf = (frames: { topic?: string }[]) => frames.map(({ topic }) => topic?.split(".").at(-1));

describe("whoever comes from a gateway that is ahead", () => {
  /** Hears an event at the one that is ahead, and goes on at the other, which has yet to read it. */
  async function hop(name: string) {
    const first = await fast.connect(key);
    await first.ask({ type: "subscribe", topic: THINGS });
    const reads = slow.counts().reads ?? 0;
    await expect.poll(() => slow.counts().reads, { interval: 5 }).toBeGreaterThan(reads);
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
  beforeAll(async () => {
    await database.sql.unsafe(`
      alter function heddle_api.events_until rename to events_until_at_once;
      create function heddle_api.events_until(p_since text, p_until text, p_after bigint, p_wanted jsonb, p_limit integer)
      returns jsonb language plpgsql security definer set search_path = '' as $$
      begin
        perform pg_sleep(0.4);
        return heddle_api.events_until_at_once(p_since, p_until, p_after, p_wanted, p_limit);
      end $$;`);
  });

  /** Resolves while the database looks for what somebody has missed. */
  const isReading = () =>
    expect.poll(() =>
      database.sql`
        select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`, {
      interval: 5,
    }).toHaveLength(1);

  /** Goes on where something was missed, while more of the same resource comes. */
  async function catchUp(name: string) {
    const first = await fast.connect(key);
    const { cursor: since } = await first.ask({ type: "subscribe", topic: THINGS });
    await addEvent(database.sql, name, 1);
    await expect.poll(() => first.events().length, { interval: 5 }).toBe(1);
    const second = await fast.connect(key);
    second.send({ type: "subscribe", topic: THINGS, since });
    await isReading();
    await addEvent(database.sql, name, 2);
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
      second.send({ type: "subscribe", topic: THINGS, since });
      await isReading();
      await addEvent(database.sql, "unread", 2);
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
