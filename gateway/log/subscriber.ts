import { randomUUID } from "node:crypto";
import { type Cursor, hasRead } from "../../shared/cursors.ts";
import type { Named } from "../../shared/api/gateway.ts";
import { type TopicFilter, topicToken } from "../../shared/topics.ts";
import type { Reader } from "../readers/reader.ts";
import type { LogRow } from "./row.ts";

/** More events than this while somebody catches up are too many for them. */
const MOST_HELD = 20_000;

/** Where somebody's events go. */
export interface Outlet {
  /** With a cursor: the last of what is sent at once. */
  sendRow(row: LogRow, cursor: string | null): void;
  /** Nothing was for them up to here. */
  sendCursor(cursor: string): void;
  /** What is not kept in the log: as it comes, whatever they catch up with. */
  sendNow(text: string): void;
  /** Settles once most of what was sent is on its way; false if it never will be. */
  drained(): Promise<boolean>;
  /** They can't follow. */
  tooSlow(): void;
}

/** Somebody who is connected, and what they want to hear of. */
export class Subscriber {
  readonly id = randomUUID();
  readonly subscriptions = new Map<string, Subscription>();
  readonly outlet: Outlet;
  reader: Reader;
  /** Of the event that they were offered last: it may match several subscriptions. */
  stamp = 0;
  isGone = false;
  /** What happens while they catch up. */
  #held: LogRow[] | null = null;
  /** Sent with the next event, or at the end with the cursor. */
  #pending: LogRow | null = null;
  #isBroken = false;

  constructor(reader: Reader, outlet: Outlet) {
    this.reader = reader;
    this.outlet = outlet;
  }

  /** True if it waits for what comes next. */
  take(row: LogRow): boolean {
    if (this.#isBroken) return false;
    if (this.#held) {
      if (this.#held.push(row) > MOST_HELD) this.outlet.tooSlow();
      return false;
    }
    this.send(row);
    return true;
  }

  send(row: LogRow): void {
    if (this.#pending) this.outlet.sendRow(this.#pending, null);
    this.#pending = row;
  }

  /** What is not kept, behind the event that it follows. */
  tell(text: string): void {
    if (this.#pending) this.outlet.sendRow(this.#pending, null);
    this.#pending = null;
    this.outlet.sendNow(text);
  }

  /** Nothing more comes at once. False if nothing came. */
  flush(cursor: string): boolean {
    if (!this.#pending) return false;
    this.outlet.sendRow(this.#pending, cursor);
    this.#pending = null;
    return true;
  }

  /** An event waits for what comes next. */
  get isWaiting(): boolean {
    return this.#pending !== null;
  }

  get isCatchingUp(): boolean {
    return this.#held !== null;
  }

  hold(): void {
    this.#held = [];
  }

  /** Something before is missing: whatever came now would have a cursor that says otherwise. */
  break(): void {
    this.#isBroken = true;
    this.#held = null;
    this.#pending = null;
  }

  /** Whether they may have read more than this gateway: its cursor is behind theirs then. */
  get isAhead(): boolean {
    return [...this.subscriptions.values()].some(({ ahead }) => ahead !== null);
  }

  /** Sends what was held, as fast as it is read. */
  async release(): Promise<void> {
    while (this.#held && this.#held.length > 0) {
      for (const row of this.#held.splice(0, 100)) this.send(row);
      if (this.isGone || !await this.outlet.drained()) break;
    }
    this.#held = null;
  }
}

interface SubscriptionSetup extends Named {
  subscriber: Subscriber;
  kind: "channel" | "topic";
  event?: string;
}

/** A channel or topic that somebody hears of. */
export class Subscription {
  readonly name: string;
  readonly kind: "channel" | "topic";
  readonly event?: string;
  readonly subscriber: Subscriber;
  readonly filters: TopicFilter[];
  /** Of the topics that it means. */
  readonly patterns: string[][];
  /** What was read up to here was not for this subscription. */
  start: Cursor | null = null;
  /** What they have read elsewhere, ahead of this gateway; `null` once it is as far. */
  ahead: Cursor | null = null;

  constructor({ name, kind, filters, event, subscriber }: SubscriptionSetup) {
    this.name = name;
    this.kind = kind;
    this.event = event;
    this.subscriber = subscriber;
    this.filters = filters;
    this.patterns = patternsOf(filters, subscriber.reader);
  }

  /** Whether an event under one of its topics is for it, now. */
  wants(row: LogRow): boolean {
    return this.hears(row) && !(this.ahead && hasRead(this.ahead, row));
  }

  /** The same for what is not kept in the log. */
  hears(what: Pick<LogRow, "type" | "orgId" | "agentId">): boolean {
    return hasType(what.type, this.event) && mayRead(this.subscriber.reader, what);
  }

  /** Whether an event is one that it has sent, or left out for a reason. */
  hasTold(row: LogRow): boolean {
    return this.matches(row) && !(this.start && hasRead(this.start, row));
  }

  matches(row: LogRow): boolean {
    return hasType(row.type, this.event) &&
      this.patterns.some((pattern) =>
        pattern.every((token, at) => token === "*" || token === row.tokens[at])
      );
  }
}

function hasType(type: string, event: string | undefined): boolean {
  if (event === undefined || type === event) return true;
  const kind = event === "activity" ? "user" : event;
  return type.startsWith(`${kind}:`) || type.startsWith(`${kind}.`);
}

function mayRead({ whole, agents }: Reader, { orgId, agentId }: Pick<LogRow, "orgId" | "agentId">): boolean {
  return whole.has(orgId) || (agentId !== null && agents.has(agentId));
}

/** The organisation always stands in a topic: a channel means those of every organisation of its reader. */
function patternsOf(filters: TopicFilter[], { orgs }: Reader): string[][] {
  return filters.flatMap(({ orgId, source, resource, event, resourceId }) =>
    (orgId === undefined ? [...orgs] : [orgId]).map((org) => [
      "events",
      org,
      ...[source, resource, event, resourceId].map((text) => text === undefined ? "*" : topicToken(text)),
    ])
  );
}
