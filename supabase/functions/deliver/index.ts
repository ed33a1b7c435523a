import { HeddleError } from "../../../shared/errors.ts";
import { isDeliveryWorker } from "../_shared/database/deliveries.ts";
import { deliverDue } from "../_shared/deliveries/deliver_due.ts";
import { environment } from "../_shared/environment.ts";
import { endpoint, json } from "../_shared/http/endpoint.ts";
import { bearerToken } from "../_shared/http/request.ts";
import { createHash, timingSafeEqual } from "node:crypto";

/**
 * POST deliver    Authorization: Bearer <the project's secret key, or the key of the database's own calls>
 *
 * Sends what is due: events to webhooks. Supabase's pg_cron and pg_net call it where there is something to send, locally a
 * timer does.
 *
 * 200 { tried } · 401 invalid_api_key, missing_api_key
 */
const fetch = endpoint({ name: "deliver", method: "POST", callers: "servers" }, async (request, call) => {
  await requireWorker(bearerToken(request));
  return json({ tried: await deliverDue(call) });
});

async function requireWorker(key: string | null): Promise<void> {
  if (key === null) {
    throw new HeddleError("missing_api_key", "Send the project's secret key as a bearer token.");
  }
  if (isSame(key, environment().secretKey)) return;
  if (!key.startsWith("hdw_") || !await isDeliveryWorker(key)) {
    throw new HeddleError("invalid_api_key", "The key must be the project's secret key.");
  }
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

export default { fetch };
