import type {
  CreateItemAnswer,
  CreateItemRequest,
  DeleteItemAnswer,
  DeleteItemRequest,
  ItemClickedAnswer,
  ItemClickedRequest,
  OfficeAnswer,
  TooManyChanges,
  TypingAnswer,
  TypingRequest,
  UpdateItemAnswer,
  UpdateItemRequest,
} from "../../../../shared/api/tab_action.ts";
import type { TabFetchAnswer, TabFetchRequest } from "../../../../shared/api/tab_fetch.ts";
import type { Tab, TabAction } from "../../../../shared/tabs.ts";
import type { Session } from "../auth/session.ts";
import type { TabContext } from "../database/tab_context.ts";
import type { ConfiguredTab } from "../database/widget_context.ts";
import type { Call } from "../http/endpoint.ts";
import { officeOf } from "./store/office.ts";
import { STORE_ACTIONS, storeSource } from "./store/store_source.ts";
import { webhookActions, webhookSource } from "./webhook/webhook_source.ts";

/**
 * Where the data of a tab comes from. Each method answers what its endpoint answers, channels included. It
 * throws `action_not_enabled` where the tab does not have the action, and the `source_…` errors,
 * `item_not_found` or `conflict`.
 */
export interface Source {
  list(request: TabFetchRequest): Promise<TabFetchAnswer>;
  thread(request: ItemClickedRequest): Promise<ItemClickedAnswer | TooManyChanges>;
  create(request: CreateItemRequest): Promise<CreateItemAnswer>;
  update(request: UpdateItemRequest): Promise<UpdateItemAnswer>;
  remove(request: DeleteItemRequest): Promise<DeleteItemAnswer>;
  typing(request: TypingRequest): Promise<TypingAnswer>;
  office(): Promise<OfficeAnswer>;
}

export type SourceOf = (tab: TabContext, session: Session, call: Call) => Source;

/** The source of a tab, as the visitor of this session may use it. */
export const sourceOf: SourceOf = (tab, session, call) => {
  switch (tab.source) {
    case "webhook":
      return webhookSource(tab, session, call);
    case "store":
      return storeSource(session, call);
  }
};

/** A tab as the widget sees it: with the actions that its source has, and a form if it can be updated. */
export function widgetTab({ fields, office, ...tab }: ConfiguredTab, now: number): Tab {
  const actions = actionsOf(tab);
  return {
    ...tab,
    actions,
    fields: actions.includes("update_item") ? fields ?? [] : [],
    office: office ? officeOf(office, now) : undefined,
  };
}

function actionsOf(tab: Pick<ConfiguredTab, "source" | "actions">): TabAction[] {
  switch (tab.source) {
    case "webhook":
      return webhookActions(tab.actions);
    case "store":
      return STORE_ACTIONS;
  }
}
