import { VERSION } from "../../environment.ts";
import { targetProblem, type TargetRules } from "../../net/target.ts";
import { WebhookError } from "./webhook_error.ts";
import { signatureHeaders, type WebhookSecrets } from "./webhook_request.ts";

export interface PostDependencies extends TargetRules {
  fetch: typeof globalThis.fetch;
}

export interface SignedPost {
  url: string;
  body: string;
  secrets: WebhookSecrets;
  /** The same on every try. */
  webhookId: string;
  accept: string;
  /** JSON's own, unless it is another one. */
  contentType?: string;
  /** Names the URL and its host to the owner. */
  what: string;
}

/**
 * Posts JSON with the headers of Standard Webhooks to an owner's public address. Whatever is answered is the answer; redirects
 * are not followed. Throws `WebhookError` (`target_refused`, `unreachable`), and the signal's reason once that is aborted.
 */
export async function postSigned(
  { url: address, body, secrets, webhookId, accept, contentType = "application/json", what }: SignedPost,
  { fetch, ...rules }: PostDependencies,
  signal: AbortSignal,
): Promise<Response> {
  if (!URL.canParse(address)) throw new WebhookError("target_refused", `The ${what}'s URL must be a URL.`);
  const url = new URL(address);
  url.hash = "";
  const problem = await targetProblem(url, rules, signal, what);
  if (problem) throw new WebhookError(problem.kind, problem.detail);
  signal.throwIfAborted();
  const signed = signatureHeaders(body, secrets, { webhookId, now: Date.now() });
  try {
    return await fetch(url, {
      method: "POST",
      headers: { ...signed, "content-type": contentType, accept, "user-agent": `Heddle/${VERSION}` },
      body,
      redirect: "manual",
      signal,
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new WebhookError("unreachable", `No connection to the ${what}'s host.`, { cause });
  }
}
