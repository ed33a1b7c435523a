import type { TabAction } from "../../../../shared/tabs.ts";

/** Something the owner should know of. It names the webhook's host only: its URL may be a secret. */
export interface WidgetIssue {
  agentId: string;
  tabId: string;
  action: TabAction;
  kind: string;
  host: string;
  detail: string;
}
