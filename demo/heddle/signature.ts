import { errors, jwtVerify } from "jose";
import { Webhook, WebhookVerificationError } from "standardwebhooks";
import { HttpError } from "../http.ts";

/** What Heddle asks for. `get_items` and `item_clicked` come as GET, the others as POST. */
export interface Call {
  action: string;
  /** Verified by Heddle: this visitor is the one who asks. */
  visitor: { id: string; name?: string; email?: string };
  itemId?: string;
  entryId?: string;
  cursor?: string;
  /** Idempotency key of a message that is being created. */
  clientId?: string;
  body?: string;
  changes?: Record<string, unknown>;
}

export interface Verifier {
  agentId: string;
  /** `whsec_…`, from the agent's settings. */
  webhookSecret: string;
}

interface IdentityClaims {
  action: string;
  itemId?: string;
  cursor?: string;
  sub: string;
  name?: string;
  email?: string;
}

const READS = ["get_items", "item_clicked"];
/** Seconds by which the clocks of Heddle and of the shop may differ. */
const CLOCK_TOLERANCE = 60;

/**
 * What Heddle asks for. Throws `HttpError` 401 if the request can't be trusted to come from Heddle, 400 if its body can't
 * be read.
 */
export async function verifiedCall(request: Request, verifier: Verifier): Promise<Call> {
  return await orRefused(
    request.method === "POST" ? signedCall(request, verifier) : identifiedCall(request, verifier),
  );
}

/** The body of a POST that is signed with this secret. Throws as `verifiedCall`. */
export async function verifiedBody(request: Request, secret: string): Promise<unknown> {
  return await orRefused(signedBody(request, secret));
}

async function orRefused<Value>(verified: Promise<Value>): Promise<Value> {
  try {
    return await verified;
  } catch (error) {
    if (error instanceof SyntaxError) throw new HttpError(400, "The body must be JSON.");
    const refused = error instanceof errors.JOSEError || error instanceof WebhookVerificationError;
    throw refused ? new HttpError(401, error.message) : error;
  }
}

async function signedBody(request: Request, secret: string): Promise<unknown> {
  const body = await request.text();
  return new Webhook(secret).verify(body, Object.fromEntries(request.headers));
}

/** A POST's body is signed as a whole, by https://www.standardwebhooks.com. */
async function signedCall(request: Request, { webhookSecret }: Verifier): Promise<Call> {
  const signed = await signedBody(request, webhookSecret);
  const { endUser, ...call } = signed as Omit<Call, "visitor"> & { endUser: Call["visitor"] };
  return { ...call, visitor: endUser };
}

/** A GET has no body: a token says who asks for what, and only the token is signed. */
async function identifiedCall({ headers }: Request, { agentId, webhookSecret }: Verifier): Promise<Call> {
  const verify = (token: string) =>
    jwtVerify<IdentityClaims>(token, new TextEncoder().encode(webhookSecret), {
      algorithms: ["HS256"],
      issuer: "heddle",
      audience: agentId,
      requiredClaims: ["sub", "action", "exp"],
      clockTolerance: CLOCK_TOLERANCE,
    });
  const current = headers.get("x-heddle-identity") ?? "";
  // While the secret is being rotated: the same, signed with the old one.
  const previous = headers.get("x-heddle-identity-previous") ?? current;
  const { payload } = await verify(current).catch(() => verify(previous));

  const { action, itemId, cursor, sub, name, email } = payload;
  if (!READS.includes(action)) throw new HttpError(401, "this identity is not that of a read");
  return { action, itemId, cursor, visitor: { id: sub, name, email } };
}
