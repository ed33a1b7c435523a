import { HeddleError } from "../../../../../shared/errors.ts";
import { parseJson, parseJsonAsWritten } from "../../http/body.ts";
import { readBytes } from "../../http/in_time.ts";
import { isSource } from "./normalise/fields.ts";
import { messageOf } from "./refusal.ts";
import type { WebhookRequest } from "./webhook_request.ts";
import { WebhookError } from "./webhook_error.ts";

const MAX_ANSWER_BYTES = 1024 * 1024;

/** An owner's answer, whatever its status. */
export interface WebhookAnswer {
  status: number;
  bytes: Uint8Array;
}

export interface SendOptions {
  fetch: typeof globalThis.fetch;
  /** Milliseconds for one try. */
  timeoutMs: number;
  /** When the whole call must be over, in milliseconds since the epoch. */
  deadline: number;
  now(): number;
}

/**
 * Sends the request and reads its answer; redirects are answers like any other. A GET whose connection fails
 * is sent once more. `headersOf` makes the headers of one attempt. Throws `WebhookError` (`unreachable`,
 * `timeout`, `too_large`).
 */
export async function sendWebhook(
  request: WebhookRequest,
  headersOf: () => Record<string, string>,
  options: SendOptions,
): Promise<WebhookAnswer> {
  try {
    return await trySend(request, headersOf, options);
  } catch (error) {
    const again = error instanceof WebhookError && error.kind === "unreachable" && request.method === "GET";
    if (!again) throw error;
    return await trySend(request, headersOf, options);
  }
}

async function trySend(
  { method, url, body }: WebhookRequest,
  headersOf: () => Record<string, string>,
  { fetch, timeoutMs, deadline, now }: SendOptions,
): Promise<WebhookAnswer> {
  const left = Math.min(timeoutMs, deadline - now());
  if (left <= 0) throw new WebhookError("timeout");
  const headers = headersOf();
  const signal = AbortSignal.timeout(left);
  try {
    const response = await fetch(url, {
      method,
      headers,
      body: method === "POST" ? body : undefined,
      redirect: "manual",
      signal,
    });
    return { status: response.status, bytes: await readBytes(response.body, MAX_ANSWER_BYTES, signal) };
  } catch (cause) {
    if (signal.aborted) throw new WebhookError("timeout", undefined, { cause });
    if (cause instanceof HeddleError) throw new WebhookError("too_large", undefined, { cause });
    throw new WebhookError("unreachable", undefined, { cause });
  }
}

/**
 * The JSON of a successful answer, or `null` where a write was accepted with a 204 and no word.
 * Throws `WebhookError` for everything else.
 */
export function acceptedJson(answer: WebhookAnswer, method: WebhookRequest["method"]): unknown {
  const { status, bytes } = answer;
  if (status < 200 || status > 299) throw failureOf(answer);
  if (status === 204 && method === "POST") return null;
  if (bytes.byteLength === 0) throw new WebhookError("empty");
  try {
    return parseJsonAsWritten(bytes, "The webhook's answer");
  } catch (error) {
    if (!(error instanceof HeddleError)) throw error;
    throw new WebhookError("not_json", error.message, { cause: error });
  }
}

function failureOf(answer: WebhookAnswer): WebhookError {
  const { status } = answer;
  const detail = `The webhook answered ${status}.`;
  if (status >= 300 && status <= 399 || status === 0) return new WebhookError("redirect");
  switch (status) {
    case 400:
    case 422:
      return new WebhookError("rejected", detail, { visitorMessage: wordsOf(answer) });
    case 401:
    case 403:
      return new WebhookError("unauthorized", `${detail} Check the connector and the webhook secret.`);
    case 404:
      return new WebhookError("not_found");
    case 409:
      return new WebhookError("conflict");
    default:
      return new WebhookError("error_status", detail);
  }
}

/** Undefined for a body that is no JSON object, or has no words. */
function wordsOf({ bytes }: WebhookAnswer): string | undefined {
  let body: unknown;
  try {
    body = parseJson(bytes);
  } catch (error) {
    if (error instanceof HeddleError) return undefined;
    throw error;
  }
  return isSource(body) ? messageOf(body) : undefined;
}
