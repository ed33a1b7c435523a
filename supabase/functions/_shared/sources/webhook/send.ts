import { HeddleError } from "../../../../../shared/errors.ts";
import { readBytes } from "../../http/read_bytes.ts";
import { WebhookError } from "./webhook_error.ts";
import type { WebhookRequest } from "./message.ts";

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
 * Sends the request and reads its answer; redirects are answers like any other. A GET whose connection fails is sent once
 * more. `headersOf` makes the headers of one attempt. Throws `WebhookError` (`unreachable`, `timeout`, `too_large`).
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
    return { status: response.status, bytes: await readBytes(response.body, MAX_ANSWER_BYTES) };
  } catch (cause) {
    if (signal.aborted) throw new WebhookError("timeout", undefined, { cause });
    if (cause instanceof HeddleError) throw new WebhookError("too_large", undefined, { cause });
    throw new WebhookError("unreachable", undefined, { cause });
  }
}
