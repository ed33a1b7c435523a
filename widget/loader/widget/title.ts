/** A page that counts in its title writes a new one every second. */
const MOST_REMEMBERED = 50;
/**
 * Milliseconds since the prefix was written: a page that has put back the very title by then is taking the prefix away; one
 * with another title by then answers what was written, as a script does that watches the title.
 */
const TAKEN_AWAY_MS = 2000;
const ANSWERED_MS = 20;
/** Of a page that answers; one that takes the prefix away gets it once more. */
const MOST_ANSWERED = 5;

/** Elements that are named so hide them in the document itself. */
const own = (name: "title" | "head"): unknown => Reflect.get(Document.prototype, name, document);

export interface TitlePrefix {
  set(count: number): void;
  /** Takes the prefix away and forgets the page. */
  end(): void;
}

/**
 * Keeps `(3) ` in front of the page's title while there is something unread, also when the page changes it or puts back
 * one that it had remembered with an earlier prefix. Where the page keeps taking it away, the page wins.
 */
export function createTitlePrefix(): TitlePrefix {
  /** The page's own titles by what was made of them, as it reads back: trimmed. */
  const written = new Map<string, string>();
  let prefix = "";
  let shown = { title: "", bare: "", at: 0 };
  let answered = 0;
  const observer = new MutationObserver(() => {
    // Not of the page's doing.
    if (own("title") === shown.title) return;
    const since = performance.now() - shown.at;
    const isSame = bareTitle() === shown.bare;
    answered = since > (isSame ? TAKEN_AWAY_MS : ANSWERED_MS) ? 0 : answered + (isSame ? MOST_ANSWERED : 1);
    if (answered <= MOST_ANSWERED) write(prefix);
  });

  function bareTitle(): string {
    const title = own("title") as string;
    return written.get(title) ?? (title.startsWith(prefix) ? title.slice(prefix.length) : title);
  }

  function write(next: string) {
    const bare = bareTitle();
    prefix = next;
    if (own("title") !== prefix + bare) Reflect.set(Document.prototype, "title", prefix + bare, document);
    const title = own("title") as string;
    shown = { title, bare, at: performance.now() };
    if (!prefix) return;
    if (written.size > MOST_REMEMBERED) written.clear();
    written.set(title, bare);
  }

  return {
    set(count) {
      answered = 0;
      write(count > 0 ? `(${count}) ` : "");
      const head = own("head");
      // What was written once may come back any time.
      if (head && written.size > 0) {
        observer.observe(head as Node, { childList: true, subtree: true, characterData: true });
      }
    },
    end() {
      write("");
      observer.disconnect();
    },
  };
}
