import * as z from "zod";
import { wellFormedJson } from "../../../../shared/text.ts";
import type { Delivery, DeliveryAnswer, DeliveryOutcome } from "../database/deliveries.ts";
import { environment } from "../environment.ts";
import { readBeginning } from "../http/in_time.ts";
import { secondsToWait } from "../http/retry_after.ts";
import { createResolve } from "../net/target.ts";
import { postSigned } from "../sources/webhook/post_signed.ts";
import { WebhookError } from "../sources/webhook/webhook_error.ts";

const receiverSchema = z.object({
  url: z.string(),
  secret: z.string(),
  previousSecret: z.string().nullable(),
  format: z.enum(["heddle", "cloudevents"]),
});
const contentSchema = z.looseObject({ id: z.string() });
const envelopeSchema = z.looseObject({
  id: z.string(),
  type: z.string(),
  at: z.string(),
  topic: z.string().optional(),
  data: z.unknown(),
});
/** Of an answer as much is kept as shows what went wrong. */
const KEPT_CHARACTERS = 1024;
/** Milliseconds for it. The status has said already how the try went. */
const BEGINNING_MS = 1000;

/** Sends an event to an owner's webhook, as Standard Webhooks 1.0 says. Only 2xx within 10 seconds is success, whatever becomes of the body. */
export async function sendWebhook(delivery: Delivery, signal: AbortSignal): Promise<DeliveryOutcome> {
  if (delivery.receiver === null) {
    return { outcome: "suppressed", error: "The webhook was removed or switched off." };
  }
  const { url, secret, previousSecret, format } = receiverSchema.parse(delivery.receiver);
  const { id } = contentSchema.parse(delivery.content);
  const isCloudEvent = format === "cloudevents";
  const body = isCloudEvent ? cloudEvent(delivery) : delivery.content;
  const { privateWebhookHosts, webhookTimeoutMs } = environment();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(webhookTimeoutMs)]);
  const startedAt = Date.now();
  try {
    const response = await postSigned(
      {
        url,
        body: wellFormedJson(JSON.stringify(body)),
        contentType: isCloudEvent ? "application/cloudevents+json" : "application/json",
        secrets: { current: secret, previous: previousSecret },
        webhookId: id,
        accept: "*/*",
        what: "webhook",
      },
      { fetch, resolve: createResolve(Deno), privateHosts: privateWebhookHosts },
      limit,
    );
    const { status, headers } = response;
    const ms = Date.now() - startedAt;
    const soon = AbortSignal.any([limit, AbortSignal.timeout(BEGINNING_MS)]);
    const beginning = kept(await readBeginning(response.body, KEPT_CHARACTERS, soon));
    const retryAfter = secondsToWait(headers.get("retry-after"), Date.now());
    return outcomeOf({ status, ms, body: beginning }, retryAfter);
  } catch (error) {
    const answer = { status: null, ms: Date.now() - startedAt, body: "" };
    if (error instanceof WebhookError) return { outcome: "failed", error: error.detail, answer };
    if (!limit.aborted) throw error;
    const seconds = webhookTimeoutMs / 1000;
    return { outcome: "failed", error: `The webhook did not answer within ${seconds} seconds.`, answer };
  }
}

/**
 * The event as CloudEvents 1.0 has it, in its JSON format: `source` is the organisation, `subject` what it happened to.
 * Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export function cloudEvent({ content, orgId }: Pick<Delivery, "content" | "orgId">) {
  const { id, type, at, topic, data } = envelopeSchema.parse(content);
  const [, , source, resource, , resourceId] = topic?.split(".") ?? [];
  return {
    specversion: "1.0",
    id,
    source: `/orgs/${orgId}`,
    type,
    ...(resourceId === undefined ? {} : { subject: `${source}/${resource}/${resourceId}` }),
    time: at,
    datacontenttype: "application/json",
    data,
  };
}

function outcomeOf(answer: DeliveryAnswer & { status: number }, retryAfter: number | null): DeliveryOutcome {
  const { status } = answer;
  if (status >= 200 && status <= 299) return { outcome: "sent", answer };
  // Standard Webhooks: whoever answers so wants nothing any more, and the database switches the webhook off.
  if (status === 410) return { outcome: "dead", error: "The webhook answered 410: it is gone.", answer };
  const error = status >= 300 && status <= 399
    ? "The webhook answered with a redirect; redirects are not followed."
    : `The webhook answered ${status}.`;
  return { outcome: "failed", error, retryAfter, answer };
}

/** Postgres takes no NUL in a text. */
function kept(text: string): string {
  return text.replaceAll("\0", "\ufffd").toWellFormed();
}
