import { type ValidateWidgetAnswer, validateWidgetRequest } from "../../../shared/api/validate_widget.ts";
import { HeddleError } from "../../../shared/errors.ts";
import {
  anonymousVisitor,
  isProven,
  type VisitorClaim,
  visitorClaim,
} from "../_shared/auth/anonymous_visitor.ts";
import { derivedKey, type Session, signSession } from "../_shared/auth/session.ts";
import type { Identity } from "../../../shared/identity_provider.ts";
import { requireAllowedOrigin } from "../_shared/auth/origin.ts";
import { providerKeys } from "../_shared/auth/key_sets.ts";
import { type IdentifiedUser, type Trust, verifyUserToken } from "../_shared/auth/user_token.ts";
import { signInStore, type WidgetContext, widgetContext } from "../_shared/database/widget_context.ts";
import { acceptedSecrets } from "../_shared/realtime/signing.ts";
import { widgetTab } from "../_shared/sources/source.ts";
import { environment } from "../_shared/environment.ts";
import { readJsonBody, validate } from "../_shared/http/request.ts";
import { endpoint, json } from "../_shared/http/endpoint.ts";
import { addressHash } from "../_shared/auth/caller.ts";

/** A widget that comes back later than this validates again before it joins a channel. */
const REVALIDATE_AFTER_SECONDS = 300;

/**
 * POST validate-widget { agentId, userToken?, visitorToken? }
 *
 * Opens a session on a page that the owner allows: for the visitor whom the owner's `userToken` names, or,
 * without one, for the anonymous visitor whom an earlier answer's `visitorToken` proves, or for a new one.
 * Nothing is stored, but that what an anonymous visitor wrote on store tabs becomes that of the visitor as whom
 * they sign in: where both tokens come, and both are good.
 *
 * 200 ValidateWidgetAnswer · 401 invalid_user_token · 403 origin_not_allowed, anonymous_not_allowed ·
 * 404 agent_not_found · 429 rate_limited · 502 source_failed (an identity provider whose keys can't be had)
 */
const fetch = endpoint(
  { name: "validate-widget", method: "POST", callers: "browsers" },
  async (request, call) => {
    const { agentId, userToken, visitorToken } = validate(validateWidgetRequest, await readJsonBody(request));
    call.notes.agentId = agentId;
    const claim = visitorToken === undefined ? null : visitorClaim(agentId, visitorToken);
    const context = await widgetContext(agentId, claim?.id ?? null, addressHash(request, environment()));
    const { agent, identity, signing, tabs } = context;
    requireAllowedOrigin(request, agent.allowedOrigins);

    const now = call.startedAt;
    const { publishableKey, sessionSecret } = environment();
    const visitor = userToken === undefined
      ? anonymous(context, claim, now)
      : identified(await verifyUserToken(userToken, trustOf(identity, acceptedSecrets(signing, now)), now));
    if (visitor.kind === "identified" && claim && mayBringAlong(context, claim, now)) {
      await signInStore(agentId, claim.id, visitor);
    }
    const { endUser, attributes, tokenIssued, kind } = visitor;
    const session = await signSession(
      { agentId, endUser, attributes, tokenIssued, kind, version: agent.sessionVersion },
      derivedKey(sessionSecret, "session"),
      now,
      visitor.notAfter,
    );

    const answer: ValidateWidgetAnswer = {
      session: session.token,
      expiresAt: session.expiresAt.toISOString(),
      revalidateAfter: REVALIDATE_AFTER_SECONDS,
      visitorToken: visitor.visitorToken,
      agent: { id: agent.id, name: agent.name },
      display: agent.display,
      endUser: { ...endUser, anonymous: kind === "anonymous" },
      // Without its list a tab has nothing to show; its owner may still be setting it up.
      tabs: tabs.map((tab) => widgetTab(tab, now)).filter(({ actions }) => actions.includes("get_items")),
      realtime: { key: publishableKey },
      channelsVersion: signing.version,
    };
    return json(answer);
  },
);

/** The browser proves both: that it was this anonymous visitor's, who has written, and now is an identified one's. */
function mayBringAlong(
  { visitorSecret, visitorErased, visitorWrote }: WidgetContext,
  claim: VisitorClaim,
  now: number,
): boolean {
  return visitorWrote && !visitorErased && isProven(claim, visitorSecret, now);
}

/** Whom a session is opened for. */
interface Visitor extends Pick<Session, "endUser" | "attributes" | "tokenIssued" | "kind"> {
  /** Seconds since the epoch; the session ends then at the latest. */
  notAfter?: number;
  visitorToken?: string;
}

function trustOf(identity: Identity, secrets: string[]): Trust {
  if (identity.provider === "hs256") return { provider: "hs256", secrets };
  return { ...identity, keys: providerKeys(identity.jwksUrl) };
}

function identified({ tokenIssued, tokenExpires, attributes, ...endUser }: IdentifiedUser): Visitor {
  return { endUser, attributes, tokenIssued, kind: "identified", notAfter: tokenExpires };
}

function anonymous(
  { agent, visitorSecret, visitorErased }: WidgetContext,
  claim: VisitorClaim | null,
  now: number,
): Visitor {
  if (!agent.anonymousAllowed) {
    throw new HeddleError(
      "anonymous_not_allowed",
      "Send the visitor's userToken: this agent does not allow anonymous visitors.",
    );
  }
  const { id, visitorToken } = anonymousVisitor(agent.id, visitorSecret, visitorErased ? null : claim, now);
  return { endUser: { id }, kind: "anonymous", visitorToken };
}

export default { fetch };
