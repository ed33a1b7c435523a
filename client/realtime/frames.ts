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
  /** Of a broadcast: the sender's own event name. */
  event?: string;
  /** Of a reply and of a `system` message. */
  status?: string;
  response?: { reason?: string };
}

/** A frame from the server; `null` for a binary one of a kind that carries no broadcast. */
export function decodeFrame(data: string | ArrayBuffer): Frame | null {
  if (typeof data === "string") return JSON.parse(data);
  const [kind, topicLength = 0, eventLength = 0] = new Uint8Array(data, 0, HEADER);
  if (kind !== BROADCAST_KIND) return null;
  const text = (from: number, length: number) => new TextDecoder().decode(new Uint8Array(data, from, length));
  const event = text(HEADER + topicLength, eventLength);
  // What follows is the payload: a hint needs none.
  return [null, null, text(HEADER, topicLength), "broadcast", { event }];
}
