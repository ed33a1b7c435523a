/**
 * What Heddle's own events hold, as schemas, for their description: those of shared/events.ts say the same to the code. With
 * zod, so no page reads them.
 */
import * as z from "zod";
import { type EventData, MESSAGE_ROLES, STREAM_ENDS } from "./events.ts";
import { attachmentSchema, authorSchema, ENTRY_STATUSES } from "./items.ts";
import { conversationSchema, notificationSchema } from "./rest/schemas.ts";

export const time = z.iso.datetime({ offset: true });
export const role = z.enum(MESSAGE_ROLES);
export const status = z.enum(["OPEN", "SNOOZED", "RESOLVED"]);
const author = authorSchema.omit({ role: true, avatarUrl: true });
export const holder = z.object({ id: z.string(), name: z.string() });
/** What counts a visitor's changes of a conversation, or an operator's: one of them. */
const numbers = { seq: z.int().optional(), rev: z.int().optional() };

export const eventMessageSchema = z.object({
  id: z.string(),
  clientId: z.string().optional(),
  text: z.string(),
  role,
  createdAt: time,
  status: z.enum(ENTRY_STATUSES).optional(),
  meta: z.object({
    author,
    attachments: z.array(attachmentSchema),
    blocks: z.array(z.unknown()).optional(),
    editedAt: time.optional(),
    deletedAt: time.optional(),
    readAt: time.optional(),
  }),
}).meta({ id: "EventMessage" });

const messageChange = z.object({
  ...numbers,
  conversationId: z.string(),
  message: eventMessageSchema,
  conversation: z.object({
    id: z.string(),
    /** Absent where a room's visitors hear it. */
    psid: z.string().optional(),
    status,
    autoBot: z.boolean(),
    platform: z.string(),
    kind: z.literal("room").optional(),
  }).optional(),
});

export const lineSchema = z.object({
  id: z.string(),
  text: z.literal(""),
  createdAt: time,
  afterSeq: z.int(),
  author,
  change: z.object({
    by: z.enum([...MESSAGE_ROLES, "API"]),
    from: holder.optional(),
    to: holder.optional(),
    was: status.optional(),
    status: status.optional(),
    until: time.optional(),
    needsHuman: z.boolean().optional(),
    again: z.boolean().optional(),
    signedIn: z.boolean().optional(),
  }),
}).meta({ id: "Line" });

const seqs = z.object({ visitor: z.int(), team: z.int() });

/** What the team's lists show of a conversation. */
const row = z.object({
  ...conversationSchema.omit({ agentId: true, visitor: true, lastMessage: true }).shape,
  psid: z.string(),
  customerName: z.string().nullable(),
  customerEmail: z.string().nullable(),
  identified: z.boolean(),
  snoozeEnded: z.boolean(),
  autoBot: z.boolean(),
  rev: z.int(),
  lastMessage: z.object({
    text: z.string(),
    role,
    createdAt: time,
    /** Which operator wrote it. */
    authorId: z.string().optional(),
    isDeleted: z.literal(true).optional(),
  }).nullable(),
  activeAt: time,
  /** Messages that a visitor has changed since the team read them: up to 20, and the number of the last change. */
  edited: z.object({ ids: z.array(z.string()), seq: z.int() }).optional(),
  readSeqs: seqs,
  deliveredSeqs: seqs,
});

export const userStatus = z.object({
  user_id: z.string(),
  status: z.enum(["online", "away", "offline"]),
  timestamp: time,
  lastSeenAt: time.optional(),
});

const noteChange = z.object({
  conversationId: z.string(),
  rev: z.int(),
  note: z.object({
    id: z.string(),
    clientId: z.string().optional(),
    text: z.string(),
    createdAt: time,
    editedAt: time.optional(),
    deletedAt: time.optional(),
    afterSeq: z.int(),
    author,
  }),
});

const message = {
  "message:new": messageChange,
  "message:updated": messageChange,
  "message:deleted": messageChange,
};
const read = z.object({
  ...numbers,
  conversationId: z.string(),
  role,
  readSeq: z.int(),
  deliveredSeq: z.int(),
});
const streamed = z.object({
  conversationId: z.string(),
  messageId: z.string(),
  index: z.int(),
  offset: z.int(),
  delta: z.string(),
  done: z.enum(STREAM_ENDS).optional(),
});
const begun = z.object({
  conversation: z.object({
    id: z.string(),
    psid: z.string(),
    platform: z.string(),
    status,
    autoBot: z.boolean(),
    pageName: z.string().optional(),
    lastMessageAt: time,
  }),
});
const begunForTeam = z.object({
  conversation: z.object({
    ...begun.shape.conversation.shape,
    customerName: z.string().optional(),
    customerEmail: z.string().optional(),
  }),
});
const viewUpdate = z.object({
  conversationId: z.string(),
  type: z.literal("new_message"),
  message: z.object({ text: z.string().max(160), role, createdAt: time }),
  lastMessageAt: time,
  timestamp: time,
});
const listUpdate = z.object({
  conversationId: z.string(),
  lastMessageAt: time,
  messageCount: z.int(),
  status,
  needsHuman: z.boolean(),
  /** It was the visitor who asked for a person. */
  asked: z.boolean().optional(),
  unread: z.int(),
});
const typing = z.object({ conversationId: z.string(), role, name: z.string().optional() });
const refresh = z.object({});

type Schemas = { [Type in keyof EventData]?: z.ZodType<EventData[Type]> };

/** What is heard where, by the kind of channel. */
export const EVENTS_ON = {
  /** `conv-…`, with content: those in a conversation. */
  conversation: { ...message, read, typing, message_stream: streamed, refresh },
  /** `agent-…-user-…`, with content: a visitor's list. */
  list: {
    "conversation:new": begun,
    "conversation:view-update": viewUpdate,
    "conversation:updated": listUpdate,
    refresh,
  },
  /** `agent-…-inbox-…`: the team. */
  inbox: {
    ...message,
    read,
    "conversation:new": begunForTeam,
    "conversation:view-update": viewUpdate,
    "conversation:updated": z.object({
      ...row.shape,
      conversationId: z.string(),
      line: lineSchema.optional(),
    }),
    "user:online": userStatus,
    "user:offline": userStatus,
    typing: z.object({ ...typing.shape, userId: z.string().optional() }),
    "note:new": noteChange,
    "note:updated": noteChange,
    "note:deleted": noteChange,
    "notification:new": notificationSchema,
    "notification:updated": notificationSchema,
    "inbox:moved": z.object({ epoch: z.int() }),
    message_stream: streamed,
    refresh,
  },
} satisfies Record<string, Schemas>;

export type ContentChannel = keyof typeof EVENTS_ON;
