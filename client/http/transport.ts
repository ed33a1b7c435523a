import type { ErrorBody } from "../../shared/errors.ts";
import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";
import { type Failure, type Result, unreachable } from "./problem.ts";
import { isObject } from "../../shared/envelope.ts";

/** Longer than the 12 s that a tab call may take on the server. */
const TIMEOUT = 15_000;

/** Set by every function, and by nothing else that may answer in its place. */
const REQUEST_ID = "x-request-id";

const ERROR_BODY: Shape<ErrorBody> = {
  error: { code: "", message: "", "issues?": [{ path: "", message: "" }] },
};

/**
 * Sends one request to a function and has its answer read. Whatever `read` rejects with means that no
 * function answered: problem `network`. A signal of the caller's takes the place of the time limit. Nothing is
 * repeated here.
 */
export type Transport = <Value>(
  path: string,
  init: RequestInit & { headers: Record<string, string> },
  read: (response: Response) => Promise<Value>,
) => Promise<Result<Value>>;

export interface TransportSetup {
  environment: Pick<Environment, "fetch">;
  /** Requests end with it. */
  scope: Scope;
  apiOrigin: string;
  /** Sent as `x-heddle-client`. */
  client: string;
}

export function createTransport({ environment, scope, apiOrigin, client }: TransportSetup): Transport {
  return async (path, init, read) => {
    const request = scope.child();
    request.after(TIMEOUT, request.end);
    try {
      const response = await environment.fetch(`${apiOrigin}/functions/v1/${path}`, {
        ...init,
        headers: { "x-heddle-client": client, ...init.headers },
        credentials: "omit",
        signal: init.signal ?? request.signal,
      });
      if (response.status >= 400) return await readProblem(response);
      return { ok: true, value: await read(response) };
    } catch {
      // Rejections give no reason that could be shown: no network, blocked, timed out, aborted, a foreign
      // answer.
      return unreachable();
    } finally {
      request.end();
    }
  };
}

/**
 * The body of a function's answer. Rejects for anything else that comes with a status of success: the
 * fallback of a service worker, a captive portal's page. An object without any key of `shape` proves nothing
 * but by its header.
 */
export async function readBody<Value>(response: Response, shape: Shape<Value>): Promise<Value> {
  const body: unknown = await response.json();
  const isOurs = fits<Value>(body, shape) &&
    (response.headers.has(REQUEST_ID) || Object.keys(shape).some((key) => nameOf(key) in Object(body)));
  if (!isOurs) throw new TypeError();
  return body;
}

/** What a function answers with a status from 500 on. */
const SERVER_CODE = /^(internal|source_[a-z]+|realtime_unavailable)$/;

/** Reads a refusal. Whatever is not an error body of ours (a page or a code of something between) counts as `internal`. */
async function readProblem(response: Response): Promise<Failure> {
  const body: unknown = await response.json().catch(() => null);
  const isOurs = fits<ErrorBody>(body, ERROR_BODY) &&
    (response.status < 500 ? /^[a-z_]+$/ : SERVER_CODE).test(body.error.code);
  if (!isOurs) {
    const message = `Status ${response.status}.`;
    return { ok: false, problem: { code: "internal", message } };
  }
  const { code, message, issues = [] } = body.error;
  const fields = issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
  return { ok: false, problem: { code, message: fields ? `${message} ${fields}` : message } };
}

/**
 * What must hold of a value from outside before the engine relies on it, as a sample: its primitives stand
 * for their types, an array holds the sample of its rows, `?` marks a key that may be missing. Keys whose
 * absence or type no code here depends on are left out.
 */
export type Shape<Value> = Value extends string ? string
  : Value extends number ? number
  : Value extends boolean ? boolean
  : Value extends readonly (infer Row)[] ? readonly [Shape<Row>]
  : { readonly [Key in keyof Value as Marked<Value, Key>]?: Shape<Exclude<Value[Key], undefined>> };

type Marked<Value, Key extends keyof Value> = undefined extends Value[Key] ? `${Key & string}?` : Key;

/**
 * True if `value` has all that `shape` asks for. It may have more: a later release's answer is read as well.
 */
export function fits<Value>(value: unknown, shape: Shape<Value>): value is Value {
  return matches(value, shape);
}

function matches(value: unknown, shape: unknown): boolean {
  if (Array.isArray(shape)) return Array.isArray(value) && value.every((row) => matches(row, shape[0]));
  if (!isObject(shape)) return typeof value === typeof shape;
  return isObject(value) && Object.entries(shape).every(([key, inner]) => {
    const name = nameOf(key);
    return (name !== key && value[name] === undefined) || matches(value[name], inner);
  });
}

/** A key of a shape without its mark. */
export function nameOf(key: string): string {
  return key.replace("?", "");
}
