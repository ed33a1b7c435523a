import * as z from "zod";
import { displaySchema } from "../../../../shared/api/validate_widget.ts";
import { HeddleError } from "../../../../shared/errors.ts";
import { officeHoursSchema } from "../../../../shared/management.ts";
import { formFieldSchema, TAB_ACTIONS, tabSchema } from "../../../../shared/tabs.ts";
import { identitySchema } from "../../../../shared/identity_provider.ts";
import { createBoundedMap } from "../../../../shared/bounded_map.ts";
import { nameOf } from "../auth/kept_name.ts";
import type { Session } from "../auth/session.ts";
import { rateLimited } from "../http/endpoint.ts";
import { signingSchema } from "../realtime/signing.ts";
import { callDatabase } from "./call_database.ts";

const outcomeSchema = z.object({
  outcome: z.enum(["ok", "agent_not_found", "rate_limited"]),
  retryAfter: z.number().nullish(),
});

/** `heddle.office_of`. */
export const keptOfficeSchema = z.object({
  greeting: z.string().nullable(),
  /** Written by hand they may be anything: then there are none. */
  hours: officeHoursSchema.nullable().catch(null),
  awayMessage: z.string().nullable(),
  isSomebodyOnline: z.boolean(),
});

const configuredTabSchema = tabSchema.extend({
  icon: z.string().nullish().transform((icon) => icon ?? undefined),
  pushKey: z.string().nullish().transform((key) => key ?? undefined).optional(),
  actions: z.array(z.object({ action: z.enum(TAB_ACTIONS), enabled: z.boolean(), hasUrl: z.boolean() })),
  fields: z.array(formFieldSchema).nullable(),
  office: keptOfficeSchema.nullish(),
});

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
  tabs: z.array(configuredTabSchema),
  /** What makes and proves the tokens of anonymous visitors. */
  visitorSecret: z.string(),
  /** Whether `visitorId` was erased and counts no more. */
  visitorErased: z.boolean(),
  /** Whether `visitorId` has conversations on a store tab. */
  visitorWrote: z.boolean(),
});

/** A tab as its owner has set it up. */
export type ConfiguredTab = z.infer<typeof configuredTabSchema>;
export type KeptOffice = z.infer<typeof keptOfficeSchema>;
export type WidgetContext = z.infer<typeof widgetContextSchema>;

/**
 * Where no address is known nothing else keeps a stranger from having us look agents up that do not exist.
 */
const unknownAgents = createBoundedMap<string, true>({ maxSize: 1_000, ttlMs: 30_000, now: Date.now });

/**
 * Takes a token from the address's bucket and looks up what `validate-widget` needs to know of an agent, and
 * of the visitor whom a visitorToken claims to be, in one round trip. Throws `agent_not_found` or
 * `rate_limited`. `addressHash`: see `addressHash()`; `null` if the address is not known.
 */
export async function widgetContext(
  agentId: string,
  visitorId: string | null,
  addressHash: string | null,
): Promise<WidgetContext> {
  if (unknownAgents.get(agentId)) throw agentNotFound();
  const answer = await callDatabase("widget_context", {
    p_agent_id: agentId,
    p_visitor_id: visitorId,
    p_address_hash: addressHash,
  });
  const { outcome, retryAfter } = outcomeSchema.parse(answer);
  switch (outcome) {
    case "ok":
      return widgetContextSchema.parse(answer);
    case "rate_limited":
      throw rateLimited(retryAfter ?? 1);
    case "agent_not_found":
      unknownAgents.set(agentId, true);
      throw agentNotFound();
  }
}

/** Hands what an anonymous visitor wrote on store tabs on to whom the owner's token names; both must be verified. */
export async function signInStore(
  agentId: string,
  anonymousId: string,
  visitor: Pick<Session, "endUser" | "attributes" | "tokenIssued">,
): Promise<void> {
  await callDatabase("store_sign_in", {
    p_agent_id: agentId,
    p_anonymous: anonymousId,
    p_end_user: visitor.endUser.id,
    p_visitor: nameOf(visitor),
  });
}

function agentNotFound(): HeddleError {
  return new HeddleError("agent_not_found", "There is no agent with this agentId.");
}
