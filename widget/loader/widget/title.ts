/** A page that counts in its title writes a new one every second. */
const MOST_REMEMBERED = 50;

/** Elements that are named so hide them in the document itself. */
const own = (name: "title" | "head"): unknown => Reflect.get(Document.prototype, name, document);

export interface TitlePrefix {
  set(count: number): void;
  /** Takes the prefix away and forgets the page. */
  end(): void;
}

/**
 * Keeps `(3) ` in front of the page's title while there is something unread, also when the page changes it or puts back
 * one that it had remembered with an earlier prefix.
 */
export function createTitlePrefix(): TitlePrefix {
  /** The page's own titles by what was made of them. */
  const written = new Map<string, string>();
  let prefix = "";
  const observer = new MutationObserver(() => write(prefix));

  function write(next: string) {
    const title = own("title") as string;
    const bare = written.get(title) ?? (title.startsWith(prefix) ? title.slice(prefix.length) : title);
    prefix = next;
    if (title !== prefix + bare) Reflect.set(Document.prototype, "title", prefix + bare, document);
    if (!prefix) return;
    if (written.size > MOST_REMEMBERED) written.clear();
    written.set(own("title") as string, bare);
  }

  return {
    set(count) {
      write(count > 0 ? `(${count}) ` : "");
      // What was written once may come back any time.
      if (written.size > 0) {
        observer.observe(own("head") as Node, { childList: true, subtree: true, characterData: true });
      }
    },
    end() {
      write("");
      observer.disconnect();
    },
  };
}
