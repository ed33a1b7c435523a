import { type ErrorCode, HeddleError } from "../../../../../shared/errors.ts";
import { beginningOf } from "../../../../../shared/text.ts";

const MAX_MESSAGE_CHARACTERS = 300;
const CONTROL_CHARACTERS = /\p{Cc}+/gu;

/**
 * What went wrong at an owner's webhook: the issue's kind, what the visitor gets, what the owner reads by
 * default.
 */
export const KINDS = {
  target_refused: {
    code: "source_failed",
    message: "This tab is not set up correctly.",
    detail: "The webhook URL must be a public https address.",
  },
  unreachable: {
    code: "source_failed",
    message: "The webhook of this tab could not be reached.",
    detail: "No connection to the webhook's host.",
  },
  timeout: {
    code: "source_timeout",
    message: "The webhook of this tab took too long to answer.",
    detail: "The webhook must answer within 10 seconds.",
  },
  unauthorized: {
    code: "source_failed",
    message: "The webhook of this tab refused the request.",
    detail: "The webhook refused the request's credentials; check the connector and the webhook secret.",
  },
  not_found: {
    code: "item_not_found",
    message: "The webhook of this tab does not know the item.",
    detail: "The webhook answered 404.",
  },
  conflict: {
    code: "conflict",
    message: "Somebody else changed this in the meantime.",
    detail: "The webhook answered 409.",
  },
  rejected: {
    code: "source_rejected",
    message: "This was not accepted.",
    detail: "The webhook rejected the request.",
  },
  error_status: {
    code: "source_failed",
    message: "The webhook of this tab failed.",
    detail: "The webhook answered with an error.",
  },
  redirect: {
    code: "source_failed",
    message: "The webhook of this tab failed.",
    detail: "The webhook answered with a redirect; redirects are not followed.",
  },
  too_large: {
    code: "source_invalid",
    message: "The webhook of this tab gave an answer that is too large.",
    detail: "The webhook's answer must hold at most 1 MiB, decompressed.",
  },
  empty: {
    code: "source_invalid",
    message: "The webhook of this tab gave an empty answer.",
    detail: "The webhook's answer must not be empty.",
  },
  not_json: {
    code: "source_invalid",
    message: "The webhook of this tab gave an answer that can't be read.",
    detail: "The webhook's answer must be JSON.",
  },
  invalid_shape: {
    code: "source_invalid",
    message: "The webhook of this tab gave an answer that can't be read.",
    detail: "The webhook's answer must have one of the documented shapes.",
  },
} as const satisfies Record<string, { code: ErrorCode; message: string; detail: string }>;

export type IssueKind = keyof typeof KINDS;

interface WebhookErrorOptions {
  /** Replaces the kind's own message to the visitor. */
  visitorMessage?: string;
  cause?: unknown;
}

/** A webhook that gave no usable answer. `message` is for the visitor, `detail` for the owner and the log. */
export class WebhookError extends HeddleError {
  readonly kind: IssueKind;
  readonly detail: string;

  constructor(kind: IssueKind, detail?: string, { visitorMessage, cause }: WebhookErrorOptions = {}) {
    const standard = KINDS[kind];
    const reason = detail ?? standard.detail;
    super(standard.code, visitorMessage ?? standard.message, { cause: new Error(reason, { cause }) });
    this.kind = kind;
    this.detail = reason;
  }
}

/**
 * An owner's text as a visitor may read it: on one line, at most 300 characters. `undefined` for anything
 * else.
 */
export function visitorText(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.toWellFormed().replace(CONTROL_CHARACTERS, " ").trim();
  const units = [...text].slice(0, MAX_MESSAGE_CHARACTERS).join("").length;
  return text === "" ? undefined : beginningOf(text, units);
}
