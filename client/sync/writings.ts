import { fits, type Shape } from "../http/transport.ts";
import type { Problem } from "../http/problem.ts";
import type { Environment } from "../platform/environment.ts";

const LONGEST = 30 * 24 * 3_600_000;
const MOST_BYTES = 100_000;

/** Something that was written and that no source has accepted yet. */
export interface Writing {
  /** An entry's `clientId`, or `DRAFT`. */
  id: string;
  text: string;
  /** When it was written, in milliseconds since the epoch. */
  at: number;
  /** Of a correction: what it corrects, as of when it was begun; see `versionOf`. */
  version?: string;
  /** An entry that may have arrived. */
  tried?: true;
  /** An entry that may be sent without asking its writer. */
  due?: true;
  /** Why it was refused. */
  problem?: Problem;
}

/** What has not been handed over for sending: one per place. */
export const DRAFT = "";

/** Where something is written: a tab's conversation or record, or the conversation that it will begin. */
export interface WritingPlace {
  tabId: string;
  itemId: string | null;
}

/**
 * What a viewer has written, kept in this browser beyond the page: 30 days, and all viewers together 100 kB, of
 * which drafts go before messages, the oldest first. A draft that doesn't fit is not kept. Read and written as a whole at every change, since other pages write too.
 */
export interface Writings {
  places(): WritingPlace[];
  /** In the order of writing. */
  read(place: WritingPlace): Writing[];
  /** Replaces the one with that id; an empty text removes it. Returns whether it is kept now. */
  keep(place: WritingPlace, writing: Writing): boolean;
}

interface Row extends Writing {
  viewer: string;
  tab: string;
  /** Absent: the conversation has yet to begin. */
  item?: string;
}

const ROW: Shape<Row> = {
  viewer: "",
  tab: "",
  "item?": "",
  id: "",
  text: "",
  at: 0,
  "version?": "",
  "tried?": true,
  "due?": true,
  "problem?": { code: "", message: "" },
};

type Kept = Pick<Environment, "storage" | "now">;

/** `key` in local storage holds the writings of all viewers; `viewer` is whose are read and written here. */
export function createWritings({ storage, now }: Kept, key: string, viewer: string): Writings {
  function load(): Row[] {
    const rows = parse(storage.read("local", key));
    return rows.filter(({ at }) => Math.abs(now() - at) < LONGEST);
  }

  const mine = () => load().filter((row) => row.viewer === viewer);

  return {
    places: () => mine().map(({ tab, item }) => ({ tabId: tab, itemId: item ?? null })),
    read: (place) => mine().filter((row) => isAt(row, place)),
    keep(place, writing) {
      const { tabId: tab, itemId } = place;
      const rows = load();
      const index = rows.findIndex((row) =>
        row.viewer === viewer && isAt(row, place) && row.id === writing.id
      );
      const row: Row[] = writing.text ? [{ ...writing, viewer, tab, item: itemId ?? undefined }] : [];
      if (index < 0 && row.length === 0) return false;
      rows.splice(index < 0 ? rows.length : index, index < 0 ? 0 : 1, ...row);
      const fitting = fitted(rows);
      // A draft that is too long is in memory only; what is kept stays as it is.
      if (writing.id === DRAFT && row[0] && !fitting.includes(row[0])) return false;
      storage.write("local", key, fitting.length > 0 ? JSON.stringify(fitting) : null);
      return row[0] !== undefined && fitting.includes(row[0]);
    },
  };
}

function isAt({ tab, item }: Row, { tabId, itemId }: WritingPlace): boolean {
  return tab === tabId && (item ?? null) === itemId;
}

/** The rows, without those that go first if all of them are too much. */
function fitted(rows: Row[]): Row[] {
  const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;
  let excess = bytesOf(rows) - MOST_BYTES;
  if (excess <= 0) return rows;
  const left = new Set(rows);
  for (
    const row of rows.toSorted((a, b) => Number(b.id === DRAFT) - Number(a.id === DRAFT) || a.at - b.at)
  ) {
    if (excess <= 0) break;
    // With the comma behind it.
    excess -= bytesOf(row) + 1;
    left.delete(row);
  }
  return [...left];
}

function parse(text: string | null): Row[] {
  // What is too long is not from here, and reading it at each letter would stop the page.
  if (text === null || text.length > MOST_BYTES) return [];
  try {
    const kept: unknown = JSON.parse(text);
    return Array.isArray(kept) ? kept.filter((row) => fits<Row>(row, ROW)) : [];
  } catch {
    // Nothing is kept, or it is not ours.
    return [];
  }
}
