import { once } from "node:events";
import type { Server } from "node:http";
import { type Bus, openBus } from "./bus/bus.ts";
import { type Database, openDatabase } from "./database.ts";
import { createHttpServer } from "./http/server.ts";
import { Hub } from "./log/hub.ts";
import { startTail, type Tail } from "./log/tail.ts";
import { Presence } from "./presence.ts";
import { createReaders, type Readers } from "./readers/reader.ts";
import { askSupabaseAuth } from "./readers/supabase_auth.ts";
import type { Settings } from "./settings.ts";
import { createAccept } from "./sockets/accept.ts";
import { Connections } from "./connections.ts";
import { Tally } from "./limits.ts";

/** Without a read of the log for so long a gateway is not ready. */
const READY_MS = 5_000;
/** For connections to close before the process ends. */
const CLOSE_MS = 500;

export interface Gateway {
  port: number;
  counts(): Record<string, number>;
  /** Sends everybody elsewhere, and ends. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  log(what: string, error?: unknown): void;
}

/** Starts a gateway; resolves once it listens. */
export async function startGateway(settings: Settings, { log }: GatewayOptions): Promise<Gateway> {
  const database = openDatabase(settings.databaseUrl);
  const readers = createReaders({ database, userOf: askSupabaseAuth(settings) });
  const hub = new Hub();
  const tally = new Tally();
  let tail: Tail | null = null;
  let cursor: string | null = null;
  const presence = new Presence({ database, log });
  const connections = new Connections({
    readers,
    log,
    cursor: () => cursor,
    onSession: (name, since) => bus.publish("events.session", `${since} ${name}`),
    presence,
  });
  const bus = await openBus(settings.bus, {
    onMessage(topic, body) {
      if (topic === "events.doorbell") tail?.wake();
      const [, since, name] = (topic === "events.session" && /^(\d+) (.+)$/.exec(body)) || [];
      if (name !== undefined) connections.replace(name, Number(since));
    },
    onUp: () => tail?.wake(),
    log,
  });
  tail = startTail({
    database,
    log,
    pollMs: settings.pollMs,
    onPage: (rows) => hub.takePage(rows),
    onWindow(position, isFound) {
      cursor = position.cursor;
      hub.endWindow(position);
      // Others need not wait for their own look.
      if (isFound) bus.publish("events.doorbell", "");
    },
    onReach: () => connections.recheck(),
    onBreak() {
      cursor = null;
      hub.forget();
      connections.endAll((each) => each.end("unavailable", "The log is another one now: connect again."));
    },
  });
  const parts: Parts = { database, readers, hub, tally, connections, presence, bus, tail };
  return await serve(parts, settings, log);
}

interface Parts {
  database: Database;
  readers: Readers;
  hub: Hub;
  tally: Tally;
  connections: Connections;
  presence: Presence;
  bus: Bus;
  tail: Tail;
}

async function serve(parts: Parts, settings: Settings, log: GatewayOptions["log"]): Promise<Gateway> {
  const { database, hub, tally, connections, presence, bus, tail } = parts;
  const counts = () => ({
    connections: connections.size,
    sessions: connections.sessions,
    readers: tally.holders,
    ...hub.counts(),
    reads: tail.reads,
  });
  const setup = {
    ...parts,
    hostNames: settings.hostNames,
    address: { header: settings.addressHeader, secret: settings.databaseUrl },
    log,
    onTold() {
      tail.wake();
      bus.publish("events.doorbell", "");
    },
  };
  const isReady = () => presence.isKnown && performance.now() - tail.readAt < READY_MS;
  const server = createHttpServer({ ...setup, isReady, counts });
  server.on("upgrade", createAccept(setup));
  const port = await listening(server, settings);
  return {
    port,
    counts,
    async stop() {
      server.close();
      connections.stop();
      connections.endAll((each) => each.restart());
      await Promise.all([tail.stop(), bus.close()]);
      const until = performance.now() + CLOSE_MS;
      while (connections.size > 0 && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      server.closeAllConnections();
      await presence.stop();
      await database.close();
    },
  };
}

async function listening(server: Server, { port, host }: Settings): Promise<number> {
  server.listen(port, host);
  await once(server, "listening");
  const bound = server.address();
  return bound !== null && typeof bound === "object" ? bound.port : port;
}
