import type { Problem } from "../../client/http/problem.ts";
import {
  type PushDevice,
  type PushPlace,
  type PushState,
  pushState as stateOf,
  resubscribe,
  subscribe,
  unsubscribe,
} from "../../kit/push/browser_push.ts";
import type { Desk } from "../core/desk.ts";
import { readPlace } from "./place.ts";

const WORKER = "push_worker.js";
const MARK_KEY = "heddle.inbox.push";
/** Push services forget browsers that are not heard of: the project hears of it once a day. */
const RENEW_MS = 24 * 60 * 60 * 1000;
/** A window that holds the lock any longer, in milliseconds, is frozen. */
const LONGEST_WAIT = 16_000;
const BLOCKED: Problem = { code: "storage_blocked", message: "Storage is blocked." };

/** Whom this browser tells by push, and what each organisation reaches it by. */
interface PushMark {
  userId: string;
  /** `savedAt` in milliseconds since the epoch. */
  organisations: Record<string, { endpoint: string; savedAt: number }>;
}

type Operator = Pick<Desk, "userId" | "agent" | "notifications">;

/** A click on a push message names the place to open. */
export function followPushes(): void {
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    const { type, hash } = Object(data) as { type?: unknown; hash?: unknown };
    if (type !== "heddle:open" || typeof hash !== "string") return;
    if (readPlace(hash).conversationId) location.hash = hash;
  });
}

/** Whether this browser tells that operator by push. Asks nobody for anything. */
export async function pushState(userId: string): Promise<PushState> {
  const state = await stateOf(place());
  return state === "on" && readMark()?.userId !== userId ? "off" : state;
}

/** Calls back whenever another window may have switched it. Returns what ends that. */
export function followPush(onChange: () => void): () => void {
  const ending = new AbortController();
  addEventListener("storage", ({ key }) => {
    if (key === MARK_KEY || key === null) onChange();
  }, { signal: ending.signal });
  return () => ending.abort();
}

/** On a click: asks for permission, subscribes and tells the project. */
export async function switchOn(operator: Operator, publicKey: string) {
  const { userId, notifications } = operator;
  const device = await subscribe(place(), publicKey);
  if (!device) return await notifications.preferences();
  // Whose it is must be known before anything can come.
  if (!writeMark({ userId, organisations: {} })) {
    await unsubscribe(place());
    return { ok: false, problem: BLOCKED } as const;
  }
  const saved = await save(operator, device);
  if (!saved.ok) await forgetPush();
  return saved;
}

/** Ends it in this browser, and tells the project. */
export async function switchOff({ notifications }: Operator) {
  const endpoint = await forgetPush();
  return endpoint ? await notifications.removePush(endpoint) : await notifications.preferences();
}

/** Ends it in this browser; the push service then refuses what comes. Answers its endpoint, if there was one. */
export async function forgetPush(): Promise<string | null> {
  writeMark(null);
  return await unsubscribe(place());
}

/**
 * Where this browser tells the operator by push, sees to it that it goes on doing so: subscribes again if the browser has lost that, or
 * the project has another key, and tells the project of an address that has changed. Nobody is asked; who has taken back their
 * permission is told no more. What fails is tried again the next time. Rejects where the push service does not answer.
 */
export async function renewPush(operator: Operator): Promise<void> {
  if (readMark()?.userId !== operator.userId) return;
  const signal = AbortSignal.timeout(LONGEST_WAIT);
  // One window after the other: each would end what another has just subscribed.
  await navigator.locks.request(MARK_KEY, { signal }, () => renew(operator));
}

async function renew(operator: Operator): Promise<void> {
  const { userId, agent: { orgId }, notifications } = operator;
  const answer = await notifications.preferences();
  const mark = readMark();
  if (!answer.ok || !answer.value.pushKey || mark?.userId !== userId) return;
  const known = mark.organisations[orgId];
  const device = await resubscribe(place(), answer.value.pushKey);
  if (!device) {
    await forgetPush();
    if (known) await notifications.removePush(known.endpoint);
    return;
  }
  const hasMoved = known !== undefined && known.endpoint !== device.endpoint;
  if (known && !hasMoved && Date.now() - known.savedAt <= RENEW_MS) return;
  // First, so that it is done again if what follows is not.
  if (hasMoved && !(await notifications.removePush(known.endpoint)).ok) return;
  await save(operator, device);
}

/** Tells the project of the browser, unless it is to tell somebody else by then, or nobody. */
async function save({ userId, agent: { orgId }, notifications }: Operator, device: PushDevice) {
  const { endpoint, keys } = device;
  const saved = await notifications.savePush({ endpoint, ...keys });
  const mark = readMark();
  if (mark === null) {
    await unsubscribe(place());
    return saved.ok ? await notifications.removePush(endpoint) : saved;
  }
  if (saved.ok && mark.userId === userId) {
    const organisations = { ...mark.organisations, [orgId]: { endpoint, savedAt: Date.now() } };
    writeMark({ userId, organisations });
  }
  return saved;
}

/** `null`: nobody, or nobody knows. */
function readMark(): PushMark | null {
  try {
    const { userId, organisations } = Object(JSON.parse(localStorage.getItem(MARK_KEY) ?? "{}"));
    return typeof userId === "string" ? { userId, organisations: Object(organisations) } : null;
  } catch {
    // Blocked storage, or not ours.
    return null;
  }
}

/** `null` removes it. False where storage is blocked: nobody would know whose it is. */
function writeMark(mark: PushMark | null): boolean {
  try {
    if (mark) localStorage.setItem(MARK_KEY, JSON.stringify(mark));
    else localStorage.removeItem(MARK_KEY);
    return true;
  } catch {
    return false;
  }
}

function place(): PushPlace {
  return { worker: new URL(WORKER, document.baseURI), scope: new URL(".", document.baseURI) };
}
