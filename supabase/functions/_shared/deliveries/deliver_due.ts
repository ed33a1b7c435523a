import { endDelivery, takeDeliveries } from "../database/deliveries.ts";
import { environment } from "../environment.ts";
import { type Call, describeError } from "../http/endpoint.ts";
import { deliver, type Senders } from "./deliver.ts";
import { sendEmail } from "./email.ts";
import { sendPush } from "./push.ts";
import { sendWebhook } from "./webhook.ts";

/** How each kind is sent, one file for each. */
const senders: Senders = { webhook: sendWebhook, email: sendEmail, push: sendPush };

/** Milliseconds after which a round takes nothing more: what called it may not wait longer. */
const ROUND_MS = 60_000;

/** Sends what is due in production. Answers how many were tried. */
export async function deliverDue({ requestId, startedAt }: Call): Promise<number> {
  const { supabaseUrl: url, privateWebhookHosts: privateHosts } = environment();
  return await deliver(startedAt + ROUND_MS, {
    senders,
    take: (kinds, limit) => takeDeliveries(kinds, limit, { url, privateHosts }),
    end: endDelivery,
    onProblem(error) {
      console.error(JSON.stringify({ requestId, task: "deliver", error: describeError(error) }));
    },
    now: Date.now,
  });
}
