/** What goes over a gateway's WebSocket, both ways: JSON in text frames of up to 64 KiB. */
import * as z from "zod";
import { channelFilters, cursorText, topicFilters } from "./events.ts";

const MAX_NAMES = 50;
const MAX_NAME_CHARACTERS = 1_000;

/** Echoed in the answer. */
const ref = z.string().max(64).optional();

/** A channel or a topic as it was written, and what it means. */
function named(filters: typeof channelFilters | typeof topicFilters) {
  return z.string().max(MAX_NAME_CHARACTERS).transform((name, context) => {
    const read = filters.safeParse(name);
    if (read.success) return { name, filters: read.data };
    for (const { message } of read.error.issues) context.addIssue({ code: "custom", message });
    return z.NEVER;
  });
}

const names = {
  channel: named(channelFilters).optional(),
  topic: named(topicFilters).optional(),
  channels: z.array(named(channelFilters)).max(MAX_NAMES).default([]),
  topics: z.array(named(topicFilters)).max(MAX_NAMES).default([]),
};

/** `channel` and `topic` name one, `channels` and `topics` several that go on from the same cursor; none: all there is. */
const subscribe = z.object({
  type: z.literal("subscribe"),
  ref,
  ...names,
  /** `message`: every type that begins with `message:`; `message:new`: that one; `activity`: `user:…`. None: all. */
  event: z.string().min(1).max(300).optional(),
  since: cursorText.optional(),
});

const unsubscribe = z.object({ type: z.literal("unsubscribe"), ref, ...names });

const publish = z.object({
  type: z.literal("publish"),
  ref,
  channel: z.string().regex(/^conversation:[^\s]+$/, "must be conversation:<id>"),
  event: z.literal("typing", { error: "must be typing: other events are written with POST events" }),
  data: z.record(z.string(), z.unknown()).default({}),
});

const listSubscriptions = z.object({ type: z.literal("list_subscriptions"), ref });
const ping = z.object({ type: z.literal("ping"), ref });

export const clientFrame = z.discriminatedUnion("type", [
  subscribe,
  unsubscribe,
  publish,
  listSubscriptions,
  ping,
]);

export type ClientFrame = z.infer<typeof clientFrame>;
export type SubscribeFrame = z.infer<typeof subscribe>;
export type UnsubscribeFrame = z.infer<typeof unsubscribe>;
export type PublishFrame = z.infer<typeof publish>;
export type Named = z.infer<ReturnType<typeof named>>;

export const FRAME_TYPES: readonly string[] = clientFrame.options.map(({ shape }) => shape.type.value);

/** Codes of `error` frames; a number: the connection is closed with it, 4000 and the HTTP status that means the same. */
export const GATEWAY_ERRORS = {
  invalid_json: null,
  invalid_request: null,
  unknown_type: null,
  not_subscribed: null,
  already_subscribed: null,
  forbidden: null,
  too_many_subscriptions: null,
  cursor_expired: null,
  rate_limited: null,
  /** After ten frames that could not be read. */
  too_many_errors: 4400,
  unauthorized: 4401,
  expired: 4401,
  removed: 4403,
  slow_consumer: 4408,
  replaced: 4409,
  too_many_frames: 4429,
  internal: 4500,
  unavailable: 4503,
} as const;

export type GatewayErrorCode = keyof typeof GATEWAY_ERRORS;

/** RFC 6455 registers it: the server restarts. */
export const CLOSE_RESTART = 1012;

/** What a gateway sends. An event has its own type instead of one of these: see `EventFrame`. */
export type GatewayFrame =
  | {
    type: "welcome";
    connection: string;
    limits: { subscriptions: number; messagesPerSecond: number };
    pingSeconds: number;
  }
  | ({ type: "subscribed"; ref?: string; event?: string; resumed: boolean; cursor?: string } & NamesAsWritten)
  | ({ type: "unsubscribed"; ref?: string } & NamesAsWritten)
  | { type: "subscriptions"; ref?: string; subscriptions: ({ event?: string } & NamesAsWritten)[] }
  | { type: "published"; ref?: string }
  | { type: "cursor"; cursor: string }
  | { type: "pong"; ref?: string }
  | { type: "error"; ref?: string; code: GatewayErrorCode; message: string; retryAfter?: number };

export interface NamesAsWritten {
  channel?: string;
  topic?: string;
  channels?: string[];
  topics?: string[];
}

/** An event; `cursor` with the last one of what was sent at once. */
export interface EventFrame {
  type: string;
  channel?: string;
  topic: string;
  id: string;
  at: string;
  actor?: string;
  data: Record<string, unknown>;
  cursor?: string;
}
