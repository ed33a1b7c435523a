import type { CreateItemRequest } from "../../../../../shared/api/tab_action.ts";
import type { TabAction } from "../../../../../shared/tabs.ts";
import { wellFormedJson } from "../../../../../shared/text.ts";
import type { Session } from "../../auth/session.ts";
import { Buffer } from "node:buffer";
import { createHmac, randomUUID } from "node:crypto";

/** One question to an owner, before it is addressed and signed. */
export interface WebhookMessage {
  action: TabAction;
  tabId: string;
  endUser: Session["endUser"];
  itemId?: string;
  entryId?: string;
  cursor?: string;
  /** On `item_clicked`: the widget looks again, nobody clicked. */
  refresh?: true;
  clientId?: string;
  body?: string;
  page?: CreateItemRequest["page"];
  changes?: Record<string, unknown>;
}

/** A request as it goes over the wire. */
export interface WebhookRequest {
  method: "GET" | "POST";
  url: URL;
  /** `""` on GET. */
  body: string;
}

const READS: readonly TabAction[] = ["get_items", "item_clicked"];

/**
 * Addresses the message: GET for reads, POST with a JSON body for writes; the identity is in the query of
 * both. The text of either is well-formed.
 */
export function webhookRequest(actionUrl: string, message: WebhookMessage): WebhookRequest {
  const url = new URL(actionUrl);
  const existing = url.search.slice(1);
  url.search = existing === "" ? queryOf(message) : `${existing}&${queryOf(message)}`;
  url.hash = "";
  if (READS.includes(message.action)) return { method: "GET", url, body: "" };
  const { action, tabId, itemId, entryId, clientId, body, page, changes, endUser } = message;
  return {
    method: "POST",
    url,
    body: wellFormedJson(
      JSON.stringify({ action, tabId, itemId, entryId, clientId, body, page, changes, endUser }),
    ),
  };
}

/** Spaces become `%20`, which every server reads alike; `+` is read as a plus sign by some. */
function queryOf({ action, tabId, itemId, cursor, refresh, endUser }: WebhookMessage): string {
  const parameters = {
    action,
    tabId,
    itemId,
    cursor,
    refresh: refresh && "true",
    endUserId: endUser.id,
    endUserEmail: endUser.email,
  };
  return Object.entries(parameters)
    .flatMap(([name, value]) =>
      value === undefined ? [] : `${name}=${encodeURIComponent(value.toWellFormed())}`
    )
    .join("&");
}

const IDENTITY_SECONDS = 60;

/** An agent's webhook secrets, each `whsec_` and base64; `previous` while a rotation's grace time lasts. */
export interface WebhookSecrets {
  current: string;
  previous: string | null;
}

export interface WebhookCaller {
  agentId: string;
  secrets: WebhookSecrets;
}

/**
 * Makes the headers that prove a request to come from Heddle, anew for each attempt: an identity, and on POST
 * a Standard Webhooks signature whose `webhook-id` every attempt keeps. The function takes the time in
 * milliseconds.
 */
export function requestSigner(
  { method, body }: WebhookRequest,
  message: WebhookMessage,
  { agentId, secrets }: WebhookCaller,
): (now: number) => Record<string, string> {
  const webhookId = `msg_${randomUUID()}`;
  return (now) => ({
    ...identityHeaders({ ...message, agentId }, secrets, { jti: randomUUID(), now }),
    ...(method === "POST" ? signatureHeaders(body, secrets, { webhookId, now }) : {}),
  });
}

/**
 * `x-heddle-identity`: a JWT that says which visitor asks for what, valid for 60 seconds. HS256; the key is
 * the whole text of the webhook secret, `whsec_` included, because no-code tools take a passphrase.
 * `x-heddle-identity-previous`: the same claims under the previous secret, if there is one. `now` in
 * milliseconds.
 */
export function identityHeaders(
  message: WebhookMessage & { agentId: string },
  { current, previous }: WebhookSecrets,
  { jti, now }: { jti: string; now: number },
): Record<string, string> {
  const { agentId, endUser, action, tabId, itemId, entryId, cursor, refresh } = message;
  const iat = Math.floor(now / 1000);
  const who = { iss: "heddle", aud: agentId, sub: endUser.id, email: endUser.email, name: endUser.name };
  const what = { action, tabId, itemId, entryId, cursor, refresh };
  const content = `${encode({ alg: "HS256", typ: "JWT" })}.${
    encode({ ...who, ...what, iat, exp: iat + IDENTITY_SECONDS, jti })
  }`;
  const token = (secret: string) =>
    `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
  return {
    "x-heddle-identity": token(current),
    ...(previous === null ? {} : { "x-heddle-identity-previous": token(previous) }),
  };
}

/**
 * The headers of Standard Webhooks 1.0 over the body as it is sent; the key is what follows `whsec_`,
 * base64-decoded. With a previous secret `webhook-signature` holds two signatures, the current one's first.
 * `now` in milliseconds.
 */
export function signatureHeaders(
  body: string,
  { current, previous }: WebhookSecrets,
  { webhookId, now }: { webhookId: string; now: number },
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const signature = (secret: string) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    return `v1,${createHmac("sha256", key).update(`${webhookId}.${timestamp}.${body}`).digest("base64")}`;
  };
  return {
    "webhook-id": webhookId,
    "webhook-timestamp": timestamp,
    "webhook-signature": [current, ...(previous === null ? [] : [previous])].map(signature).join(" "),
  };
}

function encode(part: Record<string, unknown>): string {
  return Buffer.from(wellFormedJson(JSON.stringify(part))).toString("base64url");
}
