import { HeddleError } from "../../../../../shared/errors.ts";
import { parseJson } from "../../http/parse_json.ts";
import { visitorText, WebhookError } from "./webhook_error.ts";
import type { WebhookRequest } from "./message.ts";
import type { WebhookAnswer } from "./send.ts";

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
    return parseJson(bytes, "The webhook's answer");
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
      return new WebhookError("rejected", detail, { visitorMessage: messageOf(answer) });
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

/** The owner's own message to the visitor. */
function messageOf({ bytes }: WebhookAnswer): string | undefined {
  let body: unknown;
  try {
    body = parseJson(bytes);
  } catch (error) {
    if (error instanceof HeddleError) return undefined;
    throw error;
  }
  return typeof body === "object" && body !== null && "message" in body
    ? visitorText(body.message)
    : undefined;
}
