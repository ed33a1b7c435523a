import * as z from "zod";
import { callDatabase } from "./call_database.ts";
import type { Json } from "./database_types.ts";

/** What can be sent in one of these ways. */
export const DELIVERY_KINDS = ["webhook", "email", "push"] as const;
export type DeliveryKind = (typeof DELIVERY_KINDS)[number];

const deliverySchema = z.object({
  id: z.number(),
  lease: z.string(),
  kind: z.enum(DELIVERY_KINDS),
  /** The webhook; for the others a member or a device. */
  target: z.string(),
  content: z.record(z.string(), z.unknown()),
  /** How many were put together; the content is that of the last. */
  count: z.number(),
  /** This try included. */
  attempts: z.number(),
  createdAt: z.string(),
  orgId: z.string(),
  agentId: z.string().nullable(),
  notificationId: z.string().nullable(),
  eventId: z.string().nullable(),
  /** What sending needs to know of the target as it is now; `null`: there is none any more that wants it. */
  receiver: z.unknown(),
});

/** Something to be sent, taken for 60 seconds. */
export type Delivery = z.infer<typeof deliverySchema>;

/** What came back at a try. */
export interface DeliveryAnswer {
  status: number | null;
  /** Milliseconds. */
  ms: number;
  /** Its beginning. */
  body: string;
}

/**
 * How a try went. `failed` is tried again, after `retryAfter` seconds if there are any; `dead` is not: it would fail again, and a
 * webhook is switched off.
 * `suppressed`: nobody wants it any more.
 */
export interface DeliveryOutcome {
  outcome: "sent" | "failed" | "dead" | "suppressed";
  error?: string;
  retryAfter?: number | null;
  answer?: DeliveryAnswer;
}

/** What the database knows of the worker. */
export interface DeliveryWorker {
  /** Where the project is, so that its database can call the worker. */
  url: string;
  /** `host` or `host:port`: what it calls though it is not public. The database refuses other such URLs at once. */
  privateHosts: string[];
}

/** Takes what is due, of these kinds. */
export async function takeDeliveries(
  kinds: DeliveryKind[],
  limit: number,
  { url, privateHosts }: DeliveryWorker,
): Promise<Delivery[]> {
  const json = await callDatabase("take_deliveries", {
    p_kinds: kinds,
    p_limit: limit,
    p_url: url,
    p_private_hosts: privateHosts,
  });
  return z.array(deliverySchema).parse(json);
}

/** Says how it went. False if somebody else has it by now. */
export async function endDelivery(
  { id, lease }: Delivery,
  { outcome, error, retryAfter, answer }: DeliveryOutcome,
): Promise<boolean> {
  const json = await callDatabase("end_delivery", {
    p_id: id,
    p_lease: lease,
    p_outcome: outcome,
    p_error: error ?? null,
    p_retry_after: retryAfter ?? null,
    p_answer: (answer ?? null) as Json,
  });
  return json !== null;
}

/** Whether this is the key with which the database calls the worker. */
export async function isDeliveryWorker(key: string): Promise<boolean> {
  return await callDatabase("is_delivery_worker", { p_key: key });
}
