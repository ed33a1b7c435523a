import type { TabActionRequest } from "../../../../../shared/api/tab_action.ts";
import type {
  ValidateWidgetAnswer,
  ValidateWidgetRequest,
} from "../../../../../shared/api/validate_widget.ts";
import { ERROR_STATUS, type ErrorCode } from "../../../../../shared/errors.ts";
import type { Entry, Item } from "../../../../../shared/items.ts";
import type { Tab } from "../../../../../shared/tabs.ts";

export const AGENT = "a0000000-0000-4000-8000-000000000001";
export const MESSAGES = "b0000000-0000-4000-8000-000000000001";
export const ORDERS = "b0000000-0000-4000-8000-000000000002";
export const API = "https://project.example";

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The fields of every request that has a body. */
interface RecordedBody {
  agentId: string;
  userToken?: string;
  visitorToken?: string;
  tabId: string;
  action: string;
  itemId?: string;
  clientId?: string;
  body?: string;
  changes?: Record<string, unknown>;
  cursor?: string;
  refresh?: true;
}

export interface Call {
  path: string;
  query: Record<string, string>;
  headers: Headers;
  body: RecordedBody;
  signal: AbortSignal | null;
}

/** A `Response` is what something on the way answered in the server's place. */
type Handled = Reply | Response | "network";

type Handler = (call: Call) => Handled;

export function refusal(code: ErrorCode, message = code as string, headers?: Record<string, string>): Reply {
  return { status: ERROR_STATUS[code], body: { error: { code, message } }, headers };
}

export function item(id: string, more: Partial<Item> = {}): Item {
  return { id, title: `Conversation ${id}`, unread: 0, fields: {}, ...more };
}

export function entry(
  id: string,
  role: Entry["author"]["role"] = "operator",
  more: Partial<Entry> = {},
): Entry {
  return { id, author: { role }, body: `Text of ${id}`, attachments: [], fields: {}, ...more };
}

const tabs: Tab[] = [
  {
    id: MESSAGES,
    name: "Messages",
    category: "messaging",
    source: "webhook",
    actions: ["get_items", "item_clicked", "create_item", "update_item"],
  },
  {
    id: ORDERS,
    name: "Orders",
    category: "default",
    source: "webhook",
    actions: ["get_items", "item_clicked", "delete_item"],
  },
];

/** The functions and the owner behind them. Tests change its fields, or replace an endpoint's handler. */
export class FakeServer {
  readonly calls: Call[] = [];
  /** Requests wait here while `holding`. */
  readonly held: { call: Call; release: () => void }[] = [];
  holding: (call: Call) => boolean = () => false;

  session: Partial<ValidateWidgetAnswer> = {};
  sessionNumber = 0;
  endUserId = "ada";
  listChannel = "agent-x-user-ada-1";
  items: Record<string, Item[]> = { [MESSAGES]: [item("c1")], [ORDERS]: [item("o1")] };
  pageSize = 20;
  threads: Record<string, Entry[]> = { c1: [entry("m1")] };
  threadPageSize = 20;
  conversationChannel = (id: string): string | undefined => `conv-${id}-1`;

  validate: Handler = ({ body }) => ({ status: 200, body: this.#validated(body) });
  tabFetch: Handler = (call) => this.#fetchTab(call);
  tabAction: Handler = (call) => this.#act(call);

  fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { pathname, searchParams } = new URL(url);
    const call: Call = {
      path: pathname.split("/").at(-1) ?? "",
      query: Object.fromEntries(searchParams),
      headers: new Headers(init.headers),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
      signal: init.signal ?? null,
    };
    this.calls.push(call);
    // The server answers with what was true when the request arrived.
    const reply = this.#handle(call);
    await Promise.resolve();
    if (this.holding(call)) {
      await new Promise<void>((resolve, reject) => {
        this.held.push({ call, release: resolve });
        call.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      });
    }
    if (call.signal?.aborted) throw new DOMException("aborted", "AbortError");
    if (reply === "network") throw new TypeError("Failed to fetch");
    if (reply instanceof Response) return reply;
    const body = reply.body === undefined ? null : JSON.stringify(reply.body);
    const headers = { "x-request-id": `request-${this.calls.length}`, ...reply.headers };
    return new Response(body, { status: reply.status, headers });
  };

  /** Calls of one endpoint so far; `action` narrows tab-action. */
  count(path: string, action?: string): number {
    return this.of(path, action).length;
  }

  of(path: string, action?: string): Call[] {
    return this.calls.filter((call) => call.path === path && (!action || call.body?.action === action));
  }

  releaseAll(): void {
    for (const { release } of this.held.splice(0)) release();
  }

  #handle(call: Call): Handled {
    if (call.path === "validate-widget") return this.validate(call);
    return call.path === "tab-fetch" ? this.tabFetch(call) : this.tabAction(call);
  }

  #validated({ userToken }: ValidateWidgetRequest): ValidateWidgetAnswer {
    return {
      session: `session-${++this.sessionNumber}`,
      expiresAt: "2026-01-01T00:15:00Z",
      revalidateAfter: 300,
      agent: { id: AGENT, name: "Fern & Fable" },
      display: {
        title: "Fern & Fable",
        accent: "#2f6f4f",
        theme: "auto",
        launcher: "Open messages",
        locale: "en",
      },
      endUser: { id: this.endUserId, anonymous: userToken === undefined },
      tabs,
      realtime: { key: "sb_publishable_test" },
      channelsVersion: "1",
      ...this.session,
    };
  }

  #fetchTab({ query, headers }: Call): Reply {
    const rows = this.items[query.tabId ?? ""] ?? [];
    const from = Number(query.cursor ?? 0);
    const end = from + this.pageSize;
    const body = {
      items: rows.slice(from, end),
      ...(end < rows.length && { nextCursor: String(end) }),
      ...(query.tabId === MESSAGES && { listChannel: this.listChannel }),
    };
    const etag = `W/"${JSON.stringify(body)}"`.replace(/[^\x20-\x7e]/g, "?");
    if (headers.get("if-none-match") === etag) return { status: 304, headers: { etag } };
    return { status: 200, body, headers: { etag } };
  }

  #act({ body }: Call): Reply {
    const request = body as TabActionRequest;
    if (request.action === "item_clicked") return this.#click(request);
    if (request.action === "delete_item") return { status: 200, body: { deleted: true } };
    if (request.action !== "create_item") return { status: 200, body: {} };
    const itemId = request.itemId ?? "new1";
    const entries = this.threads[itemId] ??= [];
    const created = entry(`e${entries.length + 1}`, "visitor", {
      clientId: request.clientId,
      body: request.body,
    });
    if (!entries.some(({ clientId }) => clientId === request.clientId)) entries.push(created);
    return { status: 200, body: { entry: created, item: item(itemId) } };
  }

  #click({ itemId, cursor }: { itemId: string; cursor?: string }): Reply {
    const entries = this.threads[itemId];
    if (!entries) return refusal("item_not_found");
    const end = cursor ? Number(cursor) : entries.length;
    const from = Math.max(0, end - this.threadPageSize);
    return {
      status: 200,
      body: {
        item: this.items[MESSAGES]?.find(({ id }) => id === itemId) ?? item(itemId),
        entries: entries.slice(from, end),
        ...(from > 0 && { nextCursor: String(from) }),
        conversationChannel: this.conversationChannel(itemId),
      },
    };
  }
}
