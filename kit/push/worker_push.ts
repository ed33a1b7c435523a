import type { WorkerEvent, WorkerScope } from "./worker_scope.ts";

interface Words {
  title: string;
  body: string;
}

/** What a push message says, or `otherwise` where it says nothing that can be shown: browsers want something shown of each. */
export function readTold<Told extends Words>({ data }: WorkerEvent, otherwise: Told): Told {
  try {
    const told = Object(data?.json()) as Record<keyof Words, unknown>;
    return typeof told.title === "string" && typeof told.body === "string" ? told as Told : otherwise;
  } catch {
    // No JSON.
    return otherwise;
  }
}

/** Where the push services of Safari's are. */
const APPLE = /^https:\/\/([^/]+\.)?push\.apple\.com\//;

/**
 * Whether also what somebody has before them already is to be shown. In WebKit three messages of which nothing was shown, counted for
 * good, end all subscriptions of a site, whatever page is looked at (maxSilentPushCount in its WebPushDaemonConstants.h); and what is
 * closed at once stays or counts as not shown (webkit.org/b/309940). Chromium and Firefox allow it while a page of the site can be seen.
 */
export async function mustShow({ registration }: WorkerScope): Promise<boolean> {
  const subscription = await registration.pushManager.getSubscription();
  return APPLE.test(subscription?.endpoint ?? "");
}

/**
 * On `pushsubscriptionchange`: subscribes again under the key of the subscription that the browser has ended, where it tells which that
 * was. The project hears of it from the next page, which alone knows who is there.
 */
export async function subscribeAgain(
  { registration }: WorkerScope,
  { oldSubscription, newSubscription }: WorkerEvent,
): Promise<void> {
  if (!oldSubscription || newSubscription) return;
  const { applicationServerKey } = oldSubscription.options;
  await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}
