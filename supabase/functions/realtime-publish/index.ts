import { type RealtimePublishAnswer, realtimePublishRequest } from "../../../shared/api/realtime_publish.ts";
import { withoutSignature } from "../../../shared/channels.ts";
import { createApiKeys } from "../_shared/auth/api_key.ts";
import { addressHash } from "../_shared/auth/caller.ts";
import {
  broadcastFromDatabase,
  createKeyTouches,
  publishContext,
  touchApiKey,
} from "../_shared/database/publish_context.ts";
import { environment } from "../_shared/environment.ts";
import { endpoint, inBackground, json } from "../_shared/http/endpoint.ts";
import { readJsonBody, validate } from "../_shared/http/request.ts";
import { createBroadcast } from "../_shared/realtime/broadcast.ts";
import { planPublish } from "../_shared/realtime/publish.ts";

/** An event may hold 64 KiB of data. */
const MAX_BYTES = 128 * 1024;

const apiKeys = createApiKeys({
  lookUp: (keyHash, request) => publishContext(keyHash, addressHash(request, environment())),
  now: Date.now,
});
const touchKey = createKeyTouches(touchApiKey, Date.now);
const broadcast = createBroadcast({
  project: environment,
  fetch: globalThis.fetch,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  now: Date.now,
  fromDatabase: broadcastFromDatabase,
});

/**
 * POST realtime-publish { endUserId?, conversationId?, endUserIds?, event? }    x-api-key: hdl_…
 *
 * Makes the widgets of these visitors, and those with this conversation open, refetch. An event goes to the conversation,
 * whose widgets show it before they refetch. During a rotation the names of both
 * secrets are published to, and the current ones are answered. After one that ended the old secret at once its names get
 * a `refresh` for a while, so that open pages notice.
 *
 * 200 RealtimePublishAnswer: Realtime, or the database for it, accepted every one · 401 missing_api_key, invalid_api_key ·
 * 429 rate_limited (unknown keys, or Realtime's limit), 503 realtime_unavailable with Retry-After
 */
const fetch = endpoint(
  { name: "realtime-publish", method: "POST", callers: "servers" },
  async (request, call) => {
    const { keyId, agentId, signing } = await apiKeys.require(request, "publish");
    call.notes.agentId = agentId;
    const wanted = validate(realtimePublishRequest, await readJsonBody(request, { maxBytes: MAX_BYTES }));
    const touched = touchKey(keyId);
    if (touched !== null) inBackground(touched, "touch_api_key", call.requestId);

    const { current, broadcasts } = planPublish(wanted, { agentId, signing, now: call.startedAt });
    call.notes.channels = current.map(withoutSignature);
    const startedAt = Date.now();
    const routes = await Promise.all(broadcasts.map(({ channels, event }) => broadcast(channels, event)))
      .finally(() => call.notes.realtimeMs = Date.now() - startedAt);
    call.notes.route = routes.includes("database") ? "database" : "rest";

    const answer: RealtimePublishAnswer = { ok: true, channels: current };
    return json(answer);
  },
);

export default { fetch };
