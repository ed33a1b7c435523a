import { readChannel, readTopic, type TopicFilter } from "../../shared/topics.ts";
import { type Problem, type Result, unreachable } from "../http/problem.ts";
import type { Environment } from "../platform/environment.ts";
import { createScope } from "../platform/scope.ts";
import { type AccessToken, openAuthorizedSocket } from "../realtime/authorized_transport.ts";
import type { ConnectionSetup } from "../realtime/connection.ts";
import type { OpenSocket } from "../realtime/socket.ts";
import { readPosition, writePosition } from "./position.ts";
import { createEventStream, type EventPage, type LoggedEvent } from "./stream.ts";

export type { LoggedEvent } from "./stream.ts";

/** Longer than a function waits for an event. */
const TIMEOUT = 40_000;

export interface SubscribeOptions {
  /** Origin of the project's API: `https://<project>.supabase.co`. */
  url: string;
  /** For an app in which a member of the team is signed in: their access token of Supabase Auth, a fresh one each time. */
  accessToken?: AccessToken;
  /** For a server: an API key with the scope `events:read`. Never in a page or an app. */
  apiKey?: string;
  /** What `position()` of an earlier subscription said; `null`: from now on. */
  since?: string | null;
  /** What could not be done just now, and is tried again. `cursor_expired`: events were missed, and it goes on from now. */
  onProblem?(problem: Problem): void;
  /** Surroundings other than the platform's. */
  environment?: SubscribeEnvironment;
}

export type SubscribeEnvironment =
  & ConnectionSetup["environment"]
  & Pick<Environment, "fetch" | "setTimeout" | "clearTimeout">;

export interface Subscription {
  /** Where it stands, after what was handled and what is being handled: to be kept, as an app's state is, and given as `since`. `null` until it knows. */
  position(): string | null;
  close(): void;
}

/**
 * Handles each event of these channels (`conversation:9`) and topics (`events.<org>.billing.*.*.*`), or of all if there are
 * none: once, in order per resource, whatever becomes of the connection. Live where the project sends events to its members,
 * else by asking. Throws for what is no channel or topic.
 */
export function subscribe(
  channelsOrTopics: readonly string[],
  handler: (event: LoggedEvent) => void,
  options: SubscribeOptions,
): Subscription {
  const { url, accessToken, apiKey, since = null, onProblem = () => undefined } = options;
  const { environment = platform(accessToken) } = options;
  const scope = createScope(environment);
  const position = createEventStream({
    environment,
    scope,
    realtimeUrl: `${url.replace(/^http/, "ws")}/realtime/v1`,
    filters: channelsOrTopics.flatMap(filtersOf),
    since: since === null ? null : readPosition(since),
    async fetchPage(cursor, wait, signal) {
      const query = new URLSearchParams({ wait: String(wait) });
      if (cursor !== null) query.set("since", cursor);
      for (const name of channelsOrTopics) query.append(isTopic(name) ? "topic" : "channel", name);
      const headers: Record<string, string> = apiKey === undefined
        ? { authorization: `Bearer ${await accessToken?.().catch(() => null) ?? ""}` }
        : { "x-api-key": apiKey };
      return await ask(environment, `${url}/functions/v1/events?${query}`, headers, signal);
    },
    onEvent: handler,
    onProblem,
  });
  return {
    position() {
      const now = position();
      return now && writePosition(now);
    },
    close: () => scope.end(),
  };
}

function isTopic(name: string): boolean {
  return name.startsWith("events.");
}

function filtersOf(name: string): TopicFilter[] {
  const filters = isTopic(name) ? readTopic(name) : readChannel(name);
  if (typeof filters === "string") throw new TypeError(`"${name}" ${filters}.`);
  return [filters].flat();
}

async function ask(
  { fetch }: SubscribeEnvironment,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Result<EventPage>> {
  try {
    const answer = await fetch(url, {
      headers,
      credentials: "omit",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    });
    const body = await answer.json();
    if (answer.ok && typeof body.cursor === "string") return { ok: true, value: body };
    return typeof body.error?.code === "string" ? { ok: false, problem: body.error } : unreachable();
  } catch {
    // No network, blocked, too slow, or an answer that is not of the function.
    return unreachable();
  }
}

function platform(accessToken: AccessToken = () => Promise.resolve(null)): SubscribeEnvironment {
  return {
    fetch: (url, init) => fetch(url, init),
    setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
    clearTimeout: (id) => clearTimeout(id as number),
    now: () => Date.now(),
    random: () => Math.random(),
    openSocket: typeof WebSocket === "undefined" ? openNothing : openAuthorizedSocket(accessToken),
  };
}

/** Where there are no sockets, as in older releases of Node, events are asked for. */
const openNothing: OpenSocket = (_, events) => {
  queueMicrotask(events.lost);
  const nothing = () => undefined;
  return { join: nothing, leave: nothing, send: nothing, close: nothing };
};
