import { type Envelope, isObject } from "./envelope.ts";

/** Keys of an event's data, and what subscribers know them as. */
const MESSAGE_NAMES = {
  id: "id",
  clientId: "client_id",
  text: "content",
  role: "role",
  createdAt: "created_at",
  attachments: "attachments",
  blocks: "blocks",
  editedAt: "edited_at",
  deletedAt: "deleted_at",
  status: "status",
};
const AUTHOR_NAMES = { id: "user_id", name: "user_name" };
const CONVERSATION_NAMES = {
  id: "id",
  psid: "user_id",
  customerName: "user_name",
  customerEmail: "user_email",
  status: "status",
  name: "name",
  platform: "platform",
  pageName: "page_name",
  needsHuman: "needs_human",
  autoBot: "auto_bot",
  assignee: "assignee",
  snoozedUntil: "snoozed_until",
  messageCount: "message_count",
  lastMessageAt: "last_message_at",
  createdAt: "created_at",
  change: "change",
};
const ROOM_NAMES = {
  id: "id",
  name: "name",
  status: "status",
  participants: "participants",
  needsHuman: "needs_human",
  assignee: "assignee",
  messageCount: "message_count",
  lastMessageAt: "last_message_at",
  createdAt: "created_at",
  change: "change",
};
const NOTIFICATION_NAMES = {
  id: "id",
  userId: "user_id",
  conversationId: "conversation_id",
  rule: "rule",
  priority: "priority",
  content: "content",
  createdAt: "created_at",
  readAt: "read_at",
  dismissedAt: "dismissed_at",
  since: "since",
};
const USER_NAMES = {
  user_id: "user_id",
  status: "status",
  timestamp: "timestamp",
  lastSeenAt: "last_seen_at",
  name: "user_name",
  email: "user_email",
  attributes: "attributes",
};

/**
 * What subscribers get of the data of one of Heddle's own events, the same on every way; `heddle.subscription_data` is its
 * twin in SQL, which writes the log.
 */
export function subscriptionData({ type, data }: Pick<Envelope, "type" | "data">): Record<string, unknown> {
  if (type.startsWith("message:")) {
    const message = isObject(data.message) ? data.message : {};
    const meta = isObject(message.meta) ? message.meta : {};
    const isRoom = isObject(data.conversation) && data.conversation.kind === "room";
    return {
      [isRoom ? "room_id" : "conversation_id"]: data.conversationId,
      // Of the visitor whose conversation it is a message names no author.
      ...(message.role === "USER" ? renamed({ psid: "user_id" }, data.conversation) : {}),
      ...renamed(AUTHOR_NAMES, meta.author),
      ...renamed(MESSAGE_NAMES, { ...meta, ...message }),
      ...(data.conversation === undefined
        ? {}
        : { conversation: renamed(CONVERSATION_NAMES, data.conversation) }),
    };
  }
  if (type.startsWith("notification:")) return renamed(NOTIFICATION_NAMES, data);
  if (type.startsWith("conversation:")) return renamed(CONVERSATION_NAMES, data.conversation ?? data);
  return renamed(type.startsWith("room:") ? ROOM_NAMES : USER_NAMES, data);
}

function renamed(names: Record<string, string>, value: unknown): Record<string, unknown> {
  const from = isObject(value) ? value : {};
  const present = Object.entries(names).filter(([key]) => Object.hasOwn(from, key));
  return Object.fromEntries(present.map(([key, name]) => [name, from[key]]));
}
