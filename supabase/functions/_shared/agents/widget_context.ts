import * as z from "zod";
import { displaySchema } from "../../../../shared/api/validate_widget.ts";
import { HeddleError } from "../../../../shared/errors.ts";
import { tabSchema } from "../../../../shared/tabs.ts";
import { signingSchema } from "../channels/signing.ts";
import { callDatabase } from "./database.ts";

const widgetContextSchema = z.object({
  agent: z.object({
    id: z.string(),
    name: z.string(),
    display: displaySchema,
    allowedOrigins: z.array(z.string()),
    sessionVersion: z.number().int(),
  }),
  identity: z.object({ provider: z.literal("hs256") }),
  signing: signingSchema,
  tabs: z.array(tabSchema.extend({ icon: z.string().nullish().transform((icon) => icon ?? undefined) })),
});

export type WidgetContext = z.infer<typeof widgetContextSchema>;

/** What `validate-widget` needs to know of an agent. Throws `agent_not_found`. */
export async function widgetContext(agentId: string): Promise<WidgetContext> {
  const answer = await callDatabase("widget_context", { p_agent_id: agentId });
  if (answer === null) throw new HeddleError("agent_not_found", "agentId must name an agent.");
  return widgetContextSchema.parse(answer);
}
