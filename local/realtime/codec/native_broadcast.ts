/** Phoenix's own binary frames: what a Phoenix client makes of a push of bytes. Supabase's clients don't use them. */
import { concat, field, readFields } from "./binary.ts";
import type { ClientMessage, NativeBroadcast } from "./codec.ts";

export const PUSH = 0;
const BROADCAST = 2;
/** Kind and four lengths. */
const HEADER = 5;

/**
 * Reads a client's kind 0 frame: `0 joinRefLen refLen topicLen eventLen` followed by these fields and the bytes. `null` for
 * frames that end too early.
 */
export function decodePush(frame: Uint8Array<ArrayBuffer>): ClientMessage | null {
  const read = readFields(frame, { fields: 4, header: HEADER });
  if (!read) return null;
  const [joinRef, ref, topic = "", event = ""] = read.texts;
  const broadcast: NativeBroadcast = { kind: "native", payload: frame.slice(read.end) };
  return { joinRef: joinRef || null, ref: ref || null, topic, event, payload: null, broadcast };
}

/** Writes a kind 2 frame: `2 topicLen eventLen` followed by these fields and the bytes. */
export function encodeBroadcast(topic: string, { payload }: NativeBroadcast): Uint8Array<ArrayBuffer> {
  const fields = [field("topic", topic), field("event", "broadcast")];
  return concat([Uint8Array.of(BROADCAST, ...fields.map((bytes) => bytes.length)), ...fields, payload]);
}
