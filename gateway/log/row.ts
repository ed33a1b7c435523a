import { Buffer } from "node:buffer";
import * as z from "zod";
import type { EventFrame } from "../../shared/api/gateway.ts";
import type { LogPlace } from "../../shared/cursors.ts";
import { isObject } from "../../shared/envelope.ts";
import { channelOf } from "../../shared/topics.ts";

/** Events as the database answers them. */
export const loggedRows = z.array(z.object({
  pos: z.number(),
  xid: z.coerce.number(),
  orgId: z.string(),
  agentId: z.string().nullable(),
  event: z.object({
    id: z.string(),
    type: z.string(),
    at: z.string(),
    topic: z.string(),
    actor: z.string().optional(),
    data: z.custom<Record<string, unknown>>(isObject),
  }),
}));

/** What is told and not kept, as the database answers it: that somebody is typing, by what a message has grown. */
export const ephemeralRows = z.array(z.object({
  pos: z.number(),
  orgId: z.string(),
  agentId: z.string(),
  topic: z.string(),
  type: z.string(),
  data: z.custom<Record<string, unknown>>(isObject),
  /** The connection that told it, which is not told. */
  teller: z.string().nullable(),
}));

export type Ephemeral = z.infer<typeof ephemeralRows>[number];

/** An event of the log, with the bytes that everybody who hears of it gets: made once. */
export class LogRow implements LogPlace {
  readonly pos: number;
  readonly xid: number;
  readonly orgId: string;
  readonly agentId: string | null;
  readonly type: string;
  /** Of its topic. */
  readonly tokens: readonly string[];
  readonly event: EventFrame;
  #plain: Buffer | null = null;
  #last: { cursor: string; bytes: Buffer } | null = null;

  constructor({ pos, xid, orgId, agentId, event }: z.infer<typeof loggedRows>[number]) {
    const { type, topic, id, at, actor, data } = event;
    const channel = channelOf(topic);
    this.pos = pos;
    this.xid = xid;
    this.orgId = orgId;
    this.agentId = agentId;
    this.type = type;
    this.tokens = topic.split(".");
    this.event = {
      type,
      ...(channel === null ? {} : { channel }),
      topic,
      id,
      at,
      ...(actor === undefined ? {} : { actor }),
      data,
    };
  }

  /** The frame; with a cursor, as the last one of what is sent at once. */
  bytes(cursor: string | null): Buffer {
    this.#plain ??= Buffer.from(JSON.stringify(this.event));
    if (cursor === null) return this.#plain;
    if (this.#last?.cursor !== cursor) {
      const text = `${this.#plain.subarray(0, -1)},"cursor":${JSON.stringify(cursor)}}`;
      this.#last = { cursor, bytes: Buffer.from(text) };
    }
    return this.#last.bytes;
  }
}
