import { HeddleError } from "../shared/errors.ts";
import type { Caller, Reader, Readers } from "./readers/reader.ts";
import type { GatewayErrorCode } from "../shared/api/gateway.ts";
import type { Presence } from "./presence.ts";
import type { Subscriber } from "./log/subscriber.ts";
import { MOST_CONNECTIONS, Tally } from "./limits.ts";

const TEND_MS = 2_500;
const RECHECK_MS = 5 * 60_000;

/** Whoever stays connected, by whatever protocol. */
export interface Connection {
  id: string;
  caller: Caller;
  /** Names what a newer connection of the same reader replaces. */
  session: string | null;
  subscriber: Subscriber;
  /** The member who is there; `null` for an API key, and for who only asks. */
  member: string | null;
  end(code: GatewayErrorCode, message: string): void;
  /** For a restart: they come back, here or elsewhere. */
  restart(): void;
  /** Called again and again, to see whether they are there. */
  tend(cursor: string | null, now: number): void;
}

export interface ConnectionsSetup {
  readers: Readers;
  /** Up to where everything was sent; `null`: unknown. */
  cursor(): string | null;
  recheckMs?: number;
  /** Others may hold the same session: it has a connection here since then, in milliseconds since the epoch. */
  onSession(name: string, since: number): void;
  /** Milliseconds since the epoch. */
  now?(): number;
  /** Members who are connected. */
  presence: Pick<Presence, "come" | "go">;
  log(what: string, error?: unknown): void;
}

/** All connections of this gateway: pinged, looked at again, replaced and ended together. */
export class Connections {
  readonly #setup: ConnectionsSetup;
  readonly #all = new Set<Connection>();
  /** By reader. */
  readonly #tally = new Tally();
  /** By reader and name. */
  readonly #sessions = new Map<string, { connection: Connection; since: number }>();
  readonly #timers: ReturnType<typeof setInterval>[];
  #checking: Promise<void> | null = null;
  #isDue = false;

  constructor(setup: ConnectionsSetup) {
    this.#setup = setup;
    this.#timers = [
      setInterval(() => this.#tend(), TEND_MS),
      setInterval(() => this.recheck(), setup.recheckMs ?? RECHECK_MS),
    ];
  }

  get size(): number {
    return this.#all.size;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Throws `too_many_connections` unless there may be one more of this reader. */
  demandRoom({ userId }: Caller, { id }: Reader): void {
    const most = MOST_CONNECTIONS[userId === null ? "key" : "member"];
    if (this.#tally.of(id) < most) return;
    throw new HeddleError("too_many_connections", `There may be ${most} connections at once: close others.`, {
      headers: { "retry-after": "60" },
    });
  }

  /** Throws `too_many_connections` as `demandRoom`: others may have come since it was asked. */
  add(connection: Connection): void {
    this.demandRoom(connection.caller, connection.subscriber.reader);
    this.#all.add(connection);
    this.#tally.add(connection.subscriber.reader.id, 1);
    if (connection.member !== null) this.#setup.presence.come(connection.member);
    const name = sessionOf(connection);
    if (name === null) return;
    const since = this.#setup.now?.() ?? Date.now();
    this.replace(name, Infinity);
    this.#sessions.set(name, { connection, since });
    this.#setup.onSession(name, since);
  }

  /**
   * Somebody has the session since then. What another gateway tells of a connection before the one here comes late, and ends
   * nobody; with clocks that differ two connections may stay, which is less than none.
   */
  replace(name: string, since: number): void {
    const held = this.#sessions.get(name);
    if (held && held.since < since) held.connection.end("replaced", "A newer connection has this session.");
  }

  remove(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    this.#tally.add(connection.subscriber.reader.id, -1);
    if (connection.member !== null) this.#setup.presence.go(connection.member);
    const name = sessionOf(connection);
    if (name !== null && this.#sessions.get(name)?.connection === connection) this.#sessions.delete(name);
  }

  /** Asks again what everybody may read, and ends those who may read nothing more. */
  recheck(): void {
    this.#isDue = true;
    this.#checking ??= this.#checkWhileDue().catch((error) => this.#setup.log("recheck_failed", error))
      .finally(() => this.#checking = null);
  }

  endAll(end: (connection: Connection) => void): void {
    for (const connection of this.#all) end(connection);
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #tend(): void {
    const cursor = this.#setup.cursor();
    const now = performance.now();
    for (const connection of this.#all) connection.tend(cursor, now);
  }

  async #checkWhileDue(): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false;
      const byReader = new Map<string, Connection[]>();
      for (const connection of this.#all) {
        const { id } = connection.subscriber.reader;
        byReader.set(id, [...byReader.get(id) ?? [], connection]);
      }
      for (const connections of byReader.values()) await this.#check(connections);
    }
  }

  async #check(connections: Connection[]): Promise<void> {
    const [first] = connections;
    if (!first) return;
    let reader: Reader | null = null;
    try {
      reader = await this.#setup.readers.reachOf(first.caller, null);
    } catch (error) {
      // Anything else says nothing of them: they are asked about again.
      if (!(error instanceof HeddleError)) throw error;
    }
    for (const connection of connections) {
      if (reader) connection.subscriber.reader = reader;
      else connection.end("removed", "Access was withdrawn.");
    }
  }
}

function sessionOf({ session, subscriber }: Connection): string | null {
  return session === null ? null : `${subscriber.reader.id} ${session}`;
}
