import type { ThreadEntry } from "../../client/sync/pending.ts";
import type { Strings } from "../strings/en.ts";
import { plainText } from "../text/plain_text.ts";

/** What was announced can be read again in the thread. */
const ANNOUNCED_MS = 5000;
/** Of more at once only their number is said. */
const MOST_READ_OUT = 3;

/** What a thread shows. */
export interface Announced {
  entries: readonly ThreadEntry[];
  /** What is there when the thread opens is not news. */
  ready: boolean;
  /** What is said of an entry; of the reader's own, nothing. */
  textOf(entry: ThreadEntry): string;
}

/** What announces each thread, by its live region. */
const announcers = new WeakMap<HTMLElement, (thread: Announced, strings: Strings) => void>();

/** Fills the live region with what came since the thread's last state; with nothing where the thread is closed by now. */
export function announce(region: HTMLElement | null, thread: Announced, strings: Strings): void {
  if (!region) return;
  const announcer = announcers.get(region) ?? createAnnouncer(region);
  announcers.set(region, announcer);
  announcer(thread, strings);
}

function createAnnouncer(region: HTMLElement) {
  let known: Set<string> | undefined;
  /** Ids of what is said once it is whole. */
  let growing: Set<string> = new Set();
  let news: ThreadEntry[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function say(entries: ThreadEntry[] = [], text = "") {
    clearTimeout(timer);
    news = entries;
    region.textContent = text;
    if (text) timer = setTimeout(say, ANNOUNCED_MS);
  }

  return ({ entries, ready, textOf }: Announced, { newMessages }: Strings) => {
    // Nothing stays in the page that was changed or deleted.
    const isThere = (each: ThreadEntry) =>
      entries.some(({ id, body }) => id === each.id && body === each.body);
    if (!news.every(isThere)) say();
    if (!ready) return;
    const come = known ? cameIn(entries, known, growing).filter((entry) => textOf(entry) !== "") : [];
    known = new Set(entries.map(({ id }) => id));
    growing = new Set(entries.filter((entry) => !isWhole(entry)).map(({ id }) => id));
    if (come.length > MOST_READ_OUT) say(come, newMessages(come.length));
    else if (come.length > 0) say(come, come.map((entry) => textOf(spoken(entry))).join("\n"));
  };
}

/** As it is read out: what bots write is Markdown. */
const spoken = (entry: ThreadEntry): ThreadEntry =>
  entry.author.role === "bot" ? { ...entry, body: plainText(entry.body) } : entry;

const isWhole = ({ status }: ThreadEntry) => status !== "streaming";

/** What is new, or whole now: anywhere below what was there before, above which older ones are read in. */
function cameIn(entries: readonly ThreadEntry[], known: Set<string>, growing: Set<string>): ThreadEntry[] {
  const first = known.size > 0 ? entries.findIndex(({ id }) => known.has(id)) : 0;
  const isNews = (entry: ThreadEntry) =>
    (!known.has(entry.id) || growing.has(entry.id)) && isWhole(entry) && !entry.deletedAt;
  // Of an excerpt from elsewhere in the thread nothing is news but its end.
  return entries.slice(first < 0 ? -1 : first).filter(isNews);
}
