/** Keeps `(3) ` in front of the page's title while there is something unread, also when the page changes it. */
export function createTitlePrefix(): { set(count: number): void } {
  let prefix = "";
  const observer = new MutationObserver(apply);

  function bare(): string {
    return prefix && document.title.startsWith(prefix) ? document.title.slice(prefix.length) : document.title;
  }

  function apply() {
    if (!document.title.startsWith(prefix)) document.title = prefix + document.title;
  }

  return {
    set(count) {
      const title = bare();
      prefix = count > 0 ? `(${count}) ` : "";
      if (document.title !== prefix + title) document.title = prefix + title;
      observer.disconnect();
      if (prefix) observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    },
  };
}
