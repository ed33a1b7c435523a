import type { PushPlace } from "../../kit/push/browser_push.ts";

/**
 * Where an owner serves the worker, as the script tag says: on the page's origin, from its root, since it is one for all pages, and
 * browsers register none of elsewhere, where a `<base>` may lead. For each agent it is registered for a folder of its own below it, in
 * which no page lies: it comes into the way of no other worker, and answers no request.
 */
export function pushPlace(pushWorker: string, agentId: string): PushPlace {
  const worker = new URL(pushWorker, location.origin);
  return { worker, scope: new URL(worker.pathname.replace(/(\.\w+)?$/, `/${agentId}/`), worker) };
}
