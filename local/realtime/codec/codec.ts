import type { JsonObject } from "../json.ts";
import { protocol1 } from "./protocol1.ts";
import { protocol2 } from "./protocol2.ts";

/** What one WebSocket message carries: text or bytes. */
export type Frame = string | Uint8Array<ArrayBuffer>;

/** What a client calls a message, or the join of a channel. */
export type Ref = string | number | null;

export interface ClientMessage {
  joinRef: Ref;
  ref: Ref;
  topic: string;
  event: string;
  payload: unknown;
  /** Set instead of `payload` when the frame was binary. */
  broadcast: UserBroadcast | NativeBroadcast | null;
}

export interface ServerMessage {
  joinRef: Ref;
  ref: Ref;
  topic: string;
  event: string;
  payload: JsonObject;
}

/** A broadcast whose payload passes through the server as bytes. */
export interface UserBroadcast {
  kind: "user";
  event: string;
  encoding: "json" | "binary";
  payload: Uint8Array<ArrayBuffer>;
  meta: JsonObject | null;
}

/** A broadcast that is relayed as the text frame it came in. */
export interface TextBroadcast {
  kind: "text";
  payload: JsonObject;
}

/** Bytes in Phoenix's own binary frame. */
export interface NativeBroadcast {
  kind: "native";
  payload: Uint8Array<ArrayBuffer>;
}

export type Broadcast = UserBroadcast | TextBroadcast | NativeBroadcast;

/** One version of the wire protocol. */
export interface Codec {
  /** `null` for a frame that is not a message: the server drops it and the connection stays. */
  decode(frame: Frame): ClientMessage | null;
  encode(message: ServerMessage): Frame;
  /** `null` when this protocol cannot carry the broadcast. Throws `FieldTooLong` for names over 255 bytes. */
  encodeBroadcast(topic: string, broadcast: Broadcast): Frame | null;
}

/** A name does not fit the one-byte length of a binary frame. */
export class FieldTooLong extends Error {
  constructor(field: string, bytes: number) {
    super(`${field} is ${bytes} bytes long; a binary frame holds at most 255`);
    this.name = "FieldTooLong";
  }
}

/** The codec for a `vsn` query parameter; `null` for a version that is not spoken. Clients that name none speak 1.0.0. */
export function codecFor(vsn: string | null): Codec | null {
  const [, major] = /^([12])\.0\.\d+$/.exec(vsn ?? "1.0.0") ?? [];
  if (major === undefined) return null;
  return major === "1" ? protocol1 : protocol2;
}
