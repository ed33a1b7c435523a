import { isObject } from "../../../../shared/envelope.ts";
import { piecesOf } from "../http/in_time.ts";
import { WebhookError } from "../sources/webhook/webhook_error.ts";

/** Of a whole stream, and of one line of it. */
const MAX_STREAM_BYTES = 8 * 1024 * 1024;
const MAX_LINE_CHARACTERS = 256 * 1024;
const MAX_EVENT_LINES = 1_000;

/** What an event's data is, or `[DONE]`: it was the last one. */
export type StreamEvent = Record<string, unknown> | "[DONE]";

/**
 * The events of a bot's stream: server-sent ones (HTML, 9.2.6) whose `data` is JSON, over one line or several, or lines of JSON alone;
 * all other lines, such as comments, say nothing. What is whole is read at once: many bots leave out the empty line behind it.
 * Throws `WebhookError`, and the signal's reason once that is aborted.
 */
export async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  const read = createEventReader();
  let rest = "";
  let bytes = 0;
  let afterReturn = false;
  for await (const piece of piecesOf(body, signal)) {
    bytes += piece.byteLength;
    const text = decoder.decode(piece, { stream: true });
    // Of a line end that came in two pieces the second half ends no other line.
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

function createEventReader(): (line: string) => StreamEvent[] {
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
    if (!goesOn && text === "[DONE]") return [text];
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
    return isObject(event) ? [event] : [];
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
