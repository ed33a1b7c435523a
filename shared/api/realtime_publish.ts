import * as z from "zod";
import { type Envelope, MESSAGE_ROLES } from "../events.ts";
import { ownerId } from "../ids.ts";
import { attachmentSchema, authorSchema } from "../items.ts";
import { moment } from "../moment.ts";
import { wellFormedJson } from "../text.ts";
import { eventData, jsonObject } from "./event_data.ts";

const MAX_END_USERS = 100;
const MAX_NAME_CHARACTERS = 200;
/** A type of the owner's own. It is the name of the event in a Realtime frame and in a URL, too. */
const OWN_TYPE = /^x-[A-Za-z0-9][A-Za-z0-9_.:-]{0,62}$/;

const role = z.enum(MESSAGE_ROLES);
const time = moment.transform((text) => new Date(text).toISOString());

/** The message as it now stands; a deleted one has `meta.deletedAt`. */
const message = z.looseObject({
  id: ownerId,
  clientId: z.string().optional(),
  text: z.string(),
  role,
  createdAt: time,
  meta: z.looseObject({
    author: authorSchema.omit({ role: true }).default({}),
    attachments: z.array(attachmentSchema).default([]),
    blocks: z.array(z.unknown()).optional(),
    editedAt: time.optional(),
    deletedAt: time.optional(),
    readAt: time.optional(),
  }).prefault({}),
});

/** Only what is named here goes out: `seq` and the like are for Heddle to say. */
const messageChange = z.object({ message });
const typing = z.object({
  role: role.default("AGENT"),
  name: z.string().max(MAX_NAME_CHARACTERS).optional(),
});

const DATA_OF: Record<string, z.ZodType<Record<string, unknown>>> = {
  "message:new": messageChange,
  "message:updated": messageChange,
  "message:deleted": messageChange,
  typing,
};

/** An event that an owner's backend may publish. */
const publishedEvent = z.object({
  type: z.string().refine(
    (type) => Object.hasOwn(DATA_OF, type) || OWN_TYPE.test(type),
    `must be ${Object.keys(DATA_OF).join(", ")}, or x- and up to 63 letters, digits, _ . : or -`,
  ),
  data: eventData.default({}),
}).transform(({ type, data }, context): Pick<Envelope, "type" | "data"> => {
  const result = (DATA_OF[type] ?? jsonObject).safeParse(data);
  if (result.success) return { type, data: wellFormed(result.data) };
  for (const { path, message } of result.error.issues) {
    context.addIssue({ code: "custom", path: ["data", ...path], message });
  }
  return z.NEVER;
});

/** What Realtime's REST endpoint takes is what its database takes, too. */
function wellFormed(data: Record<string, unknown>): Record<string, unknown> {
  const json = JSON.stringify(data);
  const whole = wellFormedJson(json);
  return whole === json ? data : JSON.parse(whole);
}

const publish = z.object({
  endUserId: ownerId.optional(),
  conversationId: ownerId.optional(),
  endUserIds: z.array(ownerId).max(MAX_END_USERS).optional(),
  event: publishedEvent.optional(),
}).refine(
  ({ endUserId, conversationId, endUserIds }) =>
    endUserId !== undefined || conversationId !== undefined || (endUserIds?.length ?? 0) > 0,
  { path: ["endUserId"], message: "endUserId, endUserIds or conversationId is required" },
).refine(
  ({ event, conversationId }) => event === undefined || conversationId !== undefined,
  {
    path: ["conversationId"],
    message: "is required with an event, which goes to those who have the conversation open",
  },
);

const spellings = new Map(Object.keys(publish.shape).map((key) => [letters(key), key]));

/** A misspelt field would be left out like one of a later release, and its visitors would never be told. */
export const realtimePublishRequest = z.preprocess((body, context) => {
  for (const key of Object.keys(Object(body))) {
    const spelling = spellings.get(letters(key));
    if (spelling === undefined || spelling === key) continue;
    context.addIssue({ code: "custom", path: [key], message: `must be spelt ${spelling}` });
  }
  return body;
}, publish);

/** What is left of a name without case, `_` and `-`. */
function letters(key: string): string {
  return key.replace(/[_-]/g, "").toLowerCase();
}

export const realtimePublishAnswer = z.object({
  ok: z.literal(true),
  /** Current names, user channels first. */
  channels: z.array(z.string()),
});

export type RealtimePublishRequest = z.infer<typeof realtimePublishRequest>;
export type RealtimePublishAnswer = z.infer<typeof realtimePublishAnswer>;
