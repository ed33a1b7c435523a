import type { Sql } from "postgres";
import type { Clock } from "../clock.ts";
import { dropPartitions, keepPartitions } from "./partitions.ts";
import { createMessageTrigger } from "./trigger.ts";

const CHECK_MS = 60 * 60 * 1000;

/** Sees to it that the database has what Realtime needs of it, while the server runs into new days. */
export interface DatabaseKeeper {
  /** Resolves once trigger and partitions are there, or could not be made. */
  readonly ready: Promise<void>;
  /** Drops the partitions; they stay away until `restore`. */
  dropPartitions(): Promise<void>;
  /** Drops them as if nobody had used the project for days: the first one who does has them made. */
  sleep(): Promise<void>;
  /** Somebody uses the project: makes what is missing after `sleep`, while they go on. */
  wake(): void;
  /** Makes what is missing. */
  restore(): Promise<void>;
  stop(): void;
}

export function keepDatabase(
  { sql, clock, log }: { sql: Sql; clock: Clock; log(line: string): void },
): DatabaseKeeper {
  let state: "kept" | "asleep" | "dropped" = "kept";
  /** One after the other: what is being dropped looks as if it were there. */
  let work: Promise<void> = Promise.resolve();
  const timer = setInterval(() => state === "kept" && void queue(prepare), CHECK_MS);

  function queue(task: () => Promise<void>): Promise<void> {
    const done = work.then(task);
    work = done.catch(() => undefined); // whoever queued it sees the rejection
    return done;
  }

  async function prepare() {
    try {
      await createMessageTrigger(sql);
      await keepPartitions(sql, clock.now());
    } catch (error) {
      log(`realtime: partitions could not be created: ${String(error)}`);
    }
  }

  async function restore() {
    if (state === "kept") return await work;
    state = "kept";
    await queue(prepare);
  }

  return {
    ready: queue(prepare),
    async dropPartitions() {
      state = "dropped";
      await queue(() => dropPartitions(sql));
    },
    async sleep() {
      state = "asleep";
      await queue(() => dropPartitions(sql));
    },
    wake() {
      if (state === "asleep") void restore();
    },
    restore,
    stop: () => clearInterval(timer),
  };
}
