/**
 * Every spelling that owners may use. In each row the first name that is present wins. Names are compared
 * without regard to case and inner underscores, so `unreadCount` stands for `unread_count` too.
 */

/** Where an object keeps a list. */
export const LIST_KEYS = ["items", "data", "results", "records", "rows"];
/** The same for the answer to a read, where an envelope may hold the list itself. */
export const READ_LIST_KEYS = [...LIST_KEYS, "result"];

/** Where an object keeps a thread's entries. */
export const ENTRIES_KEYS = ["entries", "messages", "replies", "comments"];

/** Where an object keeps one item, or one entry. */
export const ITEM_KEYS = ["item", "conversation", "thread", "record"];
export const ENTRY_KEYS = ["entry", "message", "reply", "comment"];

/** Where an object keeps the whole answer. */
export const ENVELOPE_KEYS = ["data", "result"];

/**
 * A `false` under one of the first, or anything under one of the others, says that the owner refused the
 * call.
 */
export const DENIALS = ["ok", "success", "accepted"];
export const FAILURE = ["error", "errors"];

export const NEXT_CURSOR = ["nextCursor", "next"];

/** The id that an object has of its own; the other names may refer to what it belongs to. */
export const OWN_ID = ["id", "_id", "uuid"];

export const ITEM_ID = [...OWN_ID, "itemId", "conversationId", "threadId"];
export const ITEM = {
  title: ["title", "name", "subject"],
  preview: ["preview", "lastMessage", "snippet", "excerpt"],
  previewRole: [
    "previewRole",
    "lastMessageRole",
    "lastMessageAuthor",
    "lastMessageSender",
    "lastMessageSenderType",
    "lastMessageDirection",
  ],
  timestamp: ["timestamp", "lastMessageAt", "updatedAt", "createdAt", "date"],
  unread: ["unread", "unreadCount"],
  status: ["status", "state"],
  avatarUrl: ["avatarUrl", "avatar", "imageUrl", "image", "photo"],
};

export const ENTRY_ID = [...OWN_ID, "entryId", "messageId"];
/** The conversation that an entry says it belongs to. */
export const ENTRY_ITEM_ID = ["itemId", "conversationId", "threadId"];
export const ENTRY = {
  clientId: ["clientId"],
  body: ["body", "text", "content", "message"],
  createdAt: ["createdAt", "timestamp", "date", "sentAt"],
  editedAt: ["editedAt"],
  deletedAt: ["deletedAt"],
  readAt: ["readAt", "seenAt"],
  attachments: ["attachments", "files"],
  author: ["author", "sender", "from", "user"],
};

/** Inside an author object. */
export const AUTHOR = {
  role: ["role", "type", "kind"],
  id: OWN_ID,
  name: ["name", "displayName", "fullName"],
  avatarUrl: ["avatarUrl", "avatar", "imageUrl", "image", "photo"],
};

/** The same, written into the entry itself. */
export const FLAT_AUTHOR = {
  role: ["role", "authorRole", "authorType", "senderRole", "senderType", "direction"],
  id: ["authorId", "senderId", "userId"],
  name: ["authorName", "senderName", "userName"],
  avatarUrl: ["authorAvatarUrl", "authorAvatar", "senderAvatarUrl", "senderAvatar"],
};

export const ATTACHMENT = {
  id: OWN_ID,
  url: ["url", "href", "src", "link"],
  name: ["name", "filename", "title"],
  mime: ["mime", "mimeType", "contentType", "type"],
  size: ["size", "bytes", "fileSize"],
  width: ["width"],
  height: ["height"],
};

/**
 * What owners call the one who wrote an entry, in lower case without spaces, hyphens and underscores. `human` is
 * an operator unless an `ai` answers it.
 */
export const ROLES: Readonly<Record<string, "visitor" | "operator" | "bot" | "system">> = {
  visitor: "visitor",
  user: "visitor",
  customer: "visitor",
  client: "visitor",
  contact: "visitor",
  lead: "visitor",
  guest: "visitor",
  enduser: "visitor",
  inbound: "visitor",
  incoming: "visitor",
  in: "visitor",
  operator: "operator",
  agent: "operator",
  admin: "operator",
  staff: "operator",
  support: "operator",
  team: "operator",
  teammate: "operator",
  human: "operator",
  outbound: "operator",
  outgoing: "operator",
  out: "operator",
  bot: "bot",
  assistant: "bot",
  ai: "bot",
  model: "bot",
  automation: "bot",
  system: "system",
  event: "system",
};
