/** First byte of a binary frame that carries a broadcast (supabase/realtime, `v2_serializer.ex`). */
const BROADCAST_KIND = 4;
/** Bytes before the texts: kind, lengths of topic, event and metadata, encoding. */
const HEADER = 5;

/** A message of Phoenix's protocol 2.0.0. */
export type Frame = [
  joinRef: string | null,
  ref: string | null,
  topic: string,
  event: string,
  payload: FramePayload,
];

export interface FramePayload {
  /** Of a broadcast: what its sender sent. */
  payload?: unknown;
  /** Of a reply and of a `system` message. */
  status?: unknown;
  response?: { reason?: unknown } | null;
}

/**
 * A frame from the server; `null` for one that the protocol doesn't know, or that carries nothing for a
 * listener.
 */
export function decodeFrame(data: unknown): Frame | null {
  try {
    return typeof data === "string" ? readFrame(JSON.parse(data)) : decodeBroadcast(data as ArrayBuffer);
  } catch {
    // Neither JSON nor an array buffer, or one that is too short: not from Realtime.
    return null;
  }
}

function readFrame(frame: unknown): Frame | null {
  if (!Array.isArray(frame)) return null;
  const [joinRef, ref, topic, event, payload] = frame;
  return typeof topic === "string" && typeof event === "string"
    ? [joinRef, ref, topic, event, Object(payload)]
    : null;
}

/** Throws if the frame ends before its texts do. */
function decodeBroadcast(data: ArrayBuffer): Frame | null {
  const [kind, topicLength = 0, eventLength = 0, metadataLength = 0] = new Uint8Array(data, 0, HEADER);
  if (kind !== BROADCAST_KIND) return null;
  const text = (from: number, length?: number) =>
    new TextDecoder().decode(new Uint8Array(data, from, length));
  const payload = JSON.parse(text(HEADER + topicLength + eventLength + metadataLength));
  return [null, null, text(HEADER, topicLength), "broadcast", { payload }];
}
