import type { IncomingMessage, ServerResponse } from "node:http";
import { readEventsRequest } from "../../shared/api/events.ts";
import { readCursor } from "../../shared/cursors.ts";
import { givenTwice, HeddleError } from "../../shared/errors.ts";
import type { TopicFilter } from "../../shared/topics.ts";
import { type Database, Refusal } from "../database.ts";
import { join } from "../log/catch_up.ts";
import type { Hub } from "../log/hub.ts";
import { Subscription } from "../log/subscriber.ts";
import { addressHash, type AddressSetup } from "../readers/address.ts";
import type { Caller, Reader, Readers } from "../readers/reader.ts";
import type { Connection, Connections } from "../connections.ts";
import { MOST_OF_READER, type Tally } from "../limits.ts";
import { tokenOf, urlOf } from "./answers.ts";
import { EventStream } from "./event_stream.ts";
import { answerNow, Poll } from "./poll.ts";

export interface EventsSetup {
  hub: Hub;
  database: Database;
  readers: Readers;
  connections: Connections;
  /** Subscriptions by reader. */
  tally: Tally;
  address: AddressSetup;
}

interface Wanted {
  caller: Caller;
  reader: Reader;
  filters: TopicFilter[];
  since: string | null;
  /** Seconds. */
  wait: number;
  limit: number;
}

/**
 * GET /v1/events?channel=&topic=&since=&wait=&limit=    bearer token, or ?ticket=
 *
 * With `Accept: text/event-stream` events as they come (`Last-Event-ID` goes before `since`), else one answer
 * { events, cursor }, at once or as soon as there is something within `wait` seconds. Without channels and topics: all.
 */
export function createEventsRoute(setup: EventsSetup) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const wanted = await wantedBy(request, setup);
    // Who has gone meanwhile would never go again.
    if (response.destroyed) return;
    const isStream = request.method === "GET" && /\btext\/event-stream\b/i.test(request.headers.accept ?? "");
    await understood(isStream ? stream(wanted, setup, response) : poll(wanted, setup, response));
  };
}

async function wantedBy(
  request: IncomingMessage,
  { readers, connections, address }: EventsSetup,
): Promise<Wanted> {
  const { searchParams } = urlOf(request);
  const all = (name: string) => searchParams.getAll(name).filter((value) => value !== "");
  const one = (name: string) => {
    const [value, second] = all(name);
    if (second !== undefined) throw givenTwice(name);
    return value;
  };
  const read = readEventsRequest.safeParse({
    since: request.headers["last-event-id"] || one("since"),
    wait: one("wait"),
    limit: one("limit"),
    channel: all("channel"),
    topic: all("topic"),
  });
  const ticket = one("ticket");
  const from = addressHash(request, address);
  const caller = ticket === undefined
    ? await readers.callerOf(tokenOf(request), from)
    : await readers.takeTicket(ticket, from);
  const reader = await readers.reachOf(caller, from);
  connections.demandRoom(caller, reader);
  if (!read.success) {
    const issues = read.error.issues.map(({ path, message }) => ({
      path: path.map(String).join("."),
      message,
    }));
    throw new HeddleError("invalid_request", "The request must follow the schema of this endpoint.", {
      issues,
    });
  }
  const { since = null, wait, limit, channel, topic } = read.data;
  const filters = [...channel, ...topic].flat();
  if (filters.some(({ orgId }) => orgId !== undefined && !reader.orgs.has(orgId))) {
    throw new HeddleError("forbidden", "Topics must be of your own organisation.");
  }
  return { caller, reader, filters: filters.length > 0 ? filters : [{}], since, wait, limit };
}

/** What the database refuses, as the caller may see it. */
async function understood(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    throw new HeddleError(cause.code === "PT410" ? "cursor_expired" : "invalid_request", cause.message, {
      cause,
    });
  }
}

async function stream(wanted: Wanted, setup: EventsSetup, response: ServerResponse): Promise<void> {
  const { hub, database } = setup;
  const { caller, reader, filters, since } = wanted;
  const events = new EventStream({ caller, reader, response });
  const { subscriber } = events;
  const leave = enter(events, setup);
  response.on("close", leave);
  const subscriptions = [new Subscription({ name: "events", kind: "topic", filters, subscriber })];
  await join({
    hub,
    database,
    subscriber,
    subscriptions,
    since: since === null ? null : { text: since, cursor: cursorOf(since) },
    // Where nothing was said of where to begin, it is known now where to go on.
    onJoined: ({ cursor }) => events.begin(since === null ? cursor : null),
  }).catch((error) => {
    leave();
    throw error;
  });
}

function cursorOf(text: string) {
  try {
    return readCursor(text);
  } catch (cause) {
    throw new HeddleError("invalid_request", "since must be a cursor that was answered.", { cause });
  }
}

async function poll(wanted: Wanted, setup: EventsSetup, response: ServerResponse): Promise<void> {
  const { since, wait } = wanted;
  if (since === null || wait === 0) return await answerNow(wanted, setup.database, response);
  const waiting = new Poll(wanted, setup, response);
  const leave = enter(waiting, setup);
  try {
    await waiting.answer(wait);
  } finally {
    leave();
  }
}

/**
 * Counts somebody who stays among the connections; answers with what takes them out again. Throws `rate_limited` and
 * `too_many_connections`.
 */
function enter(connection: Connection, { hub, connections, tally }: EventsSetup): () => void {
  const { subscriber } = connection;
  const { id } = subscriber.reader;
  try {
    demandSubscription(tally, id);
    connections.add(connection);
  } catch (error) {
    hub.leave(subscriber);
    throw error;
  }
  hub.subscribers.add(subscriber);
  tally.add(id, 1);
  return () => {
    if (subscriber.isGone) return;
    hub.leave(subscriber);
    connections.remove(connection);
    tally.add(id, -1);
  };
}

function demandSubscription(tally: Tally, id: string): void {
  if (tally.of(id) < MOST_OF_READER) return;
  throw new HeddleError("rate_limited", `A key has ${MOST_OF_READER} subscriptions at most.`, {
    headers: { "retry-after": "60" },
  });
}
