import { isObject } from "../../../../shared/envelope.ts";
import { isBlank } from "../../../../shared/text.ts";
import { WebhookError } from "../sources/webhook/webhook_error.ts";
import { eventsOf, type StreamEvent } from "./stream_events.ts";

/**
 * Milliseconds from the event that says the answer is whole, or a word behind it: what still comes in them is read, such as a
 * call for a person.
 */
const AFTER_END_MS = 1_000;

export type BotPart = { text: string } | { needsHuman: true };

/**
 * What a bot's stream says. It ends with the connection, or soon after an event that says so. Throws `WebhookError`, also where
 * the model broke its answer off, and the signal's reason once that is aborted.
 */
export async function* partsOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<BotPart> {
  const over = new AbortController();
  const spaced = createSpacing();
  let isWhole = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for await (const event of eventsOf(body, AbortSignal.any([signal, over.signal]))) {
      failIfError(event);
      const text = spaced(event);
      if (!isBlank(text)) clearTimeout(timer);
      if (text !== "") yield { text };
      if (needsHuman(event)) yield { needsHuman: true };
      const end = endOf(event);
      if (end !== null && CUTS.includes(end)) {
        throw new WebhookError("error_status", `The model broke its answer off: ${end}.`);
      }
      isWhole ||= end !== null;
      if (!isWhole || (end === null && isBlank(text))) continue;
      clearTimeout(timer);
      timer = setTimeout(() => over.abort(), AFTER_END_MS);
    }
  } catch (error) {
    // What is whole already is not broken by how the connection ends.
    if (!isWhole || error instanceof WebhookError) throw error;
  } finally {
    clearTimeout(timer);
  }
}

function failIfError(event: StreamEvent): void {
  if (event === "[DONE]") return;
  if (event.type === "error" || event.type === "response.failed" || event.error) {
    throw new WebhookError("error_status", "The bot's stream told of an error.");
  }
}

function needsHuman(event: StreamEvent): boolean {
  return event !== "[DONE]" && (event.needsHuman === true || event.type === "data-needsHuman");
}

/** Why a model ended an answer that is not whole, as `endOf` says it. */
const CUTS = ["length", "content-filter", "error", "abort", "incomplete"];
/** It calls a tool of its own server and goes on afterwards. */
const GOES_ON = ["tool-calls", "function-call"];

/** Why the answer ends here, in one spelling for all forms; `null`: it goes on. */
function endOf(event: StreamEvent): string | null {
  if (event === "[DONE]") return "stop";
  const reason = reasonIn(event);
  const end = typeof reason === "string" && reason !== "" ? reason.toLowerCase().replaceAll("_", "-") : null;
  return end !== null && GOES_ON.includes(end) ? null : end;
}

function reasonIn(event: Record<string, unknown>): unknown {
  const response = isObject(event.response) ? event.response : {};
  switch (event.type) {
    case "finish":
      return event.finishReason ?? "stop";
    case "abort":
      return "abort";
    case "response.completed":
      return isToolCall(lastOf(response.output)) ? null : "stop";
    case "response.incomplete":
      return "incomplete";
    default:
      return choiceOf(event)?.finish_reason;
  }
}

function lastOf(list: unknown): unknown {
  return Array.isArray(list) ? list.at(-1) : undefined;
}

/** What the Responses API ends with where its caller is to do something first. */
function isToolCall(item: unknown): boolean {
  return isObject(item) && item.type !== undefined && item.type !== "message";
}

/** Of several answers to one question the first is the answer. */
function choiceOf({ choices }: Record<string, unknown>): Record<string, unknown> | undefined {
  return (Array.isArray(choices) ? choices : []).filter(isObject).find(({ index }) => !index);
}

/** What the visitor is to read of an event: which text it goes on with, and by what. */
interface Piece {
  /** What tells this text from others of the same form. */
  form: string;
  id: unknown;
  text: string;
}

function pieceOf(event: Record<string, unknown>): Piece | null {
  const { type, delta } = event;
  if (typeof delta === "string") {
    // Those of the same shape that carry thoughts or arguments of tools have other types.
    if (type === undefined) return { form: "", id: null, text: delta };
    if (type === "text-delta") return { form: type, id: event.id, text: delta };
    if (type === "response.output_text.delta") return { form: type, id: event.output_index, text: delta };
    return null;
  }
  const choice = choiceOf(event);
  const content = isObject(choice?.delta) ? choice.delta.content : undefined;
  return typeof content === "string" ? { form: "choices", id: null, text: content } : null;
}

/** Whether what is said after this event is said anew: a tool was called, or a text begins. */
function separates(event: StreamEvent): boolean {
  if (event === "[DONE]") return true;
  const { type } = event;
  if (typeof type === "string") {
    return /^tool-/.test(type) || ["text-start", "start-step", "finish", "response.created"].includes(type);
  }
  const delta = choiceOf(event)?.delta;
  return isObject(delta) && (lastOf(delta.tool_calls) !== undefined || isObject(delta.function_call));
}

/** The text of each event, with a paragraph between what was said before a tool and after it, or as two texts. */
function createSpacing(): (event: StreamEvent) => string {
  let last: Piece | null = null;
  let isApart = false;
  let hasWords = false;
  /** At the end of what was said so far. */
  let lineEnds = 0;

  return (event) => {
    const piece = event === "[DONE]" ? null : pieceOf(event);
    let text = piece?.text ?? "";
    if (piece && text !== "") {
      isApart ||= last?.form === piece.form && last.id !== piece.id;
      last = piece;
      if (isBlank(text)) lineEnds += count(text);
      else {
        const missing = hasWords && isApart
          ? 2 - lineEnds - count(text.slice(0, -text.trimStart().length))
          : 0;
        lineEnds = count(text.slice(text.trimEnd().length));
        text = "\n".repeat(Math.max(0, missing)) + text;
        isApart = false;
        hasWords = true;
      }
    }
    isApart ||= separates(event);
    return text;
  };
}

function count(blank: string): number {
  return blank.split("\n").length - 1;
}
