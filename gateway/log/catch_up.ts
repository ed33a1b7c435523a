import * as z from "zod";
import { type Cursor, hasRead } from "../../shared/cursors.ts";
import { type Database, Refusal } from "../database.ts";
import type { Hub, HubPosition } from "./hub.ts";
import { loggedRows, LogRow } from "./row.ts";
import type { Subscriber, Subscription } from "./subscriber.ts";

const PAGE_ROWS = 1_000;

const pageAnswer = z.object({ events: loggedRows, last: z.number().nullable(), isWhole: z.boolean() });

export interface JoinSetup {
  hub: Hub;
  database: Database;
  subscriber: Subscriber;
  subscriptions: Subscription[];
  /** Where they go on; `null`: from now on. */
  since: { text: string; cursor: Cursor } | null;
  /** They hear of everything from here on; what came between `since` and this position follows. */
  onJoined(position: HubPosition): void;
}

/**
 * Joins somebody live to what came since their cursor. They are in the trie from the position on that the backlog is read to, and
 * what happens meanwhile is held. Throws the database's refusal of the cursor; the subscriptions are gone then.
 */
export async function join(setup: JoinSetup): Promise<void> {
  const { hub, subscriber, subscriptions, since, onJoined } = setup;
  const position = await hub.position();
  if (subscriber.isGone) return;
  if (since) subscriber.hold();
  hub.add(subscriptions, position, since?.cursor ?? null);
  if (!since) return onJoined(position);
  try {
    await sendBacklog({ ...setup, since }, position);
    await subscriber.release();
    if (!subscriber.isGone) hub.settle(subscriber, position);
  } catch (error) {
    for (const subscription of subscriptions) hub.remove(subscription);
    if (!(error instanceof Refusal)) subscriber.break();
    await subscriber.release();
    if (!subscriber.isGone) hub.settle(subscriber, null);
    throw error;
  }
}

async function sendBacklog(
  { database, subscriber, subscriptions, since, onJoined }: JoinSetup & {
    since: NonNullable<JoinSetup["since"]>;
  },
  position: HubPosition,
): Promise<void> {
  const { reader } = subscriber;
  const wanted = {
    orgs: [...reader.whole],
    agents: [...reader.agents],
    topics: subscriptions.flatMap(({ filters }) => filters),
  };
  const others = [...subscriber.subscriptions.values()].filter((each) => !subscriptions.includes(each));
  const read = async (after: number | null) =>
    pageAnswer.parse(
      await database.call("events_until", {
        p_since: since.text,
        p_until: position.snapshotText,
        p_after: after,
        p_wanted: wanted,
        p_limit: PAGE_ROWS,
      }),
    );
  let page = await read(null);
  if (subscriber.isGone) return;
  onJoined(position);
  for (;;) {
    // The database makes the next one while this one is sent.
    const next = page.isWhole ? null : read(page.last);
    next?.catch(() => undefined); // whoever awaits it sees the rejection
    for (const row of page.events.map((each) => new LogRow(each))) {
      const isTheirs = !hasRead(since.cursor, row) && subscriptions.some((each) => each.matches(row));
      if (isTheirs && !others.some((each) => each.hasTold(row))) subscriber.send(row);
    }
    if (!next || !await subscriber.outlet.drained()) return;
    page = await next;
    if (subscriber.isGone) return;
  }
}
