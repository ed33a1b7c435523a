/** What subscribers get, as schemas: the same under other names, as `subscriptionData` has it. With zod, so no page reads them. */
import * as z from "zod";
import { holder, lineSchema, role, status, time, userStatus } from "./event_schemas.ts";
import { lowercaseUuid } from "./ids.ts";
import { attachmentSchema, ENTRY_STATUSES } from "./items.ts";
import { notificationSchema, participantSchema } from "./rest/schemas.ts";

const change = lineSchema.shape.change.optional();
const subscribedMessage = z.object({
  conversation_id: z.string().optional(),
  room_id: z.string().optional(),
  user_id: z.string().optional(),
  user_name: z.string().optional(),
  id: z.string(),
  client_id: z.string().optional(),
  content: z.string(),
  role,
  created_at: time,
  attachments: z.array(attachmentSchema).optional(),
  blocks: z.array(z.unknown()).optional(),
  edited_at: time.optional(),
  deleted_at: time.optional(),
  status: z.enum(ENTRY_STATUSES).optional(),
  conversation: z.object({
    id: z.string(),
    user_id: z.string(),
    status,
    auto_bot: z.boolean(),
    platform: z.string(),
  }).optional(),
  /** Too big for the log: without attachments and blocks. */
  truncated: z.literal(true).optional(),
}).meta({ id: "MessageEvent" });

const assignee = holder.nullable().optional();
const subscribedConversation = z.object({
  id: z.string(),
  user_id: z.string().optional(),
  user_name: z.string().nullable().optional(),
  user_email: z.string().nullable().optional(),
  status: status.optional(),
  name: z.string().nullable().optional(),
  platform: z.string().optional(),
  page_name: z.string().nullable().optional(),
  needs_human: z.boolean().optional(),
  auto_bot: z.boolean().optional(),
  assignee,
  snoozed_until: time.nullable().optional(),
  message_count: z.int().optional(),
  last_message_at: time.optional(),
  created_at: time.optional(),
  change,
}).meta({ id: "ConversationEvent" });

const subscribedRoom = z.object({
  id: z.string(),
  name: z.string().optional(),
  status: status.optional(),
  participants: z.array(participantSchema).optional(),
  needs_human: z.boolean().optional(),
  assignee,
  message_count: z.int().optional(),
  last_message_at: time.optional(),
  created_at: time.optional(),
  change,
}).meta({ id: "RoomEvent" });

const subscribedUser = z.object({
  user_id: z.string(),
  status: userStatus.shape.status.optional(),
  timestamp: time,
  last_seen_at: time.optional(),
  user_name: z.string().nullable().optional(),
  user_email: z.string().nullable().optional(),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
}).meta({ id: "UserEvent" });

const subscribedNotification = z.object({
  id: lowercaseUuid,
  user_id: lowercaseUuid,
  conversation_id: lowercaseUuid.nullable(),
  rule: z.string(),
  priority: notificationSchema.shape.priority,
  content: z.string(),
  created_at: time,
  read_at: time.nullable(),
  dismissed_at: time.nullable(),
  since: time.optional(),
}).meta({ id: "NotificationEvent" });

const of = (prefix: string, events: string[], schema: z.ZodType) =>
  Object.fromEntries(events.map((event) => [`${prefix}:${event}`, schema]));

/** The data of Heddle's own events in the log, on the gateway and for members of a team, by type. */
export const SUBSCRIBED_EVENTS: Record<string, z.ZodType> = {
  ...of("message", ["new", "updated", "deleted"], subscribedMessage),
  ...of("conversation", [
    "new",
    "updated",
    "deleted",
    "claimed",
    "assigned",
    "released",
    "resolved",
    "snoozed",
    "reopened",
    "escalated",
  ], subscribedConversation),
  ...of("room", ["created", "updated", "deleted"], subscribedRoom),
  ...of("user", ["online", "offline", "updated"], subscribedUser),
  ...of("notification", ["new", "updated"], subscribedNotification),
};
