import { readChannel, readTopic, type TopicFilter } from "../../shared/topics.ts";
import { type Problem, type Result, unreachable } from "../http/problem.ts";
import type { Environment } from "../platform/environment.ts";
import { createScope } from "../platform/scope.ts";
import {
  type AccessToken,
  openAuthorizedSocket,
  type TransportClass,
} from "../realtime/authorized_transport.ts";
import type { ConnectionSetup } from "../realtime/connection.ts";
import type { OpenSocket } from "../realtime/socket.ts";
import { createGatewayStream, type WebSocketClass } from "./gateway_stream.ts";
import type { PassingEvent } from "./passing.ts";
import { readPosition, writePosition } from "./position.ts";
import { createEventStream, type EventPage, type LoggedEvent } from "./stream.ts";

export type { PassingEvent } from "./passing.ts";
export type { LoggedEvent } from "./stream.ts";

/** Longer than a function waits for an event. */
const TIMEOUT = 40_000;

export interface SubscribeOptions {
  /** Origin of the project's API: `https://<project>.supabase.co`. Not needed with a gateway. */
  url?: string;
  /** Origin of a gateway: events come over its WebSocket, or by asking it where there are none. */
  gatewayUrl?: string;
  /** In place of the platform's: npm's `ws` in Node before 22. */
  WebSocket?: WebSocketClass;
  /** For an app in which a member of the team is signed in: their access token of Supabase Auth, a fresh one each time. */
  accessToken?: AccessToken;
  /** For a server: an API key with the scope `events:read`. Never in a page or an app. */
  apiKey?: string;
  /** What `position()` of an earlier subscription said; `null`: from now on. */
  since?: string | null;
  /**
   * What could not be done just now, and is tried again. `cursor_expired`: events were missed, and it goes on from now.
   * `not_live`: `onPassing` will never be called.
   */
  onProblem?(problem: Problem): void;
  /**
   * Hears what is told and not kept: who is typing, by what a message grows. At once, also before events of the log that are
   * still being read; never where events are asked for, which `onProblem` is told.
   */
  onPassing?(event: PassingEvent): void;
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
 * Handles each event of these channels (`conversation:<id>`) and topics (`events.<org>.billing.*.*.*`), or of all if there are
 * none: once, in order per resource, whatever becomes of the connection. Live from a gateway, or where the project sends events to
 * its members; else by asking. Throws for what is no channel or topic, and without any address.
 */
export function subscribe(
  channelsOrTopics: readonly string[],
  handler: (event: LoggedEvent) => void,
  options: SubscribeOptions,
): Subscription {
  const { url, gatewayUrl, accessToken, apiKey, since = null, onPassing, onProblem = () => undefined } =
    options;
  const { WebSocket = globalThis.WebSocket as unknown } = options;
  const { environment = platform(WebSocket as TransportClass | undefined, accessToken) } = options;
  const origin = gatewayUrl ?? url;
  if (origin === undefined) throw new TypeError("Either url or gatewayUrl must be given.");
  const scope = createScope(environment);
  const setup = {
    environment,
    scope,
    since: since === null ? null : readPosition(since),
    onEvent: handler,
    onPassing,
    onProblem,
  };
  const filters = channelsOrTopics.flatMap(filtersOf);
  const headers = async (): Promise<Record<string, string>> =>
    apiKey === undefined
      ? { authorization: `Bearer ${await accessToken?.().catch(() => null) ?? ""}` }
      : { "x-api-key": apiKey };
  const position = gatewayUrl !== undefined && WebSocket
    ? createGatewayStream({
      ...setup,
      socketUrl: `${gatewayUrl.replace(/^http/, "ws")}/v1/realtime`,
      WebSocket: WebSocket as WebSocketClass,
      channels: channelsOrTopics.filter((name) => !isTopic(name)),
      topics: channelsOrTopics.filter(isTopic),
      async fetchTicket(signal) {
        const init = { method: "POST", headers: await headers(), signal };
        const answer = await ask<{ ticket: string }>(environment, `${gatewayUrl}/v1/tickets`, init);
        return answer.ok ? { ok: true, value: answer.value.ticket } : answer;
      },
    })
    : createEventStream({
      ...setup,
      realtimeUrl: `${origin.replace(/^http/, "ws")}/realtime/v1`,
      filters,
      async fetchPage(cursor, wait, signal) {
        const query = new URLSearchParams({ wait: String(wait) });
        if (cursor !== null) query.set("since", cursor);
        for (const name of channelsOrTopics) query.append(isTopic(name) ? "topic" : "channel", name);
        const path = gatewayUrl === undefined ? "functions/v1/events" : "v1/events";
        return await ask<EventPage>(environment, `${origin}/${path}?${query}`, {
          headers: await headers(),
          signal,
        });
      },
    });
  const deaf = onPassing ? whyNotLive(options, WebSocket) : null;
  if (deaf !== null) {
    queueMicrotask(() => scope.ended || onProblem({ code: "not_live", message: deaf }));
  }
  return {
    position() {
      const now = position();
      return now && writePosition(now);
    },
    close: () => scope.end(),
  };
}

/** Why what is told and not kept is not heard; `null` if it is. */
function whyNotLive(
  { gatewayUrl, apiKey, environment }: SubscribeOptions,
  WebSocket: unknown,
): string | null {
  const isOwn = gatewayUrl === undefined && environment !== undefined;
  if (!WebSocket && !isOwn) {
    return "There is no WebSocket here: give one as WebSocket, such as that of npm's ws.";
  }
  if (gatewayUrl === undefined && apiKey !== undefined) {
    return "With an API key a project is asked for events: hear them live from a gateway.";
  }
  return null;
}

function isTopic(name: string): boolean {
  return name.startsWith("events.");
}

function filtersOf(name: string): TopicFilter[] {
  const filters = isTopic(name) ? readTopic(name) : readChannel(name);
  if (typeof filters === "string") throw new TypeError(`"${name}" ${filters}.`);
  return [filters].flat();
}

/** What one of our endpoints answers, or the problem. */
async function ask<Answer>(
  { fetch }: SubscribeEnvironment,
  url: string,
  init: { method?: string; headers: Record<string, string>; signal: AbortSignal },
): Promise<Result<Answer>> {
  try {
    const answer = await fetch(url, {
      ...init,
      credentials: "omit",
      signal: AbortSignal.any([init.signal, AbortSignal.timeout(TIMEOUT)]),
    });
    const body = await answer.json();
    if (answer.ok && (typeof body.cursor === "string" || typeof body.ticket === "string")) {
      return { ok: true, value: body };
    }
    return typeof body.error?.code === "string" ? { ok: false, problem: body.error } : unreachable();
  } catch {
    // No network, blocked, too slow, or an answer that is not of the function.
    return unreachable();
  }
}

function platform(
  WebSocket: TransportClass | undefined,
  accessToken: AccessToken = () => Promise.resolve(null),
): SubscribeEnvironment {
  return {
    fetch: (url, init) => fetch(url, init),
    setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
    clearTimeout: (id) => clearTimeout(id as number),
    now: () => Date.now(),
    random: () => Math.random(),
    openSocket: WebSocket ? openAuthorizedSocket(accessToken, WebSocket) : openNothing,
  };
}

/** Where there are no sockets, as in older releases of Node, events are asked for. */
const openNothing: OpenSocket = (_, events) => {
  queueMicrotask(events.lost);
  const nothing = () => undefined;
  return { join: nothing, leave: nothing, send: nothing, close: nothing };
};
