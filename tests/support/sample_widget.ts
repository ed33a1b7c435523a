import type { Entry, Item } from "../../shared/items.ts";
import type { Tab } from "../../shared/tabs.ts";
import type { SessionState } from "../../widget/core/session/session.ts";

export const MESSAGES: Tab = {
  id: "messages",
  name: "Messages",
  icon: "chat",
  category: "messaging",
  source: "webhook",
  actions: ["get_items", "item_clicked", "create_item", "update_item"],
};

export const ORDERS: Tab = {
  id: "orders",
  name: "Orders",
  icon: "box",
  category: "default",
  source: "webhook",
  actions: ["get_items", "item_clicked", "update_item", "delete_item"],
  fields: [
    { key: "note", label: "Delivery note", type: "textarea" },
    { key: "gift", label: "Wrap as a gift", type: "checkbox" },
  ],
};

/** A signed-in visitor of a shop. */
export function readySession(
  changes: Partial<Extract<SessionState, { status: "ready" }>> = {},
): SessionState {
  return {
    status: "ready",
    agentName: "Fern & Fable",
    display: {
      title: "Fern & Fable",
      accent: "#2f6f4f",
      theme: "auto",
      launcher: "Open messages",
      locale: "en",
    },
    endUser: { id: "shopper-1", name: "Ada Shopper", anonymous: false },
    tabs: [MESSAGES, ORDERS],
    ...changes,
  };
}

const MINUTE = 60_000;

/** ISO time so many minutes before `now`. */
export function minutesAgo(minutes: number, now: number = Date.now()): string {
  return new Date(now - minutes * MINUTE).toISOString();
}

export function sampleItem(changes: Partial<Item> & { id: string }): Item {
  return { unread: 0, fields: {}, ...changes };
}

export function sampleEntry(changes: Partial<Entry> & { id: string; body: string }): Entry {
  return { author: { role: "operator", id: "maya", name: "Maya" }, attachments: [], fields: {}, ...changes };
}
