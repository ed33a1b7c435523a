import { type ValidateWidgetAnswer, validateWidgetRequest } from "../../../shared/api/validate_widget.ts";
import { HeddleError } from "../../../shared/errors.ts";
import { widgetContext } from "../_shared/agents/widget_context.ts";
import { derivedKey } from "../_shared/auth/derived_key.ts";
import { requireAllowedOrigin } from "../_shared/auth/origin.ts";
import { signSession } from "../_shared/auth/session.ts";
import { verifyUserToken } from "../_shared/auth/user_token.ts";
import { acceptedSecrets } from "../_shared/channels/signing.ts";
import { environment } from "../_shared/environment.ts";
import { readJsonBody } from "../_shared/http/body.ts";
import { endpoint } from "../_shared/http/endpoint.ts";
import { json } from "../_shared/http/respond.ts";
import { validate } from "../_shared/http/validate.ts";

/** A widget that comes back later than this validates again before it joins a channel. */
const REVALIDATE_AFTER_SECONDS = 300;

/**
 * POST validate-widget { agentId, userToken }
 *
 * Opens a session for the visitor whom the owner's token names, on a page that the owner allows.
 *
 * 200 ValidateWidgetAnswer · 401 invalid_user_token · 403 origin_not_allowed, anonymous_not_allowed · 404 agent_not_found
 */
const fetch = endpoint(
  { name: "validate-widget", method: "POST", callers: "browsers" },
  async (request, call) => {
    const { agentId, userToken } = validate(validateWidgetRequest, await readJsonBody(request));
    call.notes.agentId = agentId;
    const { agent, signing, tabs } = await widgetContext(agentId);
    requireAllowedOrigin(request, agent.allowedOrigins);
    if (userToken === undefined) {
      throw new HeddleError(
        "anonymous_not_allowed",
        "Send the visitor's userToken; anonymous visitors are not taken.",
      );
    }

    const now = call.startedAt;
    const { publishableKey, sessionSecret } = environment();
    const { tokenExpires, ...endUser } = await verifyUserToken(userToken, acceptedSecrets(signing, now), now);
    const session = await signSession(
      { agentId, endUser, kind: "identified", version: agent.sessionVersion },
      derivedKey(sessionSecret, "session"),
      now,
      tokenExpires,
    );

    const answer: ValidateWidgetAnswer = {
      session: session.token,
      expiresAt: session.expiresAt.toISOString(),
      revalidateAfter: REVALIDATE_AFTER_SECONDS,
      agent: { id: agent.id, name: agent.name },
      display: agent.display,
      endUser: { ...endUser, anonymous: false },
      tabs,
      realtime: { key: publishableKey },
      channelsVersion: signing.version,
    };
    return json(answer);
  },
);

export default { fetch };
