import type { PolicyContext } from "../auth/policies.ts";
import { RealtimeError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Services } from "../services.ts";
import { accepted, invalid, message, TOO_FAST } from "./answers.ts";
import { type BatchMessage, parseBatch } from "./batch_messages.ts";

const TOO_MANY = "Too many messages to broadcast, please reduce the batch size";

/**
 * `POST /api/broadcast`: many messages at once. Private messages that the caller may not send are dropped in
 * silence: the answer is 202 all the same. Source: supabase/realtime, lib/realtime/tenants/batch_broadcast.ex.
 */
export async function broadcastBatch(
  services: Services,
  { body, caller }: { body: JsonObject; caller: Omit<PolicyContext, "topic"> },
): Promise<Response> {
  const batch = parseBatch(body, services.settings.payloadBytes);
  if ("errors" in batch) return invalid(batch.errors);
  const { messages } = services.limits;
  if (!messages.hasRoomFor(0)) return message(429, TOO_FAST);
  if (!messages.hasRoomFor(batch.messages.length)) return message(429, TOO_MANY);

  for (const message of batch.messages.filter((message) => !message.private)) send(services, message);
  const privates = Map.groupBy(
    batch.messages.filter((message) => message.private),
    (message) => message.topic,
  );
  for (const [topic, messages] of privates) {
    if (!(await isAllowed(services, { ...caller, topic }))) continue;
    for (const message of messages) send(services, message);
  }
  return accepted();
}

function send(services: Services, { topic, event, payload, private: isPrivate, id }: BatchMessage): void {
  services.limits.messages.count();
  const meta = id === null ? {} : { meta: { id } };
  services.registry.broadcast(
    { topic, private: isPrivate },
    { kind: "text", payload: { event, payload, type: "broadcast", ...meta } },
  );
}

async function isAllowed(services: Services, context: PolicyContext): Promise<boolean> {
  try {
    return await services.authorizer.write(context, "broadcast");
  } catch (error) {
    if (!(error instanceof RealtimeError)) throw error;
    services.log(`realtime: messages of a batch were dropped: ${error.reason}`);
    return false;
  }
}
