import type { TabAction } from "../../../../shared/tabs.ts";
import { callDatabase } from "./call_database.ts";

/** Something the owner should know of. It names the webhook's host only: its URL may be a secret. */
export interface WidgetIssue {
  agentId: string;
  tabId: string;
  action: TabAction;
  kind: string;
  host: string;
  detail: string;
}

/** Counts the issue for its owner: one row per agent, tab, action, kind and hour. */
export async function recordIssue(
  { agentId, tabId, action, kind, host, detail }: WidgetIssue,
): Promise<void> {
  await callDatabase("record_issue", {
    p_agent_id: agentId,
    p_tab_id: tabId,
    p_action: action,
    p_kind: kind,
    p_host: host,
    p_detail: detail,
  });
}
