import process from "node:process";
import postgres, { type Sql } from "postgres";

/** How long a lost connection waits before it tries again, in seconds: the driver's own would wait up to 20. */
const RETRY_S = 0.25;
const CONNECT_TIMEOUT_S = 5;
const CONNECTIONS = 5;
/** A call that the driver has lost with its connection would be awaited for ever. */
const TIMEOUT_MS = 10_000;
/** What the other connections of a pool have to finish in, once one of it is lost. */
const LEFT_MS = 5_000;
const END_S = 1;

/** Codes of the operating system, of the driver, and of a Postgres that ends or begins. */
const LOST = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTFOUND", "ETIMEDOUT"],
  ...["CONNECTION_CLOSED", "CONNECTION_DESTROYED", "CONNECTION_ENDED", "CONNECT_TIMEOUT"],
  ...["57P01", "57P02", "57P03"],
]);
const WRITE_OF_DRIVER = /\bnextWrite\b.*postgres\/.*\bconnection\.js/;

/** A function of the database refused, as it does on purpose: `code` is one of `PT400` and the like. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export interface Database {
  /**
   * What a function of schema `heddle_api` answers. Throws `Refusal` where it refuses on purpose, and whatever else goes wrong
   * within ten seconds.
   */
  call(name: string, args: Record<string, unknown>): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Calls functions over connections of its own: direct ones, or those of a pooler that keeps sessions, since statements are
 * prepared. One that was lost is replaced.
 */
export function openDatabase(url: string): Database {
  const left = new Map<Sql, ReturnType<typeof setTimeout>>();
  let isClosed = false;
  let pool = open();

  function open(): Sql {
    const opened: Sql = postgres(url, {
      max: CONNECTIONS,
      backoff: () => RETRY_S,
      connect_timeout: CONNECT_TIMEOUT_S,
      max_lifetime: null,
      fetch_types: false,
      onnotice: () => undefined,
      // The driver would use it again with what it had left to write.
      onclose: () => opened === pool && !isClosed && replace(),
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
    await some.end({ timeout: END_S });
  }

  return {
    async call(name, args) {
      const names = Object.keys(args);
      const list = names.map((arg, at) => `${arg} => $${at + 1}`).join(", ");
      const query = pool.unsafe(
        `select heddle_api.${name}(${list}) as answer`,
        Object.values(args) as never[],
        {
          prepare: true,
        },
      );
      try {
        const [row] = await within(TIMEOUT_MS, query);
        return row?.answer;
      } catch (error) {
        const { code, detail } = error as { code?: string; detail?: string };
        if (code?.startsWith("PT")) {
          throw new Refusal(code, detail ?? "The request must be one that can be done.", error);
        }
        throw error;
      }
    },
    async close() {
      isClosed = true;
      await Promise.all([pool, ...left.keys()].map(end));
    },
  };
}

async function within<Value>(ms: number, work: PromiseLike<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the database did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Keeps the process from ending with one of its connections: the driver leaves some errors of a lost one to nobody. Every other
 * error ends it as before, once it is logged.
 */
export function outliveLostConnections(log: (what: string, error: unknown) => void): void {
  const judge = (error: unknown) => {
    if (isLost(error)) return log("connection_lost", error);
    log("crashed", error);
    process.exit(1);
  };
  process.on("uncaughtException", judge);
  process.on("unhandledRejection", judge);
}

function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (WRITE_OF_DRIVER.test(error.stack ?? "")) return true;
  return "code" in error && LOST.has(String(error.code));
}
