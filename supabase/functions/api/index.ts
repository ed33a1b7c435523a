import { idempotencyKey } from "../../../shared/api/events.ts";
import { HeddleError } from "../../../shared/errors.ts";
import type { Operation, OperationName } from "../../../shared/rest/operations.ts";
import { pathOfNul, wellFormedJson } from "../../../shared/text.ts";
import { apiKeyHash } from "../_shared/auth/api_key.ts";
import { addressHash } from "../_shared/auth/caller.ts";
import { answerSoon } from "../_shared/bots/relay.ts";
import { notifyTeam } from "../_shared/database/bot_turns.ts";
import { restCall } from "../_shared/database/rest_call.ts";
import { deliverSoon } from "../_shared/deliveries/deliver_soon.ts";
import { environment } from "../_shared/environment.ts";
import { endpoint, inBackground, json } from "../_shared/http/endpoint.ts";
import { queryOf, readJsonBody, validate } from "../_shared/http/request.ts";
import { answerOf, type Result } from "../_shared/rest/answers.ts";
import { placeOf } from "../_shared/rest/cursors.ts";
import { routeOf } from "../_shared/rest/route.ts";

/** Twenty attachments with long addresses, beside a text. */
const MAX_BYTES = 128 * 1024;

/**
 * GET|HEAD|POST|PATCH|DELETE api/…    x-api-key with the operation's scope
 *
 * Conversations, messages, rooms, visitors and notifications, for owners' backends: the operations stand in
 * shared/rest/operations.ts. What changes is live everywhere, and lines say that the key did it. A POST with an
 * Idempotency-Key is done once in 24 hours.
 *
 * 200, 201 the operation's answer · 401 missing_api_key, invalid_api_key · 403 forbidden without the scope · 404
 * agent_not_found, item_not_found, also for another organisation's · 409 conflict for an Idempotency-Key that came with
 * another request · 429 rate_limited for unknown keys
 */
const fetch = endpoint(
  { name: "api", callers: "servers" },
  async (request, call) => {
    const keyHash = apiKeyHash(request);
    if (!keyHash) throw new HeddleError("missing_api_key", "Send an API key as x-api-key.");
    const { name, operation, params } = routeOf(request);
    const key = request.method === "POST" ? request.headers.get("idempotency-key") ?? undefined : undefined;
    const caller = { keyHash, addressHash: addressHash(request, environment()) };
    const { result, bot } = await restCall(caller, {
      scope: operation.scope,
      operation: name,
      idempotencyKey: validate(idempotencyKey, key) ?? null,
      args: storable({ ...await argsOf(request, name, operation), ...params }),
    });
    if (bot?.tabId) answerSoon({ ...bot, tabId: bot.tabId }, call);
    const answer = answerOf(name, result as Result);
    if (request.method !== "GET") deliverSoon(agentIn(answer), call);
    if ("conversation" in answer && answer.conversation.needsHuman && name === "updateConversation") {
      inBackground(notifyTeam(answer.conversation.agentId), "notify", call.requestId);
    }
    return json(answer, operation.status);
  },
);

/** Of whom what was changed is, where the answer says so. */
function agentIn(answer: object): string | null {
  const { agentId = null } = Object.values(answer)[0] ?? {};
  return typeof agentId === "string" ? agentId : null;
}

async function argsOf(request: Request, name: OperationName, operation: Operation) {
  const { cursor, ...query } = validate(operation.query, queryOf(request));
  const body = operation.body &&
    validate(operation.body, await readJsonBody(request, { maxBytes: MAX_BYTES }));
  return {
    ...query,
    ...(cursor === undefined ? {} : { before: placeOf(name, String(cursor)) }),
    ...(name === "createParticipant" ? { participant: body } : body),
  };
}

/** As Postgres keeps it: whole characters. Throws `invalid_request` for NUL. */
function storable<Args>(args: Args): Args {
  const path = pathOfNul(args);
  if (path === null) return JSON.parse(wellFormedJson(JSON.stringify(args)));
  throw new HeddleError("invalid_request", "The request must follow the schema of this endpoint.", {
    issues: [{ path: path.join("."), message: "must not hold NUL (U+0000)" }],
  });
}

export default { fetch };
