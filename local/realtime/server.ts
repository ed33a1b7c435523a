import { openConnections } from "../connections.ts";
import type { ProjectKeys } from "./auth/keys.ts";
import { type Authorizer, createAuthorizer } from "./auth/policies.ts";
import { createTokenVerifier, ofRoles } from "./auth/token.ts";
import { Presences } from "./channels/presences.ts";
import { ChannelRegistry } from "./channels/registry.ts";
import type { RealtimeSocket } from "./channels/socket.ts";
import { type Clock, systemClock } from "./clock.ts";
import { startReaper } from "./connection_life.ts";
import { keepDatabase } from "./database/keeper.ts";
import { createReplay } from "./database/replay.ts";
import { createReplication } from "./database/replication.ts";
import { createControl } from "./faults/control.ts";
import { RealtimeError } from "./errors.ts";
import { Faults } from "./faults/faults.ts";
import { createLimits } from "./limits/limits.ts";
import { html } from "./rest/answers.ts";
import { handleRest } from "./rest/handler.ts";
import type { Services } from "./services.ts";
import { DEFAULT_SETTINGS, type Settings } from "./settings.ts";
import { upgrade } from "./upgrade.ts";

const DATABASE_CONNECTIONS = 4;
const RESTARTING = 1012;
const PREFIX = "/realtime/v1";
/** Characters of a path with its query. */
const LONGEST_URL = 8000;
/** A channel's name is a licence to listen: its signature stays out of logs. */
const CHANNEL_SIGNATURES = /-[0-9a-f]{64}/g;

export interface RealtimeOptions {
  /** As `supabase_realtime_admin`, who owns `realtime.messages`. No superuser: triggers and policies run in its sessions. */
  databaseUrl: string;
  /** Of the tokens that callers bring. */
  keys: ProjectKeys;
  /** How long refusals wait for their answer, in milliseconds. Production: 2000 and 5000. */
  backoff?: { connectMs: number; joinMs: number };
  /** Limits that differ from a hosted project's. */
  settings?: Partial<Settings>;
  logger?(line: string): void;
  clock?: Clock;
}

export interface RealtimeCall {
  /** What follows `/realtime/v1`: `/websocket`, `/api/broadcast`… */
  path: string;
  /** The caller's JWT, after the proxy has translated project keys. */
  token: string | null;
  /** Of which roles the caller may bring tokens, if not of all. */
  allowsRole?(role: string): boolean;
}

export interface Realtime {
  /** Resolves once today's partition is there: what SQL sends before is lost. Requests wait for it by themselves. */
  readonly ready: Promise<void>;
  handle(request: Request, call: RealtimeCall): Promise<Response>;
  readonly faults: Faults;
  /** The faults as JSON; see `faults/control.ts`. */
  control(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/**
 * What a public path asks of Realtime: `/websocket` or `/api/…`; `null` for one that is not Realtime's. Behind Supabase's
 * proxy both lie under `/realtime/v1`; a server without one has them at `/socket/websocket` and `/api/…`.
 */
export function realtimePath(pathname: string): string | null {
  if (pathname.startsWith(`${PREFIX}/`)) return pathname.slice(PREFIX.length);
  if (pathname === "/socket/websocket") return "/websocket";
  return pathname.startsWith("/api/") ? pathname : null;
}

/** Supabase Realtime for development and tests: channels, broadcasts and their authorization, on one database. */
export function createRealtime(options: RealtimeOptions): Realtime {
  const clock = options.clock ?? systemClock;
  const log = (line: string) => options.logger?.(line.replace(CHANNEL_SIGNATURES, "-…"));
  const sql = openConnections(options.databaseUrl, {
    max: DATABASE_CONNECTIONS,
    connection: { TimeZone: "UTC", application_name: "heddle realtime" },
  });
  const sockets = new Set<RealtimeSocket>();
  const faults = new Faults(sockets, clock);
  const registry = new ChannelRegistry();
  const settings = settingsOf(options);
  const limits = createLimits(clock, settings);
  const replication = createReplication({ sql, registry, clock, settings, messages: limits.messages, log });
  const database = keepDatabase({ sql, clock, log });
  const services: Services = {
    registry,
    presences: new Presences(registry),
    authorizer: wakingAuthorizer(createAuthorizer(sql), database.wake),
    verifyToken: createTokenVerifier(options.keys, () => clock.now()),
    settings,
    clock,
    faults,
    replication: { ...replication, begin: database.wake },
    replay: createReplay(sql),
    limits,
    log,
  };
  const stopReaping = startReaper({ sockets, clock, settings });
  const ready = Promise.all([database.ready, replication.started]).then(() => undefined);

  return {
    ready,
    faults,
    control: createControl({ faults, registry, sockets, limits, settings, database, replication }),

    async handle(request, { path, token, allowsRole }) {
      if (faults.isDown) return html(503, "Service Unavailable");
      await ready;
      if (hasLongUrl(request)) return new Response(null, { status: 414 });
      const offered = allowsRole
        ? { ...services, verifyToken: ofRoles(services.verifyToken, allowsRole) }
        : services;
      if (path !== "/websocket") return await handleRest(offered, request, { path, token });
      return await upgrade(offered, sockets, request, request.headers.get("x-api-key") ?? token);
    },

    async close() {
      database.stop();
      stopReaping();
      faults.clear();
      faults.close(RESTARTING);
      await ready;
      await sql.end();
    },
  };
}

/** Calls `wake` after a check that found no partition: whoever comes next may find one. */
function wakingAuthorizer(authorizer: Authorizer, wake: () => void): Authorizer {
  const waking = async <T>(check: Promise<T>): Promise<T> => {
    try {
      return await check;
    } catch (error) {
      if (error instanceof RealtimeError && error.code === "MissingPartition") wake();
      throw error;
    }
  };
  return {
    read: (context, asked) => waking(authorizer.read(context, asked)),
    write: (context, extension) => waking(authorizer.write(context, extension)),
  };
}

function settingsOf({ backoff, settings }: RealtimeOptions): Settings {
  const delays = backoff && { connectBackoffMs: backoff.connectMs, joinBackoffMs: backoff.joinMs };
  return { ...DEFAULT_SETTINGS, ...delays, ...settings };
}

function hasLongUrl(request: Request): boolean {
  const { pathname, search } = new URL(request.url);
  return pathname.length + search.length > LONGEST_URL;
}
