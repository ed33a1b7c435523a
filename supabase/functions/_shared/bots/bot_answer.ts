import * as z from "zod";
import { HeddleError } from "../../../../shared/errors.ts";
import { isBlank } from "../../../../shared/text.ts";
import { parseJson } from "../http/body.ts";
import { readBytes } from "../http/in_time.ts";
import { WebhookError } from "../sources/webhook/webhook_error.ts";
import { type BotPart, partsOf } from "./stream_parts.ts";

const MAX_JSON_BYTES = 256 * 1024;
const STREAMS = /^(text\/event-stream|application\/(x-ndjson|jsonl))\b/i;

/** What a bot has to say: all at once, or piece by piece. */
export type BotAnswer = WholeAnswer | { kind: "stream"; parts: AsyncIterable<BotPart> };

export interface WholeAnswer {
  kind: "whole";
  body: string | null;
  needsHuman: boolean;
}

const wholeAnswer = z.object({ body: z.string().nullish(), needsHuman: z.boolean().optional() });

/**
 * Reads the answer of a bot's webhook: JSON `{ body?, needsHuman? }`, 204 for nothing to say, or an event stream. Throws
 * `WebhookError` for any other, and the signal's reason once that is aborted; so do the parts.
 */
export async function readBotAnswer(response: Response, signal: AbortSignal): Promise<BotAnswer> {
  if (response.status === 204) return { kind: "whole", body: null, needsHuman: false };
  if (response.body && STREAMS.test(response.headers.get("content-type") ?? "")) {
    return { kind: "stream", parts: partsOf(response.body, signal) };
  }
  const { body, needsHuman = false } = parsed(await bytesOf(response, signal));
  const text = body && !isBlank(body) ? body : null;
  if (text === null && !needsHuman) throw new WebhookError("empty", "The bot must answer something.");
  return { kind: "whole", body: text, needsHuman };
}

async function bytesOf(response: Response, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await readBytes(response.body, MAX_JSON_BYTES, signal);
  } catch (cause) {
    if (!(cause instanceof HeddleError)) throw cause;
    throw new WebhookError("too_large", "A bot's answer may hold 256 KiB of JSON.", { cause });
  }
}

function parsed(bytes: Uint8Array): z.infer<typeof wholeAnswer> {
  let json: unknown;
  try {
    json = parseJson(bytes, "The bot's answer");
  } catch (cause) {
    if (!(cause instanceof HeddleError)) throw cause;
    throw new WebhookError("not_json", cause.message, { cause });
  }
  const answer = wholeAnswer.safeParse(json);
  if (answer.success) return answer.data;
  throw new WebhookError("invalid_shape", "A bot answers { body }, { needsHuman: true } or both.");
}
