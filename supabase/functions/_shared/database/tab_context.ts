import * as z from "zod";
import type { TabActionRequest } from "../../../../shared/api/tab_action.ts";
import { HeddleError } from "../../../../shared/errors.ts";
import { TAB_CATEGORIES, type TabAction } from "../../../../shared/tabs.ts";
import { nameOf } from "../auth/kept_name.ts";
import { invalidSession, type Session } from "../auth/session.ts";
import { signingSchema } from "../realtime/signing.ts";
import { rateLimited } from "../http/endpoint.ts";
import { callDatabase } from "./call_database.ts";

const credential = { host: z.string(), value: z.string() };

const connectorSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("bearer"), ...credential }),
  /** `value`: user, colon, password. */
  z.object({ kind: z.literal("basic"), ...credential }),
  /** `header`: lowercase; the database lets in none that Heddle or the transport needs for itself. */
  z.object({ kind: z.literal("header"), header: z.string(), ...credential }),
]);

const tabContextSchema = z.discriminatedUnion("source", [
  z.object({
    source: z.literal("webhook"),
    tab: z.object({
      id: z.string(),
      category: z.enum(TAB_CATEGORIES),
      /** The keys of its update form. */
      formKeys: z.array(z.string()).optional(),
    }),
    /** As the owner has set it up; `null` if it was never set up. */
    action: z.object({ enabled: z.boolean(), url: z.string().nullable() }).nullable(),
    connector: connectorSchema.nullable(),
    signing: signingSchema,
    webhook: z.object({ current: z.string(), previous: z.string().nullable() }),
  }),
  z.object({
    source: z.literal("store"),
    tab: z.object({ id: z.string(), category: z.enum(TAB_CATEGORIES) }),
  }),
]);

/** Everything that one tab call needs to know, by the kind of the tab's source. */
export type TabContext = z.infer<typeof tabContextSchema>;
export type WebhookTab = Extract<TabContext, { source: "webhook" }>;
export type Connector = NonNullable<WebhookTab["connector"]>;

const outcomeSchema = z.object({
  outcome: z.enum([
    "ok",
    "agent_not_found",
    "tab_not_found",
    "session_revoked",
    "rate_limited",
  ]),
  retryAfter: z.number().nullish(),
});

/**
 * Takes a token from the visitor's bucket and looks the tab's action up, in one round trip; a `receipt` is an
 * `update_item` that counts as a read. Throws
 * `agent_not_found`, `tab_not_found` (another agent's tab too), `invalid_session` or `rate_limited`. Whether
 * the tab has the action is for its source to say. `addressHash`: see `addressHash()`; `null` if the address
 * is not known.
 */
export async function tabContext(
  session: Session,
  tabId: string,
  action: TabAction | TabActionRequest["action"] | "receipt",
  addressHash: string | null,
): Promise<TabContext> {
  const answer = await callDatabase("tab_context", {
    p_agent_id: session.agentId,
    p_tab_id: tabId,
    p_action: action,
    p_end_user_id: session.endUser.id,
    p_session_version: session.version,
    p_address_hash: addressHash,
    p_said: session.kind === "identified" ? nameOf(session) : null,
  });
  const { outcome, retryAfter } = outcomeSchema.parse(answer);
  switch (outcome) {
    case "ok":
      return tabContextSchema.parse(answer);
    case "session_revoked":
      throw invalidSession();
    case "rate_limited":
      throw rateLimited(retryAfter ?? 1);
    case "agent_not_found":
      throw new HeddleError("agent_not_found", "The session's agent must exist.");
    case "tab_not_found":
      throw new HeddleError("tab_not_found", "This agent has no tab with this tabId.");
  }
}
