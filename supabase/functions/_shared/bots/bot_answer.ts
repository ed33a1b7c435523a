import * as z from "zod";
import { isObject } from "../../../../shared/envelope.ts";
import { HeddleError } from "../../../../shared/errors.ts";
import { isBlank } from "../../../../shared/text.ts";
import { parseJson, readBytes } from "../http/body.ts";
import { WebhookError } from "../sources/webhook/webhook_error.ts";

const MAX_JSON_BYTES = 256 * 1024;
/** Of a whole stream, and of one line of it. */
const MAX_STREAM_BYTES = 8 * 1024 * 1024;
const MAX_LINE_CHARACTERS = 256 * 1024;
const MAX_EVENT_LINES = 1_000;

const STREAMS = /^(text\/event-stream|application\/(x-ndjson|jsonl))\b/i;

/** What a bot has to say: all at once, or piece by piece. */
export type BotAnswer = WholeAnswer | { kind: "stream"; parts: AsyncIterable<BotPart> };

export interface WholeAnswer {
  kind: "whole";
  body: string | null;
  needsHuman: boolean;
}

export type BotPart = { text: string } | { needsHuman: true };

const wholeAnswer = z.object({ body: z.string().nullish(), needsHuman: z.boolean().optional() });

/**
 * Reads the answer of a bot's webhook: JSON `{ body?, needsHuman? }`, 204 for nothing to say, or an event stream. Throws
 * `WebhookError` for any other; so do the parts.
 */
export async function readBotAnswer(response: Response): Promise<BotAnswer> {
  if (response.status === 204) return { kind: "whole", body: null, needsHuman: false };
  if (response.body && STREAMS.test(response.headers.get("content-type") ?? "")) {
    return { kind: "stream", parts: partsOf(response.body) };
  }
  const { body, needsHuman = false } = parsed(await bytesOf(response));
  const text = body && !isBlank(body) ? body : null;
  if (text === null && !needsHuman) throw new WebhookError("empty", "The bot must answer something.");
  return { kind: "whole", body: text, needsHuman };
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  try {
    return await readBytes(response.body, MAX_JSON_BYTES);
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

/**
 * Server-sent events (HTML, 9.2.6) whose `data` is JSON, over one line or several, or lines of JSON alone; all other lines, such as
 * comments, say nothing. What is whole is read at once: many bots leave out the empty line behind it.
 */
async function* partsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<BotPart> {
  const decoder = new TextDecoder();
  const read = createEventReader();
  let rest = "";
  let bytes = 0;
  let afterReturn = false;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    const text = decoder.decode(chunk, { stream: true });
    // Of a line end that came in two chunks the second half ends no other line.
    const lines = (rest + (afterReturn ? text.replace(/^\n/, "") : text)).split(/\r\n|\r|\n/);
    afterReturn = text.endsWith("\r");
    rest = lines.pop() ?? "";
    if (bytes > MAX_STREAM_BYTES || rest.length > MAX_LINE_CHARACTERS) {
      throw new WebhookError("too_large", "A bot's stream may hold 8 MiB, a line of it 256 KiB.");
    }
    for (const line of lines) yield* read(line);
  }
  yield* read(rest);
  yield* read("");
}

function createEventReader(): (line: string) => BotPart[] {
  /** Of an event that is not whole yet. */
  let data: string[] = [];
  let characters = 0;

  return (line) => {
    const [, field] = /^data: ?(.*)$/.exec(line) ?? [];
    const text = (field ?? line).trim();
    const goesOn = data.length > 0;
    if (goesOn && line === "") {
      throw new WebhookError("not_json", "An event of a bot's stream must hold JSON.");
    }
    if (!text.startsWith("{") && !(goesOn && field !== undefined)) return [];
    data.push(text);
    characters += text.length;
    if (characters > MAX_LINE_CHARACTERS || data.length > MAX_EVENT_LINES) {
      throw new WebhookError("too_large", "An event of a bot's stream may hold 256 KiB in 1,000 lines.");
    }
    const event = text.endsWith("}") ? jsonIn(data.join("\n")) : undefined;
    if (event === undefined) return [];
    data = [];
    characters = 0;
    return isObject(event) ? partsOfEvent(event) : [];
  };
}

/** `undefined`: it is no JSON, or not all of it. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Events that carry what the visitor reads; those of the same shape that carry thoughts or arguments of tools have other types. */
const TEXT_TYPES = ["text-delta", "response.output_text.delta"];

function partsOfEvent(event: Record<string, unknown>): BotPart[] {
  const { type, delta, needsHuman, choices, error } = event;
  if (type === "error" || (error !== undefined && error !== null)) {
    throw new WebhookError("error_status", "The bot's stream told of an error.");
  }
  const text = textOfEvent({ type, delta, choices });
  return [
    ...(text === null ? [] : [{ text }]),
    ...(needsHuman === true || type === "data-needsHuman" ? [{ needsHuman: true } as const] : []),
  ];
}

function textOfEvent({ type, delta, choices }: Record<string, unknown>): string | null {
  if (typeof delta === "string") {
    return type === undefined || TEXT_TYPES.some((each) => each === type) ? delta : null;
  }
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const content = isObject(choice) && isObject(choice.delta) ? choice.delta.content : undefined;
  return typeof content === "string" ? content : null;
}
