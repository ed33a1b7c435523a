import type { CreateItemAnswer, ItemClickedAnswer } from "../../shared/api/tab_action.ts";
import type { Entry } from "../../shared/items.ts";
import type { Result } from "../../client/http/problem.ts";
import type { Shape } from "../../client/http/transport.ts";
import { ITEM } from "./answers.ts";
import type { Calls } from "./api.ts";

export const ENTRY: Shape<Entry> = {
  id: "",
  "clientId?": "",
  author: { role: "" },
  body: "",
  "createdAt?": "",
  attachments: [{ url: "" }],
  fields: {},
};

export const CLICKED: Shape<ItemClickedAnswer> = {
  item: ITEM,
  entries: [ENTRY],
  "nextCursor?": "",
  "conversationChannel?": "",
};

export const CREATED: Shape<CreateItemAnswer> = {
  "entry?": ENTRY,
  "item?": ITEM,
  "conversationChannel?": "",
};

/** The `item_clicked` calls of one open item: the first is the click, the others refetch. */
export interface Clicks {
  /** An answer without a cursor came. */
  readonly isFetched: boolean;
  /** `unchanged`: the same answer as to the last call without a cursor. */
  send(itemId: string, cursor?: string): Promise<Result<{ answer: ItemClickedAnswer; unchanged: boolean }>>;
}

export function createClicks(calls: Calls, tabId: string): Clicks {
  let last: string | null = null;
  return {
    get isFetched() {
      return last !== null;
    },
    async send(itemId, cursor) {
      const refresh = (cursor !== undefined || last !== null) && { refresh: true as const };
      const request = { action: "item_clicked", tabId, itemId, cursor, ...refresh } as const;
      const result = await calls.act<ItemClickedAnswer>(request, CLICKED);
      if (!result.ok) return result;
      const text = JSON.stringify(result.value);
      const unchanged = text === last;
      if (cursor === undefined) last = text;
      return { ok: true, value: { answer: result.value, unchanged } };
    },
  };
}
