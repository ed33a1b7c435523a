/** Keeps `(3) ` in front of the page's title while there is something unread, also when the page changes it. */
export function createTitlePrefix(): { set(count: number): void } {
  let prefix = "";
  const observer = new MutationObserver(() => {
    if (!document.title.startsWith(prefix)) document.title = prefix + document.title;
  });

  return {
    set(count) {
      observer.disconnect();
      const { title } = document;
      const bare = title.startsWith(prefix) ? title.slice(prefix.length) : title;
      prefix = count > 0 ? `(${count}) ` : "";
      if (title !== prefix + bare) document.title = prefix + bare;
      if (prefix) observer.observe(document.head, { childList: true, subtree: true, characterData: true });
    },
  };
}
