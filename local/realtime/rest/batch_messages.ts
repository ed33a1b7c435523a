import { isObject, type JsonObject } from "../json.ts";
import { BLANK, isBlank, NOT_VALID, TOO_LARGE } from "./answers.ts";

export interface BatchMessage {
  topic: string;
  event: string;
  payload: JsonObject;
  private: boolean;
  id: string | null;
}

type Errors = Record<string, string[]>;
type Field<T> = { value: T } | { error: string };

const BOOLEANS = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ["true", true],
  ["false", false],
  ["1", true],
  ["0", false],
  [undefined, false],
  [null, false],
]);

/** Reads a batch as a whole: one bad message spoils it, and `errors` keeps the positions. */
export function parseBatch(
  body: JsonObject,
  maxPayloadBytes: number,
): { messages: BatchMessage[] } | { errors: { messages: unknown[] } } {
  const { messages } = body;
  if (messages === undefined || isObject(messages)) return { errors: { messages: [BLANK] } };
  if (!Array.isArray(messages) || !messages.every(isObject)) return { errors: { messages: [NOT_VALID] } };
  if (messages.length === 0) return { errors: { messages: [BLANK] } };

  const parsed = messages.map((message) => parseMessage(message, maxPayloadBytes));
  if (parsed.every((message) => "topic" in message)) return { messages: parsed };
  return { errors: { messages: parsed.map((message) => "errors" in message ? message.errors : {}) } };
}

function parseMessage(message: JsonObject, maxPayloadBytes: number): BatchMessage | { errors: Errors } {
  const fields = {
    topic: text(message.topic),
    event: text(message.event),
    payload: payloadOf(message.payload, maxPayloadBytes),
    private: boolean(message.private),
    id: optionalText(message.id),
  };
  const { topic, event, payload, private: isPrivate, id } = fields;
  if ("value" in topic && "value" in event && "value" in payload && "value" in isPrivate && "value" in id) {
    return {
      topic: topic.value,
      event: event.value,
      payload: payload.value,
      private: isPrivate.value,
      id: id.value,
    };
  }
  const failed = Object.entries(fields).flatMap(([name, field]) =>
    "error" in field ? [[name, [field.error]]] : []
  );
  return { errors: Object.fromEntries(failed) };
}

function text(value: unknown): Field<string> {
  if (value === undefined || value === null) return { error: BLANK };
  if (typeof value !== "string") return { error: NOT_VALID };
  return isBlank(value) ? { error: BLANK } : { value };
}

function optionalText(value: unknown): Field<string | null> {
  if (value === undefined || value === null) return { value: null };
  return typeof value === "string" ? { value } : { error: NOT_VALID };
}

function payloadOf(value: unknown, maxBytes: number): Field<JsonObject> {
  if (value === undefined || value === null) return { error: BLANK };
  if (!isObject(value)) return { error: NOT_VALID };
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length;
  return bytes > maxBytes ? { error: TOO_LARGE } : { value };
}

function boolean(value: unknown): Field<boolean> {
  const known = BOOLEANS.get(value);
  return known === undefined ? { error: NOT_VALID } : { value: known };
}
