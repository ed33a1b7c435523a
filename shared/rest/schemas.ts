/** What the REST API takes and answers. Times are ISO 8601, in UTC. */
import * as z from "zod";
import { isExact, MAX_ATTRIBUTE_NAME, MAX_ATTRIBUTE_TEXT, MAX_ATTRIBUTES } from "../attributes.ts";
import { visitorEmail } from "../email.ts";
import { givenUuid, lowercaseUuid, ownerId } from "../ids.ts";
import { attachmentSchema, AUTHOR_ROLES, authorSchema, ENTRY_STATUSES } from "../items.ts";
import { LANGUAGES } from "../languages.ts";
import { moment as time } from "../moment.ts";

const MAX_BODY_CHARACTERS = 10_000;
const MAX_ATTACHMENTS = 20;
const MAX_LABELS = 50;
const MAX_PARTICIPANTS = 100;
const MAX_PAGE = 100;
/** Of what Postgres counts. */
const MAX_NUMBER = 2_147_483_647;

const agentId = givenUuid.optional().describe("Needed with a key that is for several agents.");
const name = z.string().trim().max(200);
const language = z.enum(LANGUAGES).describe(
  "What mails to the visitor are in, until they write from a page in another language.",
);

export const VIEWS = ["open", "snoozed", "resolved", "unassigned", "needs_human", "waiting"] as const;
export const STATUSES = ["OPEN", "SNOOZED", "RESOLVED"] as const;
export const PARTICIPANT_ROLES = ["visitor", "operator", "bot"] as const;

// Resources.

const holder = z.object({ id: z.string(), name: z.string() });

export const conversationSchema = z.object({
  id: lowercaseUuid,
  agentId: lowercaseUuid,
  kind: z.enum(["conversation", "room"]),
  /** Who began it. */
  visitor: z.object({
    id: z.string(),
    name: z.string().nullable(),
    email: z.string().nullable(),
    identified: z.boolean(),
  }),
  name: z.string().nullable(),
  pageName: z.string().nullable(),
  platform: z.string(),
  status: z.enum(STATUSES),
  snoozedUntil: time.nullable(),
  needsHuman: z.boolean(),
  assignee: holder.nullable(),
  /** Ids. */
  labels: z.array(z.int()),
  messageCount: z.int(),
  /** Messages that the team has not read. */
  unread: z.int(),
  /** `null` without one. Empty where it was deleted or holds files alone. */
  lastMessage: z.object({ text: z.string(), role: z.enum(AUTHOR_ROLES), createdAt: time }).nullable(),
  lastMessageAt: time,
  /** Since when its visitor waits for an answer. */
  waitingSince: time.nullable(),
  createdAt: time,
}).meta({ id: "Conversation" });

export const messageSchema = z.object({
  /** Its place in the conversation: its id there. */
  seq: z.int().positive(),
  clientId: z.string().optional(),
  author: authorSchema,
  body: z.string(),
  attachments: z.array(attachmentSchema),
  blocks: z.array(z.unknown()).optional(),
  createdAt: time,
  editedAt: time.optional(),
  deletedAt: time.optional(),
  status: z.enum(ENTRY_STATUSES).optional(),
}).meta({ id: "Message" });

export const participantSchema = z.object({
  role: z.enum(PARTICIPANT_ROLES),
  id: z.string(),
  name: z.string().optional(),
  /** A bot's. */
  autoRespond: z.enum(["always", "unclaimed", "never"]).optional(),
}).meta({ id: "Participant" });

export const roomSchema = z.object({
  id: lowercaseUuid,
  name: z.string(),
  status: z.enum(STATUSES),
  createdAt: time,
  lastMessageAt: time,
  participants: z.array(participantSchema),
}).meta({ id: "Room" });

const attributes = z.record(
  z.string().min(1).max(MAX_ATTRIBUTE_NAME),
  z.union([z.string().max(MAX_ATTRIBUTE_TEXT), z.number(), z.boolean()]),
).refine((all) => Object.keys(all).length <= MAX_ATTRIBUTES, `must have at most ${MAX_ATTRIBUTES} names`);

export const visitorSchema = z.object({
  id: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  /** What mails to them are in; `null`: not known, then it is the agent's. */
  language: z.enum(LANGUAGES).nullable(),
  attributes,
  identified: z.boolean(),
  page: z.record(z.string(), z.unknown()).nullable(),
  firstSeenAt: time,
  lastSeenAt: time,
  online: z.boolean(),
}).meta({ id: "Visitor" });

export const visitorExport = z.object({
  endUser: z.looseObject({ id: z.string() }),
  conversations: z.array(z.looseObject({ id: z.string(), messages: z.array(z.unknown()) })),
}).meta({ id: "VisitorExport" });

export const notificationSchema = z.object({
  id: lowercaseUuid,
  /** Which member was told. */
  userId: lowercaseUuid,
  /** `null` where it is about none. */
  conversationId: lowercaseUuid.nullable(),
  rule: z.string(),
  priority: z.enum(["low", "normal", "high", "critical"]),
  content: z.string(),
  createdAt: time,
  readAt: time.nullable(),
  dismissedAt: time.nullable(),
  /** Of one of somebody who waits: since when. */
  since: time.optional(),
}).meta({ id: "Notification" });

/** A page; `next` is the cursor of the one after it. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

export const deleted = z.object({ deleted: z.literal(true) });

// Requests.

/** Of one agent. */
export const agentQuery = z.strictObject({ agentId });

export const pageQuery = z.strictObject({
  cursor: z.string().min(1).max(1024).optional().describe("`next` of the page before."),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(20),
});

export const agentPageQuery = z.strictObject({ ...agentQuery.shape, ...pageQuery.shape });

export const conversationsQuery = z.strictObject({
  ...agentPageQuery.shape,
  view: z.enum(VIEWS).optional().describe("By default open. Without the filters below."),
  assigneeId: givenUuid.optional().describe("Open ones that this member holds."),
  labelId: z.coerce.number().int().min(1).max(MAX_NUMBER).optional().describe("Open ones with this label."),
  visitorId: ownerId.optional().describe("All of this visitor's."),
  order: z.enum(["active", "created"]).default("active").describe(
    "created: all of the agent's, without view and filters, the oldest first; nothing that happens meanwhile moves one.",
  ),
}).refine(
  (query) => filtersOf(query) <= 1,
  "must have one filter at most: view, assigneeId, labelId or visitorId",
).refine(
  (query) => query.order !== "created" || filtersOf(query) === 0,
  "must have no view and no filter with order=created",
);

function filtersOf(query: Partial<Record<"view" | "assigneeId" | "labelId" | "visitorId", unknown>>): number {
  return [query.view, query.assigneeId, query.labelId, query.visitorId].filter((given) => given !== undefined)
    .length;
}

export const notificationsQuery = z.strictObject({
  ...agentPageQuery.shape,
  userId: givenUuid.describe("The member who was told."),
});

export const newMessage = z.strictObject({
  body: z.string().max(MAX_BODY_CHARACTERS).optional(),
  attachments: z.array(attachmentSchema.strict()).max(MAX_ATTACHMENTS).optional(),
  author: z.strictObject({
    role: z.enum(AUTHOR_ROLES).default("operator"),
    id: ownerId.optional().describe(
      "A member's user id, or a visitor's; by default whose conversation it is.",
    ),
    name: name.optional().describe("What a message of the team's or a bot's is signed with."),
  }).optional(),
  clientId: givenUuid.optional().describe("The same again adds no second message."),
});

export const newConversation = z.strictObject({
  agentId,
  visitor: z.strictObject({
    id: ownerId,
    name: name.optional(),
    email: visitorEmail.optional(),
    language: language.optional(),
  }),
  page: z.strictObject({
    title: z.string().max(200).optional(),
    url: z.url({ protocol: /^https?$/ }).max(2048).optional(),
  }).optional().describe("Where it began."),
  platform: z.string().regex(/^[A-Z][A-Z0-9_]{0,31}$/).optional().describe(
    "Where it came from; default API.",
  ),
  message: newMessage,
});

export const conversationChanges = z.strictObject({
  status: z.enum(STATUSES).optional(),
  snoozedUntil: time.optional().describe("With the status SNOOZED."),
  assigneeId: givenUuid.nullable().optional().describe("A member's user id; null: nobody holds it."),
  needsHuman: z.boolean().optional(),
  labels: z.array(z.int().min(1).max(MAX_NUMBER)).max(MAX_LABELS).optional().describe(
    "Ids of all the labels it is to have.",
  ),
}).refine((changes) => Object.keys(changes).length > 0, "must name at least one field")
  .refine(
    ({ status, snoozedUntil }) => (status === "SNOOZED") === (snoozedUntil !== undefined),
    "must have snoozedUntil with the status SNOOZED, and only then",
  );

export const messageChanges = z.strictObject({ body: z.string().max(MAX_BODY_CHARACTERS) });

export const newParticipant = z.strictObject({
  role: z.enum(PARTICIPANT_ROLES),
  id: ownerId.describe("A visitor's id, a member's user id, or a bot's id."),
  name: name.optional(),
  email: visitorEmail.optional(),
  autoRespond: z.enum(["always", "unclaimed", "never"]).optional(),
});

export const newRoom = z.strictObject({
  agentId,
  name,
  participants: z.array(newParticipant).min(1).max(MAX_PARTICIPANTS).describe("One at least is a visitor."),
});

export const roomChanges = z.strictObject({ name });

/** What stands in JSON is another number by then. */
const exactAttributes = attributes.superRefine((all, context) => {
  for (const [name, value] of Object.entries(all)) {
    if (typeof value !== "number" || isExact(value)) continue;
    context.addIssue({ code: "custom", path: [name], message: "must be below 2^53: send it as text" });
  }
});

export const visitorChanges = z.strictObject({
  name: name.nullable().optional(),
  email: visitorEmail.nullable().optional(),
  language: language.nullable().optional(),
  attributes: exactAttributes.nullable().optional().describe("All that there are to be."),
}).refine((changes) => Object.keys(changes).length > 0, "must name at least one field");

export const notificationChanges = z.strictObject({
  read: z.literal(true).optional(),
  dismissed: z.literal(true).optional().describe("Also read."),
}).refine((changes) => Object.keys(changes).length > 0, "must be read or dismissed");

// Parts of a path.

export const conversationPath = z.object({ id: givenUuid });
export const messagePath = z.object({
  id: givenUuid,
  seq: z.string().regex(/^[1-9]\d{0,8}$/).transform(Number),
});
export const participantPath = z.object({
  id: givenUuid,
  role: z.enum(PARTICIPANT_ROLES),
  participantId: ownerId,
});
export const visitorPath = z.object({ id: ownerId });

export type Conversation = z.infer<typeof conversationSchema>;
export type RestMessage = z.infer<typeof messageSchema>;
