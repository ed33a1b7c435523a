import type { Problem } from "../../client/http/problem.ts";
import { resubscribe, unsubscribe } from "../../kit/push/browser_push.ts";
import type { PushDevice } from "../core/kept_conversation.ts";
import { readMark, writeMark } from "./mark.ts";
import { pushPlace } from "./place.ts";

/** Push services forget browsers that are not heard of: the project hears of it once a day. */
const RENEW_MS = 24 * 60 * 60 * 1000;
/** A page that holds the lock any longer, in milliseconds, is frozen. */
const LONGEST_WAIT = 16_000;

export interface RepliesParts {
  agentId: string;
  /** The owner's worker, as the script tag names it. */
  pushWorker: string;
  /** What a browser subscribes with. */
  pushKey: string;
  visitorId: string;
  /** Tells the project of this browser. */
  push(device: PushDevice): Promise<Problem | null>;
}

/**
 * Where this browser tells the visitor of replies, sees to it that it goes on doing so: subscribes again if the browser has lost that, or
 * the project has another key, and tells the project of an address that has changed. Nobody is asked; who has taken back their permission
 * is told no more. What fails is tried again with the next page. Rejects where the worker can't be had, or the push service does not
 * answer.
 */
export async function renewReplies(parts: RepliesParts): Promise<void> {
  const { scope } = pushPlace(parts.pushWorker, parts.agentId);
  const signal = AbortSignal.timeout(LONGEST_WAIT);
  // One page after the other: each would end what another has just subscribed.
  await navigator.locks.request(scope.href, { signal }, () => renew(parts));
}

async function renew({ agentId, pushWorker, pushKey, visitorId, push }: RepliesParts): Promise<void> {
  const place = pushPlace(pushWorker, agentId);
  const mark = readMark(agentId);
  if (mark?.visitorId !== visitorId) return;
  const isNow = (endpoint: string) => endpoint === mark.endpoint;

  async function end(endpoint: string) {
    writeMark(agentId, null);
    await unsubscribe(place);
    await push({ endpoint, keys: null });
  }

  const device = await resubscribe(place, pushKey);
  if (!device) return await end(mark.endpoint);
  const { endpoint } = device;
  if (isNow(endpoint) && Date.now() - mark.savedAt <= RENEW_MS) return;
  const problem = await push(device) ??
    (isNow(endpoint) ? null : await push({ endpoint: mark.endpoint, keys: null }));
  // Erased: then nobody is told here, until they ask for it again.
  if (problem?.code === "item_not_found") return await end(endpoint);
  const kept = readMark(agentId);
  // Switched off meanwhile.
  if (kept === null) return await end(endpoint);
  if (!problem && kept.visitorId === visitorId) {
    writeMark(agentId, { visitorId, endpoint, savedAt: Date.now() });
  }
}
