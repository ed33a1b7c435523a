import { eventsOf } from "../../shared/events.ts";
import { isVisible, readCursor } from "../../shared/cursors.ts";
import { type Envelope, isObject } from "../../shared/envelope.ts";
import { readTopic, type TopicFilter } from "../../shared/topics.ts";
import type { Problem, Result } from "../http/problem.ts";
import { backoff } from "../platform/delays.ts";
import type { Scope } from "../platform/scope.ts";
import { type Connection, type ConnectionSetup, createConnection } from "../realtime/connection.ts";
import { concerns, type PassingEvent, readPassing } from "./passing.ts";
import type { Position } from "./position.ts";

/** Seconds that a function waits for an event while nothing is heard live. */
const LONGEST_WAIT = 25;
/** So many events heard live make the cursor worth moving. */
const MANY = 500;
/** Of those handled last. More may not come again: a cursor names what was open when it was made. */
const MOST_KNOWN = 4 * MANY;

/** An event as the log tells it. */
export interface LoggedEvent extends Envelope {
  topic: string;
  /** Who did it. */
  actor?: string;
}

/** What `events` answers. */
export interface EventPage {
  events: LoggedEvent[];
  cursor: string;
  live?: { channels: string[]; key: string };
  /** On these is also told what is not kept. */
  teams?: { channels: { name: string; orgId: string }[]; key: string };
}

export interface EventStreamSetup {
  environment: ConnectionSetup["environment"];
  scope: Scope;
  /** Of the project; ends in `/realtime/v1`. */
  realtimeUrl: string;
  /** What to hear of; none: everything. */
  filters: readonly TopicFilter[];
  since: Position | null;
  /** `cursor`: `null` for the cursor of now. `wait` in seconds. */
  fetchPage(cursor: string | null, wait: number, signal: AbortSignal): Promise<Result<EventPage>>;
  onEvent(event: LoggedEvent): void;
  /** Without it nothing is listened to for its sake. */
  onPassing?(event: PassingEvent): void;
  /** After `cursor_expired` it goes on with what happens from now on; other problems are tried again. */
  onProblem(problem: Problem): void;
}

interface LiveEvent {
  xid: number;
  event: LoggedEvent;
}

/** Reads the log from a position on, and hears it live where the project sends it. Returns where it stands. */
export function createEventStream(setup: EventStreamSetup): () => Position | null {
  const { environment, scope, filters, fetchPage, onProblem } = setup;
  const ledger = createLedger(setup);
  const channels = createChannels(setup, () => catchUp());
  let isComplete = false;
  /** Something may have been missed: what is heard waits until the log was read. `null`: nothing was. */
  let held: LiveEvent[] | null = [];
  let reading: Scope | null = null;
  let wake = () => {};

  const connection: Connection = createConnection({
    environment,
    scope,
    url: setup.realtimeUrl,
    key: channels.key,
    prepare: () => null,
    events: {
      onJoined: (topic) => channels.has(topic) || catchUp(),
      onEvent: (topic, envelope) =>
        channels.has(topic) ? channels.receive(topic, envelope) : receive(envelope && readLive(envelope)),
      onRefused: catchUp,
      onComplete(complete) {
        isComplete = complete && channels.hearLog();
        catchUp();
      },
    },
  });

  function catchUp() {
    held ??= [];
    // One that began before says nothing of what came until now.
    reading?.end();
    wake();
  }

  /** `null`: something has happened. */
  function receive(live: LiveEvent | null) {
    if (!live) return catchUp();
    if (held) return void held.push(live);
    if (!ledger.has(live) && matches(live.event.topic, filters)) ledger.handle(live.event);
    if (ledger.isLong()) catchUp();
  }

  /** False if it failed, and is to be tried again later. */
  async function readOnce(): Promise<boolean> {
    const child = scope.child();
    reading = child;
    const cursor = ledger.cursor();
    const answer = await fetchPage(cursor, isComplete || cursor === null ? 0 : LONGEST_WAIT, child.signal);
    reading = null;
    if (child.ended) return true;
    child.end();
    if (!answer.ok) {
      if (answer.problem.code === "cursor_expired") ledger.forget();
      onProblem(answer.problem);
      return false;
    }
    ledger.take(answer.value.events, answer.value.cursor);
    connection.want(channels.take(answer.value));
    if (isComplete && readCursor(answer.value.cursor).page === null) await rest();
    return true;
  }

  /** Everything was read: goes on with what is heard, until something may have been missed. */
  async function rest() {
    const woken = new Promise<void>((resolve) => wake = resolve);
    const waiting = held ?? [];
    held = null;
    for (const live of waiting) receive(live);
    await woken;
  }

  scope.onEnd(() => {
    connection.want([]);
    wake();
  });
  void repeat(readOnce, { environment, scope, onWait: (end) => wake = end });
  return ledger.position;
}

/**
 * What is listened to: the log, where the project sends it, and where the teams that somebody is in hear what is not kept, if
 * anybody wants to. `onMoved`: a team's channel has another name now.
 */
function createChannels(
  { filters, scope, onPassing }: Pick<EventStreamSetup, "filters" | "scope" | "onPassing">,
  onMoved: () => void,
) {
  let page: Pick<EventPage, "live" | "teams"> = {};
  let organisations = new Map<string, string>();

  return {
    /** To connect with. */
    key: () => page.live?.key ?? page.teams?.key ?? "",
    hearLog: () => page.live !== undefined,
    /** Whether a channel is a team's, and not the log's. */
    has: (channel: string) => organisations.has(channel),
    /** The names to listen to from now on. */
    take(next: Pick<EventPage, "live" | "teams">): string[] {
      page = next;
      const channels = onPassing && next.teams?.channels || [];
      organisations = new Map(channels.map(({ name, orgId }) => [name, orgId]));
      return [...next.live?.channels ?? [], ...organisations.keys()];
    },
    receive(channel: string, envelope: Envelope | null) {
      const events = envelope ? eventsOf(envelope) : [];
      for (const event of events) {
        const passing = readPassing(event);
        const isWanted = passing && concerns(passing, organisations.get(channel) ?? "", filters);
        if (isWanted && onPassing && !scope.ended) callHandler(onPassing, passing);
      }
      if (events.some(({ type }) => type === "inbox:moved")) onMoved();
    },
  };
}

/** The platform reports what it throws, as for any other handler; the next event has its turn. */
export function callHandler<Event>(handler: (event: Event) => void, event: Event): void {
  try {
    handler(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

interface RepeatSetup extends Pick<EventStreamSetup, "environment" | "scope"> {
  /** Until the next try; `end` has it come now. */
  onWait(end: () => void): void;
}

/** Until the scope ends; later and later while it fails. */
export async function repeat(work: () => Promise<boolean>, { environment, scope, onWait }: RepeatSetup) {
  let attempt = 0;
  while (!scope.ended) {
    if (await work()) {
      attempt = 0;
      continue;
    }
    await new Promise<void>((resolve) => {
      onWait(resolve);
      scope.after(backoff(attempt++, environment.random), resolve);
    });
  }
}

/** What was handled, and up to where. */
export function createLedger(
  { since, scope, onEvent }: Pick<EventStreamSetup, "since" | "scope" | "onEvent">,
) {
  const known = new Set(since?.ids);
  let cursor = since?.cursor ?? null;
  let sinceCursor = [...since?.ids ?? []];

  function handle(event: LoggedEvent) {
    if (known.has(event.id) || scope.ended) return;
    known.add(event.id);
    // Before it is handled: whoever asks meanwhile where they stand has it.
    sinceCursor.push(event.id);
    for (const id of known) {
      if (known.size <= MOST_KNOWN) break;
      known.delete(id);
    }
    callHandler(onEvent, event);
  }

  return {
    handle,
    cursor: () => cursor,
    /** Whether a read up to the cursor held it. */
    has: ({ xid }: LiveEvent) => cursor !== null && isVisible(xid, readCursor(cursor).snapshot),
    /** So many were handled that the cursor is worth moving. */
    isLong: () => sinceCursor.length >= MANY,
    take(events: LoggedEvent[], next: string) {
      for (const event of events) handle(event);
      cursor = next;
      sinceCursor = [];
    },
    /** Goes on from now. */
    forget() {
      cursor = null;
      sinceCursor = [];
    },
    position: (): Position | null => cursor === null ? null : { cursor, ids: [...sinceCursor] },
  };
}

/** What a broadcast of the log tells; `null` for any other: something has happened. */
function readLive({ type, data }: Envelope): LiveEvent | null {
  const { xid, event } = data;
  if (type !== "logged" || !isObject(event) || typeof event.topic !== "string") return null;
  return { xid: Number(xid), event: event as unknown as LoggedEvent };
}

/** Whether a topic is one of those that any filter lets through. */
function matches(topic: string, filters: readonly TopicFilter[]): boolean {
  if (filters.length === 0) return true;
  const told = readTopic(topic);
  if (typeof told === "string") return false;
  return filters.some((filter) =>
    (Object.keys(filter) as (keyof TopicFilter)[]).every((field) => filter[field] === told[field])
  );
}
