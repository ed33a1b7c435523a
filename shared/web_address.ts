/**
 * The inbox's address as what Auth must allow and links lead to: of a folder it ends with a slash. `null` for what is no address of
 * a page.
 */
export function inboxAddress(text: string): string | null {
  const url = parsedUrl(text);
  if (!url || !/^https?:$/.test(url.protocol)) return null;
  const last = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  if (last !== "" && !last.includes(".")) url.pathname += "/";
  return url.href;
}

/** `null` for what is no URL. `URL.canParse` of Node 20 refuses "ü" once it has been called a few thousand times. */
export function parsedUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
