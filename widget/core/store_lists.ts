import { type Envelope, eventsOf } from "../../shared/events.ts";
import type { AuthorRole, Item } from "../../shared/items.ts";
import type { List } from "./list.ts";

/**
 * Applies what a broadcast on the visitor's store channel tells about their conversations. Fetches what it can't:
 * a conversation that is not in the list, an event that says no more than that something has happened.
 */
export function receiveListEvents(lists: readonly List[], envelope: Envelope | null): void {
  const changes = new Map<string, Partial<Item>>();
  let isHint = envelope === null;
  for (const event of envelope ? eventsOf(envelope) : []) {
    const [id, change] = changeOf(event);
    if (id === undefined) isHint = true;
    else changes.set(id, { ...changes.get(id), ...change });
  }
  for (const list of lists) {
    const shown = list.state.value.items;
    for (const [id, change] of changes) list.told(id, change);
    const isUnknown = [...changes.keys()].some((id) => !shown.some((item) => item.id === id));
    if (isHint || isUnknown) list.refetcher.hint();
  }
}

/** The conversation's id, and what the event says of its row; nothing where it can't be read. */
function changeOf({ type, data }: Envelope): [string?, Partial<Item>?] {
  const { conversationId: id, conversation, lastMessageAt, unread, status, needsHuman, asked, message } =
    data;
  const began = Object(conversation).id;
  if (type === "conversation:new" && typeof began === "string") return [began, {}];
  if (typeof id !== "string" || typeof lastMessageAt !== "string") return [];
  if (type === "conversation:view-update") {
    const { text, role } = Object(message);
    if (typeof text !== "string") return [];
    const previewRole: AuthorRole = role === "USER" ? "visitor" : "operator";
    return [id, { preview: text, previewRole, timestamp: lastMessageAt }];
  }
  if (type !== "conversation:updated" || typeof unread !== "number" || typeof status !== "string") return [];
  return [id, { timestamp: lastMessageAt, unread, status, fields: { needsHuman, asked } }];
}
