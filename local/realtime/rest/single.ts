import type { PolicyContext } from "../auth/policies.ts";
import type { UserBroadcast } from "../codec/codec.ts";
import { FieldTooLong } from "../codec/codec.ts";
import { RealtimeError } from "../errors.ts";
import type { Services } from "../services.ts";
import { accepted, BLANK, html, invalid, isBlank, message, TOO_FAST, TOO_LARGE } from "./answers.ts";
import type { Body } from "./body.ts";

interface SingleBroadcast {
  topic: string;
  event: string;
  private: boolean;
  body: Body;
  caller: Omit<PolicyContext, "topic">;
}

/**
 * `POST /api/broadcast/{topic}/events/{event}`: the body is the payload. Unlike the batch it tells a sender
 * that it may not. Source: supabase/realtime, lib/realtime/tenants/single_broadcast.ex.
 */
export async function broadcastSingle(services: Services, request: SingleBroadcast): Promise<Response> {
  const { topic, event, body, caller } = request;
  if (body.type === "unsupported") {
    const error = "Unsupported Media Type. Use application/json or application/octet-stream";
    return Response.json({ error }, { status: 415 });
  }
  if (isBlank(topic)) return invalid({ topic: [BLANK] });
  if (isBlank(event)) return invalid({ event: [BLANK] });
  if (body.bytes.length > services.settings.payloadBytes) return invalid({ payload: [TOO_LARGE] });

  const { messages } = services.limits;
  if (messages.reached) return message(429, TOO_FAST);

  if (request.private) {
    const refusal = await refusalOf(services, { ...caller, topic });
    if (refusal) return refusal;
  }
  const broadcast: UserBroadcast = {
    kind: "user",
    event,
    encoding: body.type,
    payload: body.bytes,
    meta: null,
  };
  messages.count();
  try {
    services.registry.broadcast({ topic, private: request.private }, broadcast);
  } catch (error) {
    if (error instanceof FieldTooLong) return html(500, "Internal Server Error");
    throw error;
  }
  return accepted();
}

async function refusalOf(services: Services, context: PolicyContext): Promise<Response | null> {
  try {
    const allowed = await services.authorizer.write(context, "broadcast");
    return allowed ? null : message(403, "Unauthorized");
  } catch (error) {
    if (!(error instanceof RealtimeError)) throw error;
    services.log(`realtime: a broadcast could not be authorized: ${error.reason}`);
    switch (error.code) {
      case "MissingPartition":
        return message(422, "Missing messages partition");
      case "IncreaseConnectionPool":
        return message(429, "Connection pool exhausted");
      default:
        return message(422, "RLS policy error");
    }
  }
}
