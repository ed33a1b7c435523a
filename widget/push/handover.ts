/** What the service worker leaves for the page that it opens: which conversation somebody clicked for. */

/** In the browser's cache storage, which both can reach. */
const CACHE = "heddle";
/** Milliseconds after which nobody waits for it any more. */
const LONGEST = 2 * 60 * 1000;

/** What the worker asks a page of the site: is there a widget (`here`), and would it open the conversation. Only a yes is answered. */
export interface PageRequest {
  type: "heddle:here" | "heddle:open";
  agentId: string;
  /** Empty: the widget alone. */
  conversationId: string;
}

/** `scope`: what the worker is registered for; `now` in milliseconds since the epoch. */
export async function leave(scope: string, request: PageRequest, now: number): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(scope, Response.json({ ...request, at: now }));
}

/** What was left, once; `null` if there is nothing, or it is too old. */
export async function pickUp(scope: string, now: number): Promise<PageRequest | null> {
  if (!await caches.has(CACHE)) return null;
  const cache = await caches.open(CACHE);
  const left = await (await cache.match(scope))?.json();
  if (left === undefined) return null;
  await cache.delete(scope);
  return isPageRequest(left) && now - Number(Object(left).at) < LONGEST ? left : null;
}

export function isPageRequest(value: unknown): value is PageRequest {
  const { type, agentId, conversationId } = Object(value) as Record<string, unknown>;
  return /^heddle:(here|open)$/.test(String(type)) && typeof agentId === "string" &&
    typeof conversationId === "string";
}
