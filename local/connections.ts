/** Connections to a Postgres that may go away and come back, also twice within a moment. */
import postgres, { type Options, type Sql } from "postgres";

/** How long a lost connection waits before it tries again, in seconds: the driver's own would wait up to 20. */
const RETRY_S = 0.25;
const CONNECT_TIMEOUT_S = 5;
/** What the other connections of a pool have to finish in, once one of it is lost, in milliseconds. */
const LEFT_MS = 5_000;
const END_S = 1;
const WRITE_OF_DRIVER = /\bnextWrite\b.*postgres\/.*\bconnection\.js/;
/** Codes of the operating system, of the driver, and of a Postgres that ends or begins. */
const LOST = [
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE"],
  ...["CONNECTION_CLOSED", "CONNECTION_DESTROYED", "CONNECTION_ENDED", "CONNECT_TIMEOUT"],
  ...["57P01", "57P02", "57P03"],
];

type PoolOptions = Pick<Options<Record<string, never>>, "max" | "connection">;
type Listener = { channel: string; hear(text: string): void };

/**
 * A pool as the driver's, which goes on with new connections when one was lost. The driver would use the lost one again, and
 * what a transaction had left to be written stays in its buffer: after that it sends nothing more, for ever. `listen` resolves
 * once it listens for the first time, or rejects when that failed; it listens again by itself.
 */
export function openConnections(url: string, options: PoolOptions): Sql {
  const left = new Map<Sql, ReturnType<typeof setTimeout>>();
  const listening = new Set<() => Promise<void>>();
  let ended = false;
  let pool = open();

  function open(): Sql {
    const opened: Sql = postgres(url, {
      ...options,
      ...STEADY,
      onclose: () => opened === pool && !ended && replace(),
    });
    return opened;
  }

  function replace() {
    const former = pool;
    pool = open();
    left.set(former, setTimeout(() => end(former), LEFT_MS));
  }

  async function end(some: Sql): Promise<void> {
    clearTimeout(left.get(some));
    left.delete(some);
    await some.end({ timeout: END_S }); // without it waits for ever for a connection that Postgres has ended
  }

  const own = {
    async listen(channel: string, hear: (text: string) => void) {
      const { first, stop } = keepListening(url, { channel, hear });
      listening.add(stop);
      await first;
    },
    async end() {
      ended = true;
      await Promise.all([...[...listening].map((stop) => stop()), ...[pool, ...left.keys()].map(end)]);
    },
  };
  return new Proxy(pool, {
    apply: (_first, _this, args) => Reflect.apply(pool, undefined, args),
    get: (_first, name) => Reflect.get(Object.hasOwn(own, name) ? own : pool, name),
  });
}

/**
 * Keeps the process from ending with one of its connections. The driver leaves errors of a lost one to nobody: what a transaction
 * goes on with, its rollback say, is written to a socket that is gone, at a moment that no promise and no listener belongs to, and
 * its query for the types of arrays is awaited by nobody. Whoever asked for something has got the error by then. They are
 * logged; every other error ends the process as before.
 */
export function outliveLostConnections(log: (line: string) => void): void {
  const outlive = (event: Event, error: unknown) => {
    if (!(error instanceof Error) || !isOfLostConnection(error)) return;
    event.preventDefault();
    log(`postgres: a connection is lost: ${error.message}`);
  };
  globalThis.addEventListener("error", (event) => outlive(event, event.error));
  globalThis.addEventListener("unhandledrejection", (event) => outlive(event, event.reason));
}

function isOfLostConnection(error: Error): boolean {
  if (WRITE_OF_DRIVER.test(error.stack ?? "")) return true;
  return "code" in error && LOST.includes(String(error.code));
}

const STEADY = {
  backoff: () => RETRY_S,
  connect_timeout: CONNECT_TIMEOUT_S,
  max_lifetime: null,
  onnotice: () => undefined,
};

/** Listens on a connection of its own, and on a new one whenever that is lost. `first` settles with the first attempt. */
function keepListening(url: string, { channel, hear }: Listener) {
  let ended = false;
  let current: Sql | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function attempt(): Promise<void> {
    const lost = () => {
      if (ended || current !== client) return;
      current = undefined;
      void client.end({ timeout: 0 });
      timer = setTimeout(() => attempt().catch(lost), RETRY_S * 1000);
    };
    const client: Sql = postgres(url, {
      ...STEADY,
      max: 1,
      fetch_types: false,
      onnotify: (name: string, text: string) => name === channel && hear(text),
      onclose: lost,
    } as Options<Record<string, never>>);
    current = client;
    try {
      await client`listen ${client(channel)}`;
    } catch (error) {
      lost();
      throw error;
    }
  }

  return {
    first: attempt(),
    async stop() {
      ended = true;
      clearTimeout(timer);
      await current?.end({ timeout: 0 });
    },
  };
}
