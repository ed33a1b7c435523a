import type { Delivery, DeliveryKind, DeliveryOutcome } from "../database/deliveries.ts";

/** Tries to send it once. What it throws counts as `failed`. The signal is aborted before the lease is over. */
export type Sender = (delivery: Delivery, signal: AbortSignal) => Promise<DeliveryOutcome>;

/** What is not among them stays in the queue. */
export type Senders = Partial<Record<DeliveryKind, Sender>>;

/** How many are sent at the same time. */
const TOGETHER = 20;
/** Milliseconds for one try; the lease lasts for 60 seconds. */
const TRY_MS = 50_000;

export interface DeliverDependencies {
  senders: Senders;
  take(kinds: DeliveryKind[], limit: number): Promise<Delivery[]>;
  end(delivery: Delivery, outcome: DeliveryOutcome): Promise<unknown>;
  /** Says for the log what no sender expected. */
  onProblem(error: unknown): void;
  /** Milliseconds. */
  now(): number;
}

/** Sends what is due until there is nothing more, or until `until` (milliseconds since the epoch). Answers how many were tried. */
export async function deliver(until: number, dependencies: DeliverDependencies): Promise<number> {
  const { senders, take, end, onProblem, now } = dependencies;
  const kinds = Object.keys(senders) as DeliveryKind[];

  async function tryOnce(delivery: Delivery): Promise<void> {
    await end(delivery, await outcomeOf(delivery));
  }

  async function outcomeOf(delivery: Delivery): Promise<DeliveryOutcome> {
    const send = senders[delivery.kind];
    if (!send) return { outcome: "failed", error: "This version can't send it." };
    try {
      return await send(delivery, AbortSignal.timeout(TRY_MS));
    } catch (error) {
      onProblem(error);
      return { outcome: "failed", error: "It could not be sent; the function's log says why." };
    }
  }

  let tried = 0;
  while (now() < until) {
    const taken = await take(kinds, TOGETHER);
    if (taken.length === 0) break;
    // Each ends by itself: one that can't be written down is left to its lease, and holds up no other.
    const ended = await Promise.allSettled(taken.map(tryOnce));
    for (const each of ended) if (each.status === "rejected") onProblem(each.reason);
    tried += taken.length;
  }
  return tried;
}
