import type { CreateItemAnswer, ItemClickedAnswer } from "../../shared/api/tab_action.ts";
import type { Entry } from "../../shared/items.ts";
import type { Shape } from "../../client/http/shape.ts";
import { ITEM } from "./answers.ts";

const ENTRY: Shape<Entry> = {
  id: "",
  "clientId?": "",
  author: { role: "", "name?": "" },
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
