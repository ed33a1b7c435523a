import type { IncomingMessage, ServerResponse } from "node:http";
import { readEventsRequest } from "../../shared/api/events.ts";
import { readCursor } from "../../shared/cursors.ts";
import { HeddleError } from "../../shared/errors.ts";
import type { TopicFilter } from "../../shared/topics.ts";
import { type Database, Refusal } from "../database.ts";
import { join } from "../log/catch_up.ts";
import type { Hub } from "../log/hub.ts";
import { type Outlet, Subscriber, Subscription } from "../log/subscriber.ts";
import { addressHash, type AddressSetup } from "../readers/address.ts";
import type { Caller, Reader, Readers } from "../readers/reader.ts";
import type { Connections } from "../connections.ts";
import { MOST_OF_READER, type Tally } from "../limits.ts";
import { answerJson, tokenOf, urlOf } from "./answers.ts";
import { EventStream } from "./event_stream.ts";

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
    const isStream = /\btext\/event-stream\b/i.test(request.headers.accept ?? "");
    await understood(isStream ? stream(wanted, setup, response) : poll(wanted, setup, response));
  };
}

async function wantedBy(request: IncomingMessage, { readers, address }: EventsSetup): Promise<Wanted> {
  const { searchParams } = urlOf(request);
  const all = (name: string) => searchParams.getAll(name).filter((value) => value !== "");
  const one = (name: string) => all(name)[0];
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
    : await readers.takeTicket(ticket);
  if (!caller) throw new HeddleError("invalid_session", "Get another ticket.");
  const reader = await readers.reachOf(caller, from);
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
  const { hub, database, connections, tally } = setup;
  const { caller, reader, filters, since } = wanted;
  if (tally.of(reader.id) >= MOST_OF_READER) {
    throw new HeddleError("rate_limited", `A key has ${MOST_OF_READER} subscriptions at most.`, {
      headers: { "retry-after": "60" },
    });
  }
  const events = new EventStream({ caller, reader, response });
  const { subscriber } = events;
  hub.subscribers.add(subscriber);
  connections.add(events);
  tally.add(reader.id, 1);
  const leave = () => {
    if (subscriber.isGone) return;
    hub.leave(subscriber);
    connections.remove(events);
    tally.add(reader.id, -1);
  };
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
  const { hub, database } = setup;
  const { reader: { whole, agents }, filters, since, limit } = wanted;
  const until = performance.now() + (since === null ? 0 : wanted.wait * 1000);
  const bell = createBell(wanted, hub);
  response.on("close", bell.ring);
  try {
    for (let cursor = since;;) {
      const answer = await database.call("events_after", {
        p_since: cursor,
        p_wanted: { orgs: [...whole], agents: [...agents], topics: filters },
        p_limit: limit,
      }) as { events: unknown[]; cursor: string };
      const left = until - performance.now();
      if (answer.events.length > 0 || left <= 0 || response.destroyed) {
        return answerJson(response, 200, answer);
      }
      cursor = answer.cursor;
      await bell.rung(left);
    }
  } finally {
    bell.end();
  }
}

/** Rings when an event comes that is wanted; one that came before is not forgotten. */
function createBell({ reader, filters }: Wanted, hub: Hub) {
  let hasRung = false;
  let wake = () => {};
  const ring = () => {
    hasRung = true;
    wake();
  };
  const outlet: Outlet = {
    sendRow: ring,
    sendCursor: () => undefined,
    sendNow: () => undefined,
    drained: () => Promise.resolve(true),
    tooSlow: () => undefined,
  };
  const subscriber = new Subscriber(reader, outlet);
  hub.subscribers.add(subscriber);
  hub.watch(new Subscription({ name: "events", kind: "topic", filters, subscriber }));
  return {
    ring,
    /** Settles when it rings, or after so many milliseconds. */
    async rung(ms: number): Promise<void> {
      let timer: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, ms);
        if (hasRung) resolve();
      });
      clearTimeout(timer);
      hasRung = false;
    },
    end: () => hub.leave(subscriber),
  };
}
