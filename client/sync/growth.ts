import type { Envelope, StreamFrame } from "../../shared/events.ts";
import type { Scope } from "../platform/scope.ts";
import { messageEntry } from "./conversation_events.ts";
import type { ConversationView } from "./conversation_view.ts";

/** Milliseconds. Once a second a frame repeats what came since the last such one, and fills what was missed. */
const GAP_LASTS = 2500;

/**
 * Messages that grow while they are read. Each frame says where in the text it belongs, so frames may be lost, doubled and out
 * of order; the stored message takes the place of them all.
 */
export interface Growth {
  hear(frames: readonly Envelope["data"][]): void;
}

export interface GrowthSetup {
  /** The open conversation's. */
  scope: Scope;
  view: Pick<ConversationView, "state" | "apply" | "show">;
  /** Something is missing that no frame has brought: an answer has what there is by now. */
  onGap(): void;
}

export function createGrowth({ scope, view, onGap }: GrowthSetup): Growth {
  const gaps = new Map<string, () => void>();
  /** Undefined before the beginning of a message has come, and after its end. */
  const growing = (id: string) =>
    view.state.value.entries.find((entry) => entry.id === id && entry.status === "streaming");

  function waitFor(id: string) {
    if (gaps.has(id)) return;
    const cancel = scope.after(GAP_LASTS, () => {
      gaps.delete(id);
      if (growing(id)) onGap();
    });
    gaps.set(id, cancel);
  }

  function hear({ messageId: id, offset, delta }: StreamFrame) {
    const entry = growing(id);
    if (!entry) return;
    if (offset > entry.body.length) return waitFor(id);
    gaps.get(id)?.();
    gaps.delete(id);
    const body = entry.body.slice(0, offset) + delta;
    if (body.length <= entry.body.length) return;
    view.apply({ kind: "entry", entry: messageEntry({ ...entry, body }) });
    view.show();
  }

  return {
    hear(frames) {
      for (const frame of frames) if (isFrame(frame)) hear(frame);
    },
  };
}

function isFrame(data: Envelope["data"]): data is Envelope["data"] & StreamFrame {
  const { messageId, offset, delta } = data;
  return typeof messageId === "string" && typeof offset === "number" && offset >= 0 &&
    typeof delta === "string";
}
