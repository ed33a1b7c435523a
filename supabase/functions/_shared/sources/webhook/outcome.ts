import { InvalidJson, parseJson } from "../../http/parse_json.ts";
import { SourceFailure } from "./failure.ts";
import type { WebhookRequest } from "./message.ts";
import type { WebhookAnswer } from "./send.ts";

const MAX_MESSAGE_CHARACTERS = 300;
const CONTROL_CHARACTERS = /\p{Cc}+/gu;

/**
 * The JSON of a successful answer, or `null` where a write was accepted with a 204 and no word.
 * Throws `SourceFailure` for everything else.
 */
export function acceptedJson(answer: WebhookAnswer, method: WebhookRequest["method"]): unknown {
  const { status, bytes } = answer;
  if (status < 200 || status > 299) throw failureOf(answer);
  if (status === 204 && method === "POST") return null;
  if (bytes.byteLength === 0) throw new SourceFailure("empty");
  try {
    return parseJson(bytes);
  } catch (error) {
    if (!(error instanceof InvalidJson)) throw error;
    throw new SourceFailure("not_json", `The webhook's answer ${error.message}.`, { cause: error });
  }
}

function failureOf(answer: WebhookAnswer): SourceFailure {
  const { status } = answer;
  const detail = `The webhook answered ${status}.`;
  if (status >= 300 && status <= 399 || status === 0) return new SourceFailure("redirect");
  switch (status) {
    case 400:
    case 422:
      return new SourceFailure("rejected", detail, { visitorMessage: messageOf(answer) });
    case 401:
    case 403:
      return new SourceFailure("unauthorized", `${detail} Check the connector and the webhook secret.`);
    case 404:
      return new SourceFailure("not_found");
    case 409:
      return new SourceFailure("conflict");
    default:
      return new SourceFailure("error_status", detail);
  }
}

/** The owner's own words to the visitor, as text. */
function messageOf({ bytes }: WebhookAnswer): string | undefined {
  let body: unknown;
  try {
    body = parseJson(bytes);
  } catch (error) {
    if (error instanceof InvalidJson) return undefined;
    throw error;
  }
  if (typeof body !== "object" || body === null || !("message" in body)) return undefined;
  if (typeof body.message !== "string") return undefined;
  const text = body.message.toWellFormed().replace(CONTROL_CHARACTERS, " ").trim();
  return text === "" ? undefined : [...text].slice(0, MAX_MESSAGE_CHARACTERS).join("");
}
