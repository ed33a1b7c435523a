import type { ThreadEntry } from "../../client/sync/pending.ts";

/** What was announced can be read again in the thread. */
const ANNOUNCED_MS = 5000;

/** What a thread shows. */
export interface Announced {
  entries: readonly ThreadEntry[];
  /** What is there when the thread opens is not news. */
  ready: boolean;
  /** What is said of an entry; of the reader's own, nothing. */
  textOf(entry: ThreadEntry): string;
}

/** What announces each thread, by its live region. */
const announcers = new WeakMap<HTMLElement, (thread: Announced) => void>();

/** Fills the live region with what came since the thread's last state; with nothing where the thread is closed by now. */
export function announce(region: HTMLElement | null, thread: Announced): void {
  if (!region) return;
  const announcer = announcers.get(region) ?? createAnnouncer(region);
  announcers.set(region, announcer);
  announcer(thread);
}

function createAnnouncer(region: HTMLElement): (thread: Announced) => void {
  let known: Set<string> | undefined;
  /** Ids of what is said once it is whole. */
  let growing: string[] = [];
  let news: ThreadEntry | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function say(entry?: ThreadEntry, text = "") {
    clearTimeout(timer);
    news = entry;
    region.textContent = text;
    if (text) timer = setTimeout(say, ANNOUNCED_MS);
  }

  return ({ entries, ready, textOf }) => {
    // Nothing stays in the page that was changed or deleted.
    if (news && !entries.some(({ id, body }) => id === news?.id && body === news.body)) say();
    if (!ready) return;
    const isWhole = ({ status }: ThreadEntry) => status !== "streaming";
    const last = entries.findLast((entry) => growing.includes(entry.id) && isWhole(entry)) ??
      entries.at(-1);
    const isNew = last && (!known?.has(last.id) || growing.includes(last.id)) && isWhole(last);
    const text = known && isNew && !last.deletedAt && textOf(last);
    known = new Set(entries.map(({ id }) => id));
    growing = entries.filter((entry) => !isWhole(entry)).map(({ id }) => id);
    if (text) say(last, text);
  };
}
