import { type ErrorCode, HeddleError } from "../../../../shared/errors.ts";
import { beginningOf } from "../../../../shared/text.ts";

type Method = "GET" | "POST";

/** One request while it is being answered. */
export interface Call {
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly notes: CallNotes;
}

export interface EndpointOptions {
  name: string;
  /** Left out where it depends on the path: then the handler looks, and gets a HEAD as the GET that it is without a body (RFC 9110, 9.3.2). */
  method?: Method | readonly Method[];
  /** Browsers get CORS headers and answered preflights; servers need neither. */
  callers: "browsers" | "servers";
}

type Handler = (request: Request, call: Call) => Promise<Response>;

/**
 * Wraps the work of one function in what all of them share: method check, preflight, CORS, request id, errors
 * as JSON, `cache-control: no-store`, and one log line.
 */
export function endpoint(options: EndpointOptions, handle: Handler): (request: Request) => Promise<Response> {
  return async (request) => {
    const call: Call = { requestId: requestIdOf(request), startedAt: Date.now(), notes: {} };
    let failure: HeddleError | undefined;
    let response: Response;
    try {
      response = await route(options, handle, request, call);
    } catch (error) {
      failure = asHeddleError(error);
      response = errorResponse(failure);
    }
    addCommonHeaders(response.headers, options, call);
    writeLog({
      at: new Date(call.startedAt).toISOString(),
      requestId: call.requestId,
      fn: options.name,
      ...call.notes,
      status: response.status,
      code: failure?.code,
      ms: Date.now() - call.startedAt,
      error: failure && reasonOf(failure),
    });
    return request.method === "HEAD" ? new Response(null, response) : response;
  };
}

async function route(
  options: EndpointOptions,
  handle: Handler,
  request: Request,
  call: Call,
): Promise<Response> {
  if (options.method === undefined) {
    const isHead = request.method === "HEAD";
    return await handle(isHead ? new Request(request, { method: "GET" }) : request, call);
  }
  const forBrowsers = options.callers === "browsers";
  const methods: readonly string[] = [options.method].flat();
  const allow = [...methods, ...(forBrowsers ? ["OPTIONS"] : [])].join(", ");
  if (forBrowsers && request.method === "OPTIONS") return preflight(allow);
  if (!methods.includes(request.method)) {
    throw new HeddleError("method_not_allowed", `Use ${methods.join(" or ")}.`, { headers: { allow } });
  }
  return await handle(request, call);
}

/** With a stack for an unexpected error; a webhook's or Realtime's failure is described by its message. */
function reasonOf({ code, cause }: HeddleError): string | undefined {
  if (code === "internal") return describeError(cause);
  return cause instanceof Error ? describeError(cause.message) : undefined;
}

function addCommonHeaders(headers: Headers, options: EndpointOptions, call: Call): void {
  headers.set("x-request-id", call.requestId);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  if (options.callers === "servers") return;
  for (const [name, value] of Object.entries(CORS_HEADERS)) headers.set(name, value);
}

/**
 * CORS headers of the browser functions. Any origin may call: the credentials are a bearer token, never a
 * cookie, and `validate-widget` checks the origin itself before it hands one out.
 */
const CORS_HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "etag, retry-after, x-request-id",
  // A page's service worker may keep answers although they are `no-store`: never for another visitor.
  "vary": "authorization",
};

/** Answers a preflight; it carries no credentials, so nothing is authenticated. */
function preflight(allow: string): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": allow,
      // A page's monitoring adds headers of its own to every fetch; `*` does not cover authorization.
      "access-control-allow-headers": "*, authorization",
      "access-control-max-age": "7200",
    },
  });
}

const SANE_REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The caller's `x-request-id` if it is one that may stand in a log line, else a new one. */
function requestIdOf(request: Request): string {
  const proposed = request.headers.get("x-request-id");
  return proposed !== null && SANE_REQUEST_ID.test(proposed) ? proposed : crypto.randomUUID();
}

/** A JSON answer; the endpoint adds the headers that every answer has. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });
}

/** The one place where an error becomes a response. */
function errorResponse(error: HeddleError): Response {
  return json(error, error.status, error.headers);
}

/** Any thrown value as the error that the caller may see: an unexpected one reveals nothing. */
function asHeddleError(error: unknown): HeddleError {
  if (error instanceof HeddleError) return error;
  return new HeddleError("internal", "Something went wrong here; the request id finds it in the logs.", {
    cause: error,
  });
}

/** `retryAfter` in seconds. */
export function rateLimited(retryAfter: number): HeddleError {
  return new HeddleError("rate_limited", "Too many requests; wait before the next one.", {
    headers: { "retry-after": String(Math.max(1, Math.ceil(retryAfter))) },
  });
}

/** What an endpoint learns about a request on the way, for its log line. Nothing secret belongs here. */
export interface CallNotes {
  agentId?: string;
  /** Broadcast targets, their signatures cut off. */
  channels?: string[];
  /** Milliseconds that the owner's webhook took. */
  sourceMs?: number;
  /** How broadcasts went to Realtime. */
  route?: "rest" | "database";
  /** Milliseconds that Realtime took. */
  realtimeMs?: number;
}

/** One request. Secrets, tokens, whole channel names and webhook URLs never appear. */
interface LogLine extends CallNotes {
  /** ISO 8601. */
  at: string;
  requestId: string;
  fn: string;
  status: number;
  code?: ErrorCode;
  ms: number;
  /** What went wrong inside, for whoever runs the functions. */
  error?: string;
}

/** Writes one JSON line, as Supabase's log drain reads it. */
function writeLog(line: LogLine): void {
  console.log(JSON.stringify(line));
}

/**
 * An unexpected error as a log may show it: webhook URLs can be secrets, so URLs are cut after their host.
 */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.stack ?? `${error}` : String(error);
  return beginningOf(text.replace(/\b(https?:\/\/)(?:[^\s/@]*@)?([^\s/?#]+)[^\s)]*/g, "$1$2/…"), 4000);
}

/** Lets work outlive the answer. A failure is logged under the request's id and changes nothing else. */
export function inBackground(work: Promise<unknown>, task: string, requestId: string): void {
  const settled = work.catch((error: unknown) => {
    console.error(
      JSON.stringify({ at: new Date().toISOString(), requestId, task, error: describeError(error) }),
    );
  });
  // Supabase's runtime may end an isolate once it has answered; elsewhere the process lives on.
  if (typeof EdgeRuntime !== "undefined") void EdgeRuntime.waitUntil(settled);
}
