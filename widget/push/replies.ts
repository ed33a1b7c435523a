import type { Problem } from "../../client/http/problem.ts";
import { pushState, subscribe, unsubscribe } from "../../kit/push/browser_push.ts";
import { followMark, readMark, writeMark } from "./mark.ts";
import { pushPlace } from "./place.ts";
import { renewReplies, type RepliesParts } from "./renewal.ts";

const BLOCKED: Problem = { code: "storage_blocked", message: "Storage is blocked." };

/** `unanswered`: the browser asked, and whoever sat there chose nothing. */
export type SwitchedOn = "on" | "denied" | "unanswered" | Problem;

/** Whether this browser tells a visitor of replies. */
export interface Replies {
  /** After it was renewed. Asks nobody for anything. `null`: it can't. */
  isOn(): Promise<boolean | null>;
  /** On a click. Rejects where the worker can't be had, or the push service does not answer. */
  switchOn(): Promise<SwitchedOn>;
  switchOff(): Promise<void>;
  /** Calls back whenever another page of this browser may have switched it. Returns what ends that. */
  follow(onChange: () => void): () => void;
}

export function createReplies(parts: RepliesParts): Replies {
  const { agentId, pushWorker, pushKey, visitorId, push } = parts;
  const place = pushPlace(pushWorker, agentId);
  const isOurs = () => readMark(agentId)?.visitorId === visitorId;

  return {
    async isOn() {
      if (await pushState(place) === "unsupported") return null;
      // Where that fails it is off, and a click says why.
      if (isOurs()) await renewReplies(parts).catch(() => undefined);
      return await pushState(place) === "on" && isOurs();
    },

    async switchOn() {
      const device = await subscribe(place, pushKey);
      if (!device) return Notification.permission === "denied" ? "denied" : "unanswered";
      // Whose it is must be known before anything can come.
      const { endpoint } = device;
      const problem = writeMark(agentId, { visitorId, endpoint, savedAt: Date.now() })
        ? await push(device)
        : BLOCKED;
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

    follow: (onChange) => followMark(agentId, onChange),
  };
}
