import { anonymousNotAllowed, createVisitor } from "../database/create_visitor.ts";
import type { WidgetContext } from "../database/widget_context.ts";
import { newVisitorToken, visitorTokenHash } from "./visitor_token.ts";

export interface AnonymousVisitor {
  id: string;
  /** For the browser to keep; sent again, it continues the same visitor. */
  visitorToken: string;
}

/**
 * The visitor whom the context knows by `visitorToken`, else a new one. A new one's token is always ours: one that a page brings
 * along and nobody knows is never taken on. Throws `anonymous_not_allowed` or `rate_limited`.
 */
export async function anonymousVisitor(
  { agent, visitorId }: WidgetContext,
  visitorToken: string | undefined,
  addressHash: string | null,
): Promise<AnonymousVisitor> {
  if (!agent.anonymousAllowed) throw anonymousNotAllowed();
  if (visitorId && visitorToken) return { id: visitorId, visitorToken };
  const token = newVisitorToken();
  return { id: await createVisitor(agent.id, visitorTokenHash(token), addressHash), visitorToken: token };
}
