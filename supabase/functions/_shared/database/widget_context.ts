import * as z from "zod";
import { displaySchema } from "../../../../shared/api/validate_widget.ts";
import { HeddleError } from "../../../../shared/errors.ts";
import { tabSchema } from "../../../../shared/tabs.ts";
import { identitySchema } from "../../../../shared/identity.ts";
import { visitorTokenHash } from "../auth/visitor_token.ts";
import { signingSchema } from "../realtime/signing.ts";
import { callDatabase } from "./call_database.ts";

const widgetContextSchema = z.object({
  agent: z.object({
    id: z.string(),
    name: z.string(),
    display: displaySchema,
    allowedOrigins: z.array(z.string()),
    anonymousAllowed: z.boolean(),
    sessionVersion: z.number().int(),
  }),
  identity: identitySchema,
  signing: signingSchema,
  tabs: z.array(tabSchema.extend({ icon: z.string().nullish().transform((icon) => icon ?? undefined) })),
  /** `anon_…`; only if the look-up was for a token that is known. */
  visitorId: z.string().nullish(),
});

export type WidgetContext = z.infer<typeof widgetContextSchema>;

/**
 * What `validate-widget` needs to know of an agent, and of the anonymous visitor with this token, in one round trip.
 * Throws `agent_not_found`.
 */
export async function widgetContext(agentId: string, visitorToken?: string): Promise<WidgetContext> {
  const answer = visitorToken === undefined
    ? await callDatabase("widget_context", { p_agent_id: agentId })
    : await callDatabase("anonymous_context", {
      p_agent_id: agentId,
      p_token_hash: visitorTokenHash(visitorToken),
    });
  if (answer === null) throw new HeddleError("agent_not_found", "agentId must name an agent.");
  return widgetContextSchema.parse(answer);
}
