/** What goes over a gateway's WebSocket, both ways: JSON in text frames of up to 64 KiB. */
import * as z from "zod";
import { EVENTS_ON } from "../event_schemas.ts";
import { beginningOf, isReadable } from "../text.ts";
import { channelFilters, cursorText, topicFilters } from "./events.ts";

const MAX_NAMES = 50;
const MAX_NAME_CHARACTERS = 1_000;
/** Of who is typing. */
const MAX_TYPING_NAME = 120;
const UNREADABLE = "must be well-formed Unicode without NUL";

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
  channel: z.string().max(MAX_NAME_CHARACTERS)
    .regex(
      /^(?:conversation|room):[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/,
      "must be conversation:<id> or room:<id>, with the uuid by which events name it",
    )
    .refine(isReadable, UNREADABLE),
  event: z.literal("typing", { error: "must be typing: other events are written with POST events" }),
  data: z.record(z.string(), z.unknown()).default({}).transform(({ name }, context) => {
    if (typeof name !== "string") return {};
    if (isReadable(name)) return { name: beginningOf(name, MAX_TYPING_NAME) };
    context.addIssue({ code: "custom", path: ["name"], message: UNREADABLE });
    return z.NEVER;
  }),
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
  /** Of one key, or one member. */
  too_many_connections: 4429,
  internal: 4500,
  unavailable: 4503,
} as const;

export type GatewayErrorCode = keyof typeof GATEWAY_ERRORS;

/** RFC 6455 registers it: the server restarts. */
export const CLOSE_RESTART = 1012;

const asWritten = {
  channel: z.string().optional(),
  topic: z.string().optional(),
  channels: z.array(z.string()).optional(),
  topics: z.array(z.string()).optional(),
};

const namesAsWritten = z.object(asWritten);

/** What a gateway sends. An event has its own type instead of one of these: see `eventFrame`. */
export const gatewayFrame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("welcome"),
    connection: z.string(),
    limits: z.object({ subscriptions: z.int(), messagesPerSecond: z.number() }),
    pingSeconds: z.number(),
  }),
  z.object({
    type: z.literal("subscribed"),
    ref,
    event: z.string().optional(),
    resumed: z.boolean(),
    cursor: z.string().optional(),
    ...asWritten,
  }),
  z.object({ type: z.literal("unsubscribed"), ref, ...asWritten }),
  z.object({
    type: z.literal("subscriptions"),
    ref,
    subscriptions: z.array(z.object({ event: z.string().optional(), ...asWritten })),
  }),
  z.object({ type: z.literal("published"), ref }),
  z.object({ type: z.literal("cursor"), cursor: z.string() }),
  z.object({ type: z.literal("pong"), ref }),
  z.object({
    type: z.literal("error"),
    ref,
    code: z.enum(Object.keys(GATEWAY_ERRORS) as [GatewayErrorCode, ...GatewayErrorCode[]]),
    message: z.string(),
    /** Seconds. */
    retryAfter: z.number().optional(),
  }),
]);

/** An event; `cursor` with the last one of what was sent at once. */
export const eventFrame = z.object({
  type: z.string(),
  channel: z.string().optional(),
  topic: z.string(),
  id: z.string(),
  at: z.string(),
  actor: z.string().optional(),
  data: z.record(z.string(), z.unknown()),
  cursor: z.string().optional(),
});

/** What is told and not kept: no `id`, no `cursor`. */
export const ephemeralFrame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("typing"), channel: z.string(), data: EVENTS_ON.conversation.typing }),
  z.object({
    type: z.literal("message_stream"),
    channel: z.string(),
    data: EVENTS_ON.conversation.message_stream,
  }),
]);

export type GatewayFrame = z.infer<typeof gatewayFrame>;
export type NamesAsWritten = z.infer<typeof namesAsWritten>;
export type EventFrame = z.infer<typeof eventFrame>;
