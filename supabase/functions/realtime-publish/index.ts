import {
  type RealtimePublishAnswer,
  type RealtimePublishRequest,
  realtimePublishRequest,
} from "../../../shared/api/realtime_publish.ts";
import { withoutSignature } from "../../../shared/channels.ts";
import { createApiKeys } from "../_shared/auth/api_key.ts";
import {
  broadcastFromDatabase,
  createKeyTouches,
  publishContext,
  touchApiKey,
} from "../_shared/database/publish_context.ts";
import { environment } from "../_shared/environment.ts";
import { inBackground } from "../_shared/http/log.ts";
import { readJsonBody, validate } from "../_shared/http/request.ts";
import { endpoint } from "../_shared/http/endpoint.ts";
import { json } from "../_shared/http/answer.ts";
import { createBroadcast } from "../_shared/realtime/broadcast.ts";
import { conversationChannel, userChannel } from "../_shared/realtime/channel_names.ts";
import { acceptedSecrets, formerSecrets } from "../_shared/realtime/signing.ts";

const apiKeys = createApiKeys({ lookUp: publishContext, now: Date.now });
const touchKey = createKeyTouches(touchApiKey, Date.now);
const broadcast = createBroadcast({
  project: environment,
  fetch: globalThis.fetch,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  now: Date.now,
  fromDatabase: broadcastFromDatabase,
});

/**
 * POST realtime-publish { endUserId?, conversationId?, endUserIds? }    x-api-key: hdl_…
 *
 * Makes the widgets of these visitors, and those with this conversation open, refetch. During a rotation the names of both
 * secrets are published to, and the current ones are answered. After one that ended the old secret at once its names get
 * a `refresh` for a while, so that open pages notice.
 *
 * 200 RealtimePublishAnswer: Realtime, or the database for it, accepted every one · 401 missing_api_key, invalid_api_key ·
 * 429 rate_limited, 503 realtime_unavailable with Retry-After
 */
const fetch = endpoint(
  { name: "realtime-publish", method: "POST", callers: "servers" },
  async (request, call) => {
    const { keyId, agentId, signing } = await apiKeys.require(request, "publish");
    call.notes.agentId = agentId;
    const targets = validate(realtimePublishRequest, await readJsonBody(request));
    const touched = touchKey(keyId);
    if (touched !== null) inBackground(touched, "touch_api_key", call.requestId);

    const namesOf = (secret: string) => channelsOf(secret, agentId, targets);
    const [current = [], ...previous] = acceptedSecrets(signing, call.startedAt).map(namesOf);
    const former = formerSecrets(signing, call.startedAt).map(namesOf);
    call.notes.channels = current.map(withoutSignature);
    const startedAt = Date.now();
    const channels = [...current, ...previous.flat(), ...former.flat()];
    call.notes.route = await broadcast(channels, { type: "refresh", data: {} })
      .finally(() => call.notes.realtimeMs = Date.now() - startedAt);

    const answer: RealtimePublishAnswer = { ok: true, channels: current };
    return json(answer);
  },
);

/** The names that a request speaks of, each once, user channels first. */
function channelsOf(
  secret: string,
  agentId: string,
  { endUserId, endUserIds = [], conversationId }: RealtimePublishRequest,
): string[] {
  const visitors = new Set(endUserId === undefined ? endUserIds : [endUserId, ...endUserIds]);
  const channels = [...visitors].map((visitor) => userChannel(secret, agentId, visitor));
  return conversationId === undefined ? channels : [...channels, conversationChannel(secret, conversationId)];
}

export default { fetch };
