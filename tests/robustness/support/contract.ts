import type * as z from "zod";
import { realtimePublishAnswer } from "../../../shared/api/realtime_publish.ts";
import {
  createItemAnswer,
  deleteItemAnswer,
  itemClickedAnswer,
  updateItemAnswer,
} from "../../../shared/api/tab_action.ts";
import { tabFetchAnswer } from "../../../shared/api/tab_fetch.ts";
import { validateWidgetAnswer } from "../../../shared/api/validate_widget.ts";
import { ERROR_STATUS, type ErrorCode } from "../../../shared/errors.ts";
import type { WildAnswer, WildRequest } from "./client.ts";
import { type FunctionName, METHOD } from "./requests.ts";

const SANE_REQUEST_ID = /^[\w.:-]{1,128}$/;
const CORS: Record<string, string> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "etag, retry-after, x-request-id",
};
const PREFLIGHT: Record<string, string> = {
  "access-control-allow-headers": "*, authorization",
  "access-control-max-age": "7200",
};
/** The owner's failures and Realtime's. Everything else above 499 would be one of ours. */
const FAILURES_OF_OTHERS: Record<FunctionName, readonly ErrorCode[]> = {
  "validate-widget": [],
  "tab-fetch": ["source_failed", "source_invalid", "source_timeout"],
  "tab-action": ["source_failed", "source_invalid", "source_timeout"],
  "realtime-publish": [],
};
const SUCCESSES: Record<FunctionName, z.ZodType[]> = {
  "validate-widget": [validateWidgetAnswer],
  "tab-fetch": [tabFetchAnswer],
  "tab-action": [itemClickedAnswer, createItemAnswer, updateItemAnswer, deleteItemAnswer],
  "realtime-publish": [realtimePublishAnswer],
};
/** What an error must not tell: where our code stands, what we ask the database, whom we call. */
const INTERNALS: [string, RegExp][] = [
  ["a place in the code", /\.[cm]?[tj]s:\d|node_modules|file:\/\/|\n\s+at /],
  ["SQL", /heddle_api|\bpg_|PGRST|\brelation\b|\bselect\b.+\bfrom\b|syntax error at/i],
  ["an address", /\bhttps?:\/\/|\b127\.0\.0\.1\b|\blocalhost\b/],
];

/** What an answer breaks of the contract, each as a sentence; empty if nothing. */
export function breaches(
  name: FunctionName,
  request: WildRequest,
  answer: WildAnswer,
  secrets: readonly string[],
): string[] {
  const { status, headers, text } = answer;
  const found = [...requestIdBreaches(request, answer), ...corsBreaches(name, request, answer)];
  const told = `${text}\n${JSON.stringify(headers)}`;
  if (secrets.some((secret) => told.includes(secret))) found.push("holds a secret");
  if (status >= 400) return [...found, ...errorBreaches(name, request, answer)];

  if (status === 200) {
    const body = parsed(text);
    if (!SUCCESSES[name].some((schema) => schema.safeParse(body).success)) {
      found.push("is no answer of this function");
    }
  } else if (status === 204 || status === 304) {
    if (text !== "") found.push("has a body where none belongs");
    if (status === 304 && !request.headers["if-none-match"]) {
      found.push("says unchanged to who knows nothing");
    }
  } else found.push("has a status that no function answers with");
  return found;
}

function requestIdBreaches({ headers: sent }: WildRequest, { headers }: WildAnswer): string[] {
  const id = headers["x-request-id"];
  if (typeof id !== "string" || !SANE_REQUEST_ID.test(id)) return ["has no sane x-request-id"];
  const proposed = sent["x-request-id"];
  if (proposed && SANE_REQUEST_ID.test(proposed) && proposed !== id) {
    return ["does not echo the x-request-id"];
  }
  return [];
}

function corsBreaches(
  name: FunctionName,
  { method }: WildRequest,
  { status, headers }: WildAnswer,
): string[] {
  const present = Object.keys(headers).filter((header) => header.startsWith("access-control-"));
  if (name === "realtime-publish") return present.length > 0 ? ["has CORS headers"] : [];
  const isPreflight = method === "OPTIONS" && status === 204;
  const wanted = isPreflight
    ? { ...CORS, ...PREFLIGHT, "access-control-allow-methods": `${METHOD[name]}, OPTIONS` }
    : CORS;
  const same = present.length === Object.keys(wanted).length &&
    Object.entries(wanted).every(([header, value]) => headers[header] === value);
  return same ? [] : ["has other CORS headers than the contract names"];
}

function errorBreaches(name: FunctionName, { method }: WildRequest, answer: WildAnswer): string[] {
  const { status, headers, text } = answer;
  const found: string[] = [];
  if (headers["content-type"] !== "application/json; charset=utf-8") {
    found.push("is an error that is no JSON");
  }
  if (headers["cache-control"] !== "no-store") found.push("is an error that a cache may keep");
  if (status === 405 && !headers.allow) found.push("does not say what is allowed");
  if ((status === 429 || status === 503) && !/^[1-9]\d*$/.test(headers["retry-after"] ?? "")) {
    found.push("does not say when to come again");
  }
  for (const [what, pattern] of INTERNALS) if (pattern.test(text)) found.push(`tells ${what}`);
  if (method === "HEAD") return found;

  const code = errorCode(parsed(text));
  if (code === null || ERROR_STATUS[code] !== status) {
    found.push("has a code that does not go with its status");
  } else if (status >= 500 && !FAILURES_OF_OTHERS[name].includes(code)) found.push("is a failure of ours");
  return found;
}

function errorCode(body: unknown): ErrorCode | null {
  if (typeof body !== "object" || body === null || !("error" in body)) return null;
  const { error } = body;
  if (typeof error !== "object" || error === null || !("code" in error) || !("message" in error)) return null;
  const { code, message } = error;
  if (typeof message !== "string" || message === "" || typeof code !== "string") return null;
  return Object.hasOwn(ERROR_STATUS, code) ? code as ErrorCode : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
