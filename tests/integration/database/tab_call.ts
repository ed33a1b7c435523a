import type { Sql, TransactionSql } from "postgres";

export const AGENT = "a0000000-0000-4000-8000-000000000001";
export const MESSAGES = "b0000000-0000-4000-8000-000000000001";
export const ORDERS = "b0000000-0000-4000-8000-000000000002";
export const CHAT = "b0000000-0000-4000-8000-000000000003";

export interface TabCall {
  agentId?: string;
  tabId?: string;
  action?: string;
  endUserId?: string;
  sessionVersion?: number;
  addressHash?: string | null;
  /** Of the owner's token. */
  said?: { name?: string; email?: string } | null;
}

export interface TabContext {
  outcome: string;
  retryAfter?: number;
  tab?: { id: string; category: string; formKeys: string[] };
  source?: string;
  action?: { enabled: boolean; url: string | null } | null;
  connector?: { kind: string; host: string; header: string | null; value: string } | null;
  signing?: Signing;
  webhook?: { current: string; previous: string | null };
}

export interface Signing {
  current: string;
  previous: string | null;
  handOutCurrentAt: string;
  previousUntil: string | null;
  former: { secret: string; until: string }[];
  version: string;
}

/** `tab_context` as a visitor of the demo agent's messages, where not said otherwise. */
export async function tabContext(sql: Sql | TransactionSql, options: TabCall): Promise<TabContext> {
  const { agentId = AGENT, tabId = MESSAGES, action = "get_items", endUserId = "u1" } = options;
  const { sessionVersion = 1, addressHash = null, said = null } = options;
  const [row] = await sql<{ context: TabContext }[]>`
    select heddle_api.tab_context(
      ${agentId}, ${tabId}, ${action}, ${endUserId}, ${sessionVersion}, ${addressHash},
      ${said && sql.json(said)}
    ) as context`;
  if (!row) throw new Error("tab_context answered no row");
  return row.context;
}
