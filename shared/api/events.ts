import * as z from "zod";
import { isObject } from "../envelope.ts";
import { idProblem, ownerId } from "../ids.ts";
import { wellFormedJson } from "../text.ts";
import { OWN_SOURCES, readChannel, readTopic, type TopicFilter } from "../topics.ts";
import { eventData } from "./event_data.ts";

const MAX_FILTERS = 50;
const CURSOR = /^[\w-]{1,8000}$/;
/** Seconds. Proxies on the way give up at thirty. */
const MAX_WAIT = 25;
const MAX_EVENTS = 500;
/** As SQL keeps it and a header carries it. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** `POST events`: something that happened in one of the owner's services. */
export const writeEventRequest = z.strictObject({
  source: ownerId.refine((source) => !OWN_SOURCES.includes(source), {
    message: `must not be ${OWN_SOURCES.join(", ")}: those are Heddle's own`,
  }),
  resource: ownerId,
  event: ownerId,
  resourceId: ownerId,
  /** Who did it. */
  actor: ownerId.optional(),
  data: eventData.default({}),
}).transform((event) => JSON.parse(wellFormedJson(JSON.stringify(event))) as typeof event);

export const idempotencyKey = z.string().regex(
  IDEMPOTENCY_KEY,
  "must be 1 to 255 visible ASCII characters",
).optional();

export const writeEventAnswer = z.object({
  id: z.string(),
  /** `resource.event` */
  type: z.string(),
  /** ISO 8601 */
  at: z.string(),
  topic: z.string(),
});

const whole = (name: string, least: number, most: number) =>
  z.string().regex(/^\d{1,4}$/, `must be a whole number from ${least} to ${most}`).transform(Number)
    .refine((value) => value >= least && value <= most, `${name} must be from ${least} to ${most}`);

/** What was answered as a cursor, as far as a text shows it. */
export const cursorText = z.string().regex(CURSOR, "must be a cursor that was answered");

export const topicFilters = filtersBy((topic) => {
  const filter = readTopic(topic);
  return typeof filter === "string" ? filter : [filter];
});
export const channelFilters = filtersBy(readChannel);

function filtersBy(read: (name: string) => TopicFilter[] | string) {
  return z.string().transform((name, context) => {
    const filters = read(name);
    const problem = typeof filters === "string" ? filters : problemOf(filters);
    if (typeof filters !== "string" && problem === null) return filters;
    context.addIssue({ code: "custom", message: problem ?? "" });
    return z.NEVER;
  });
}

/** No event has what can't be one of its texts. */
function problemOf(filters: TopicFilter[]): string | null {
  const texts = filters.flatMap((filter) => Object.values(filter) as string[]);
  const [problem = null] = texts.map(idProblem).filter((each) => each !== null);
  return problem && `its texts ${problem}`;
}

/** `GET events`: channels and topics add up; without any of them all events are meant. */
export const readEventsRequest = z.object({
  since: cursorText.optional(),
  /** Seconds until an empty answer. */
  wait: whole("wait", 0, MAX_WAIT).default(0),
  limit: whole("limit", 1, MAX_EVENTS).default(MAX_EVENTS),
  channel: z.array(channelFilters).max(MAX_FILTERS).default([]),
  topic: z.array(topicFilters).max(MAX_FILTERS).default([]),
});

export const readEventsAnswer = z.object({
  /** In the order in which those of one resource happened. */
  events: z.array(z.looseObject({
    v: z.literal(1),
    id: z.string(),
    type: z.string(),
    at: z.string(),
    topic: z.string(),
    actor: z.string().optional(),
    data: z.custom<Record<string, unknown>>(isObject),
  })),
  /** Send it as `since`. */
  cursor: z.string(),
  /** For a member where events are sent live: what all of this is heard on, and the project's key to connect with. */
  live: z.object({ channels: z.array(z.string()).min(1), key: z.string() }).optional(),
  /** For a member: where their teams hear, among all else, what is told and not kept. */
  teams: z.object({
    channels: z.array(z.object({ name: z.string(), orgId: z.string() })).min(1),
    key: z.string(),
  }).optional(),
});

export type WriteEventRequest = z.infer<typeof writeEventRequest>;
export type WriteEventAnswer = z.infer<typeof writeEventAnswer>;
export type ReadEventsAnswer = z.infer<typeof readEventsAnswer>;
