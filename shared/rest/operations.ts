/** The REST API, an operation each: routes, scopes and schemas are read from here, by the function as by its description. */
import * as z from "zod";
import * as rest from "./schemas.ts";

type Resource = "conversations" | "rooms" | "visitors" | "notifications";
export type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface Operation {
  method: Method;
  /** Below the function's address; `{name}` stands for a part of its own. */
  path: string;
  /** What the API key must be allowed. */
  scope: `${Resource}:${"read" | "write"}`;
  summary: string;
  /** Of an answer without an error. */
  status: 200 | 201;
  params: z.ZodObject;
  query: z.ZodType<Record<string, unknown>>;
  body: z.ZodType<Record<string, unknown>> | null;
  answer: z.ZodType;
}

const NONE = z.strictObject({});

function reads<Answer extends z.ZodType>(path: string, summary: string, answer: Answer, {
  query = NONE,
  params = NONE,
}: Partial<Pick<Operation, "query" | "params">> = {}): Operation & { answer: Answer } {
  return {
    method: "GET",
    path,
    scope: scopeOf(path, "read"),
    summary,
    status: 200,
    params,
    query,
    body: null,
    answer,
  };
}

function writes<Answer extends z.ZodType>(
  method: Exclude<Method, "GET">,
  path: string,
  summary: string,
  answer: Answer,
  { query = NONE, params = NONE, body = null }: Partial<Pick<Operation, "query" | "params" | "body">> = {},
): Operation & { answer: Answer } {
  const status = method === "POST" ? 201 : 200;
  return { method, path, scope: scopeOf(path, "write"), summary, status, params, query, body, answer };
}

function scopeOf<Right extends "read" | "write">(path: string, right: Right): `${Resource}:${Right}` {
  return `${path.split("/")[1] as Resource}:${right}`;
}

const one = rest.conversationPath;
const conversation = z.object({ conversation: rest.conversationSchema });
const message = z.object({ message: rest.messageSchema });
const room = z.object({ room: rest.roomSchema });
const visitor = z.object({ visitor: rest.visitorSchema });

export const OPERATIONS = {
  listConversations: reads(
    "/conversations",
    "Conversations of a view, newest first.",
    rest.pageOf(rest.conversationSchema),
    {
      query: rest.conversationsQuery,
    },
  ),
  createConversation: writes(
    "POST",
    "/conversations",
    "Begins a conversation with its first message.",
    z.object({ ...conversation.shape, ...message.shape }),
    { body: rest.newConversation },
  ),
  getConversation: reads("/conversations/{id}", "A conversation or room.", conversation, { params: one }),
  updateConversation: writes(
    "PATCH",
    "/conversations/{id}",
    "Changes what is named, all or nothing.",
    conversation,
    {
      params: one,
      body: rest.conversationChanges,
    },
  ),
  listMessages: reads(
    "/conversations/{id}/messages",
    "Messages, the newest page first; in a page the oldest first.",
    rest.pageOf(rest.messageSchema),
    { params: one, query: rest.pageQuery },
  ),
  createMessage: writes("POST", "/conversations/{id}/messages", "Writes a message.", message, {
    params: one,
    body: rest.newMessage,
  }),
  updateMessage: writes(
    "PATCH",
    "/conversations/{id}/messages/{seq}",
    "Changes the text of any message but a visitor's.",
    message,
    { params: rest.messagePath, body: rest.messageChanges },
  ),
  deleteMessage: writes(
    "DELETE",
    "/conversations/{id}/messages/{seq}",
    "Deletes a message: an empty one stays in its place.",
    message,
    { params: rest.messagePath },
  ),
  listRooms: reads("/rooms", "Rooms, newest first.", rest.pageOf(rest.roomSchema), {
    query: rest.agentPageQuery,
  }),
  createRoom: writes("POST", "/rooms", "Makes a room.", room, { body: rest.newRoom }),
  getRoom: reads("/rooms/{id}", "A room.", room, { params: one }),
  updateRoom: writes("PATCH", "/rooms/{id}", "Gives a room another name.", room, {
    params: one,
    body: rest.roomChanges,
  }),
  deleteRoom: writes("DELETE", "/rooms/{id}", "Deletes a room with its messages.", rest.deleted, {
    params: one,
  }),
  listParticipants: reads(
    "/rooms/{id}/participants",
    "Who takes part in a room, all on one page.",
    rest.pageOf(rest.participantSchema),
    { params: one },
  ),
  createParticipant: writes(
    "POST",
    "/rooms/{id}/participants",
    "Has somebody take part in a room, or changes when a bot answers there.",
    room,
    { params: one, body: rest.newParticipant },
  ),
  deleteParticipant: writes(
    "DELETE",
    "/rooms/{id}/participants/{role}/{participantId}",
    "Takes somebody out of a room.",
    room,
    { params: rest.participantPath },
  ),
  listVisitors: reads(
    "/visitors",
    "Visitors who have written, by their ids.",
    rest.pageOf(rest.visitorSchema),
    {
      query: rest.agentPageQuery,
    },
  ),
  getVisitor: reads("/visitors/{id}", "A visitor who has written.", visitor, {
    params: rest.visitorPath,
    query: rest.agentQuery,
  }),
  updateVisitor: writes("PATCH", "/visitors/{id}", "Changes a visitor's name or email.", visitor, {
    params: rest.visitorPath,
    query: rest.agentQuery,
    body: rest.visitorChanges,
  }),
  deleteVisitor: writes(
    "DELETE",
    "/visitors/{id}",
    "Erases a visitor with all their conversations, for good.",
    z.object({ ...rest.deleted.shape, conversations: z.int(), messages: z.int() }),
    { params: rest.visitorPath, query: rest.agentQuery },
  ),
  exportVisitor: reads("/visitors/{id}/export", "All that is kept of a visitor.", rest.visitorExport, {
    params: rest.visitorPath,
    query: rest.agentQuery,
  }),
  listNotifications: reads(
    "/notifications",
    "What a member was told of and has not dismissed, newest first.",
    z.object({ ...rest.pageOf(rest.notificationSchema).shape, unread: z.int() }),
    { query: rest.notificationsQuery },
  ),
  updateNotification: writes(
    "PATCH",
    "/notifications/{id}",
    "Marks a notification as read or dismissed.",
    z.object({ notification: rest.notificationSchema }),
    { params: one, body: rest.notificationChanges },
  ),
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;
