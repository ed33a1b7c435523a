import type * as z from "zod";
import { AUTHOR_ROLE_OF, entryOf, type Message } from "../../../../shared/events.ts";
import type { OperationName, OPERATIONS } from "../../../../shared/rest/operations.ts";
import type { Conversation, RestMessage } from "../../../../shared/rest/schemas.ts";
import { nextCursor, type Place } from "./cursors.ts";

type Answers = { [Name in OperationName]: z.infer<(typeof OPERATIONS)[Name]["answer"]> };

/** A row of the team's lists, as `heddle.rows_json` has it. */
interface Row extends Omit<Conversation, "agentId" | "visitor" | "lastMessage"> {
  psid: string;
  customerName: string | null;
  customerEmail: string | null;
  identified: boolean;
  lastMessage: { text: string; role: Message["role"]; createdAt: string } | null;
}

/** What the database answers to an operation; which of these there are depends on that. */
export interface Result {
  agentId: string;
  row: Row;
  rows: Row[];
  message: Message;
  messages: Message[];
  next: Place | null;
  [others: string]: unknown;
}

/** The same as callers get it. */
export function answerOf(name: OperationName, result: Result): Answers[OperationName] {
  const next = nextCursor(result.next);
  switch (name) {
    case "listConversations":
      return { items: result.rows.map((row) => conversationOf(result.agentId, row)), next };
    case "getConversation":
    case "updateConversation":
      return { conversation: conversationOf(result.agentId, result.row) };
    case "createConversation":
      return {
        conversation: conversationOf(result.agentId, result.row),
        message: messageOf(result.message),
      };
    case "listMessages":
      return { items: result.messages.map(messageOf), next };
    case "createMessage":
    case "updateMessage":
    case "deleteMessage":
      return { message: messageOf(result.message) };
    case "listRooms":
      return { items: result.rooms, next } as Answers["listRooms"];
    case "listParticipants":
      return { items: (result as unknown as Answers["getRoom"]).room.participants, next: null };
    case "listVisitors":
      return { items: result.visitors, next } as Answers["listVisitors"];
    case "listNotifications":
      return { items: result.notifications, next, unread: result.unread } as Answers["listNotifications"];
    case "deleteRoom":
      return { deleted: true };
    case "deleteVisitor":
      return {
        deleted: true,
        conversations: result.conversations,
        messages: result.messages,
      } as unknown as Answers[
        "deleteVisitor"
      ];
    default:
      // As the database has it.
      return result as unknown as Answers["getRoom" | "getVisitor" | "exportVisitor" | "updateNotification"];
  }
}

function conversationOf(agentId: string, row: Row): Conversation {
  const { psid, customerName, customerEmail, identified, lastMessage } = row;
  return {
    id: row.id,
    agentId,
    kind: row.kind,
    visitor: { id: psid, name: customerName, email: customerEmail, identified },
    name: row.name,
    pageName: row.pageName,
    platform: row.platform,
    status: row.status,
    snoozedUntil: row.snoozedUntil,
    needsHuman: row.needsHuman,
    assignee: row.assignee,
    labels: row.labels,
    messageCount: row.messageCount,
    unread: row.unread,
    lastMessage: lastMessage && {
      text: lastMessage.text,
      role: AUTHOR_ROLE_OF[lastMessage.role],
      createdAt: lastMessage.createdAt,
    },
    lastMessageAt: row.lastMessageAt,
    waitingSince: row.waitingSince,
    createdAt: row.createdAt,
  };
}

function messageOf(message: Message): RestMessage {
  const { id, fields, createdAt = message.createdAt, ...entry } = entryOf(message);
  return {
    ...entry,
    seq: Number(id),
    createdAt,
    ...(Array.isArray(fields.blocks) ? { blocks: fields.blocks } : {}),
  };
}
