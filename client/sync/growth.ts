import type { Envelope, StreamFrame } from "../../shared/events.ts";
import type { Scope } from "../platform/scope.ts";
import { messageEntry } from "./conversation_events.ts";
import type { ConversationView } from "./conversation_view.ts";

/** Frames of a message that wait for what lies before them. */
const MAX_HELD = 500;
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
  /** By message, frames that belong behind what is known of it. */
  const held = new Map<string, StreamFrame[]>();
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

  function hear(frame: StreamFrame) {
    const { messageId: id } = frame;
    const entry = growing(id);
    if (!entry) return void held.delete(id);
    const frames = [...held.get(id) ?? [], frame].sort((a, b) => a.offset - b.offset);
    let { body } = entry;
    while (frames[0] && frames[0].offset <= body.length) {
      const { offset, delta } = frames.shift() as StreamFrame;
      if (offset + delta.length > body.length) body = body.slice(0, offset) + delta;
    }
    held.set(id, frames.slice(0, MAX_HELD));
    if (frames.length > 0) waitFor(id);
    else {
      gaps.get(id)?.();
      gaps.delete(id);
    }
    if (body === entry.body) return;
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
