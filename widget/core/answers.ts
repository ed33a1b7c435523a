import type { TabFetchAnswer } from "../../shared/api/tab_fetch.ts";
import type { ValidateWidgetAnswer } from "../../shared/api/validate_widget.ts";
import type { Item } from "../../shared/items.ts";
import type { Shape } from "../../client/http/transport.ts";

export const ITEM: Shape<Item> = {
  id: "",
  "title?": "",
  "preview?": "",
  "timestamp?": "",
  unread: 0,
  "status?": "",
  fields: {},
};

/**
 * Shapes that the answers of the browser's endpoints must have, so that no code after this check fails on
 * them. Those of a thread are in `clicks.ts`, since a badge needs none.
 */
export const VALIDATED: Shape<ValidateWidgetAnswer> = {
  session: "",
  expiresAt: "",
  revalidateAfter: 0,
  agent: { name: "" },
  display: { title: "", accent: "", locale: "" },
  endUser: { id: "", anonymous: true },
  tabs: [{
    id: "",
    name: "",
    category: "",
    actions: [""],
    "fields?": [{ key: "", label: "", type: "" }],
  }],
  realtime: { key: "" },
  channelsVersion: "",
};

export const FETCHED: Shape<TabFetchAnswer> = {
  items: [ITEM],
  "nextCursor?": "",
  "listChannel?": "",
};
