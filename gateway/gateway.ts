import { once } from "node:events";
import { openDatabase } from "./database.ts";
import { createHttpServer } from "./http/server.ts";
import { Hub } from "./log/hub.ts";
import { startTail } from "./log/tail.ts";
import { createReaders } from "./readers/reader.ts";
import { askSupabaseAuth } from "./readers/supabase_auth.ts";
import type { Settings } from "./settings.ts";
import { createAccept } from "./sockets/accept.ts";
import { Connections } from "./sockets/connections.ts";
import { Tally } from "./sockets/limits.ts";

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
  let cursor: string | null = null;
  const connections = new Connections({ readers, log, cursor: () => cursor });
  const tail = startTail({
    database,
    log,
    pollMs: settings.pollMs,
    onPage: (rows) => hub.takePage(rows),
    onWindow(position) {
      cursor = position.cursor;
      hub.endWindow(position);
    },
    onReach: () => connections.recheck(),
    onBreak() {
      cursor = null;
      hub.forget();
      connections.endAll((each) => each.end("unavailable", "The log is another one now: connect again."));
    },
  });
  const counts = () => ({
    connections: connections.size,
    sessions: connections.sessions,
    readers: tally.holders,
    ...hub.counts(),
    reads: tail.reads,
  });
  const address = { header: settings.addressHeader, secret: settings.databaseUrl };
  const isReady = () => performance.now() - tail.readAt < READY_MS;
  const server = createHttpServer({ readers, address, isReady, counts, log });
  server.on("upgrade", createAccept({ hub, database, tally, log, readers, connections, address }));
  server.listen(settings.port, settings.host);
  await once(server, "listening");
  const bound = server.address();

  return {
    port: bound !== null && typeof bound === "object" ? bound.port : settings.port,
    counts,
    async stop() {
      server.close();
      connections.stop();
      connections.endAll((each) => each.restart());
      await tail.stop();
      const until = performance.now() + CLOSE_MS;
      while (connections.size > 0 && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      server.closeAllConnections();
      await database.close();
    },
  };
}
