import type { CreateItemRequest } from "../../../../../shared/api/tab_action.ts";
import type { TabAction } from "../../../../../shared/tabs.ts";
import { wellFormedJson } from "../../../../../shared/text.ts";
import type { Session } from "../../auth/session.ts";

/** One question to an owner, before it is addressed and signed. */
export interface WebhookMessage {
  action: TabAction;
  tabId: string;
  endUser: Session["endUser"];
  itemId?: string;
  entryId?: string;
  cursor?: string;
  /** On `item_clicked`: the widget looks again, nobody clicked. */
  refresh?: true;
  clientId?: string;
  body?: string;
  page?: CreateItemRequest["page"];
  changes?: Record<string, unknown>;
}

/** A request as it goes over the wire. */
export interface WebhookRequest {
  method: "GET" | "POST";
  url: URL;
  /** `""` on GET. */
  body: string;
}

const READS: readonly TabAction[] = ["get_items", "item_clicked"];

/**
 * Addresses the message: GET for reads, POST with a JSON body for writes; the identity is in the query of
 * both. The text of either is well-formed.
 */
export function webhookRequest(actionUrl: string, message: WebhookMessage): WebhookRequest {
  const url = new URL(actionUrl);
  const existing = url.search.slice(1);
  url.search = existing === "" ? queryOf(message) : `${existing}&${queryOf(message)}`;
  url.hash = "";
  if (READS.includes(message.action)) return { method: "GET", url, body: "" };
  const { action, tabId, itemId, entryId, clientId, body, page, changes, endUser } = message;
  return {
    method: "POST",
    url,
    body: wellFormedJson(
      JSON.stringify({ action, tabId, itemId, entryId, clientId, body, page, changes, endUser }),
    ),
  };
}

/** Spaces become `%20`, which every server reads alike; `+` is read as a plus sign by some. */
function queryOf({ action, tabId, itemId, cursor, refresh, endUser }: WebhookMessage): string {
  const parameters = {
    action,
    tabId,
    itemId,
    cursor,
    refresh: refresh && "true",
    endUserId: endUser.id,
    endUserEmail: endUser.email,
  };
  return Object.entries(parameters)
    .flatMap(([name, value]) =>
      value === undefined ? [] : `${name}=${encodeURIComponent(value.toWellFormed())}`
    )
    .join("&");
}
