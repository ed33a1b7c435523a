import type { Problem } from "../../client/http/problem.ts";
import { currentDevice, pushState, subscribe, unsubscribe } from "../../kit/push/browser_push.ts";
import type { PushDevice } from "../core/kept_conversation.ts";
import { readMark, writeMark } from "./mark.ts";
import { pushPlace } from "./place.ts";

/** Browsers change what they are reached by, and push services forget: the project hears of it once a day. */
const RENEW_MS = 24 * 60 * 60 * 1000;
const BLOCKED: Problem = { code: "storage_blocked", message: "Storage is blocked." };

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

/** `unanswered`: the browser asked, and whoever sat there chose nothing. */
export type SwitchedOn = "on" | "denied" | "unanswered" | Problem;

/** Whether this browser tells a visitor of replies. */
export interface Replies {
  /** Asks nobody for anything. `null`: it can't. */
  isOn(): Promise<boolean | null>;
  /** On a click. Rejects where the worker can't be had, or the push service does not answer. */
  switchOn(): Promise<SwitchedOn>;
  switchOff(): Promise<void>;
}

export function createReplies({ agentId, pushWorker, pushKey, visitorId, push }: RepliesParts): Replies {
  const place = pushPlace(pushWorker, agentId);
  const mark = () => writeMark(agentId, { visitorId, savedAt: Date.now() });

  async function renew() {
    const device = await currentDevice(place);
    if (device && !await push(device)) mark();
  }

  return {
    async isOn() {
      const state = await pushState(place);
      if (state === "unsupported") return null;
      const kept = readMark(agentId);
      const isOurs = state === "on" && kept?.visitorId === visitorId;
      if (isOurs && Date.now() - kept.savedAt > RENEW_MS) await renew();
      return isOurs;
    },

    async switchOn() {
      const device = await subscribe(place, pushKey);
      if (!device) return Notification.permission === "denied" ? "denied" : "unanswered";
      // Whose it is must be known before anything can come.
      const problem = mark() ? await push(device) : BLOCKED;
      if (!problem) return "on";
      writeMark(agentId, null);
      await unsubscribe(place);
      return problem;
    },

    async switchOff() {
      writeMark(agentId, null);
      const endpoint = await unsubscribe(place);
      // What the project keeps is of no use any more, and goes when the push service says so, whatever becomes of this.
      if (endpoint) await push({ endpoint, keys: null });
    },
  };
}
