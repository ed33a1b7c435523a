import * as z from "zod";
import { readSnapshot } from "../../shared/cursors.ts";
import { type Database, Refusal } from "../database.ts";
import type { HubPosition } from "./hub.ts";
import { type Ephemeral, ephemeralRows, loggedRows, LogRow } from "./row.ts";

const PAGE_ROWS = 500;
const RETRY_MS = 250;

const tailAnswer = z.object({
  events: loggedRows,
  last: z.number().nullable(),
  isWhole: z.boolean(),
  ephemeral: ephemeralRows,
  epoch: z.string(),
  snapshot: z.string(),
  heard: z.string(),
  cursor: z.string(),
  reach: z.number(),
});

export interface TailSetup {
  database: Database;
  /** Between two looks while nothing happens. */
  pollMs: number;
  /** In the order in which they were written, what is not kept between the events of the log. */
  onPage(rows: (LogRow | Ephemeral)[]): void;
  /** `isFound`: by its own look, something that nobody had rung for. */
  onWindow(position: HubPosition, isFound: boolean): void;
  /** Who may read what has changed. */
  onReach(): void;
  /** Events were missed, or it is another log: nobody can go on from where they are. */
  onBreak(): void;
  log(what: string, error?: unknown): void;
}

export interface Tail {
  /** Looks now, whatever the time. */
  wake(): void;
  /** When it last read to the end, in milliseconds of `performance.now()`. */
  readonly readAt: number;
  readonly reads: number;
  stop(): Promise<void>;
}

/** Reads the log for everybody, from one snapshot to the next. One read at a time; after a failure from the same place. */
export function startTail(setup: TailSetup): Tail {
  const { pollMs, log } = setup;
  const reader = createWindowReader(setup);
  let isStopped = false;
  let wake = () => {};
  let isWoken = false;
  let isFailing = false;
  let reads = 0;
  let readAt = -Infinity;

  async function run() {
    while (!isStopped) {
      const isRung = isWoken;
      isWoken = false;
      const wasFailing = isFailing;
      try {
        await reader.read(isRung);
        readAt = performance.now();
        reads++;
        isFailing = false;
        if (wasFailing) log("tail_goes_on");
      } catch (error) {
        isFailing = true;
        // Of an outage its beginning and its end are told.
        if (!isStopped && !wasFailing) log("tail_failed", error);
      }
      if (!isStopped && !isWoken) await sleep(isFailing ? RETRY_MS : pollMs);
    }
  }

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const running = run();
  return {
    wake() {
      isWoken = true;
      wake();
    },
    get readAt() {
      return readAt;
    },
    get reads() {
      return reads;
    },
    async stop() {
      isStopped = true;
      wake();
      await running;
    },
  };
}

/** Where the next page begins. */
interface Place {
  from: string;
  /** The window's end, until all of it was read. */
  to: string | null;
  after: number | null;
  /** Up to when it was told what is not kept. */
  heard: string;
}

function createWindowReader({ database, onPage, onWindow, onReach, onBreak }: TailSetup) {
  let place: Place | null = null;
  let epoch: string | null = null;
  let reach: number | null = null;

  async function page() {
    const answer = await database.call("tail_events", {
      p_from: place?.from ?? null,
      p_to: place?.to ?? null,
      p_after: place?.after ?? null,
      p_heard: place?.heard ?? null,
      p_limit: PAGE_ROWS,
    }).catch((error: unknown) => {
      if (error instanceof Refusal && error.code === "PT410") lose();
      throw error;
    });
    return tailAnswer.parse(answer);
  }

  function lose() {
    if (place) onBreak();
    place = null;
    epoch = null;
  }

  async function read(isRung: boolean): Promise<void> {
    let ephemeral: Ephemeral[] = [];
    for (let isFound = false;;) {
      const answer = await page();
      if (epoch !== null && epoch !== answer.epoch) {
        lose();
        continue;
      }
      epoch = answer.epoch;
      const { snapshot, isWhole, last, heard } = answer;
      ephemeral.push(...answer.ephemeral);
      const isDue = ({ pos }: Ephemeral) => isWhole || pos < (last ?? 0);
      const rows = [...answer.events.map((row) => new LogRow(row)), ...ephemeral.filter(isDue)];
      ephemeral = ephemeral.filter((each) => !isDue(each));
      if (rows.length > 0) {
        isFound = !isRung;
        onPage(rows.sort((one, other) => one.pos - other.pos));
      }
      place = isWhole || !place
        ? { from: snapshot, to: null, after: null, heard }
        : { from: place.from, to: snapshot, after: last, heard: place.heard };
      if (!isWhole) continue;
      if (reach !== null && reach !== answer.reach) onReach();
      reach = answer.reach;
      const position = { snapshot: readSnapshot(snapshot), snapshotText: snapshot, cursor: answer.cursor };
      return onWindow(position, isFound);
    }
  }

  return { read };
}
