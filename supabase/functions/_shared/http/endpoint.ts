import { HeddleError } from "../../../../shared/errors.ts";
import type { Call } from "./call.ts";
import { CORS_HEADERS, preflight } from "./cors.ts";
import { asHeddleError, errorResponse } from "./errors.ts";
import { describeError, writeLog } from "./log.ts";
import { requestIdOf } from "./request_id.ts";

export interface EndpointOptions {
  name: string;
  method: "GET" | "POST";
  /** Browsers get CORS headers and answered preflights; servers need neither. */
  callers: "browsers" | "servers";
}

type Handler = (request: Request, call: Call) => Promise<Response>;

/**
 * Wraps the work of one function in what all of them share: method check, preflight, CORS, request id, errors as
 * JSON, `cache-control: no-store`, and one log line.
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
    return response;
  };
}

async function route(
  options: EndpointOptions,
  handle: Handler,
  request: Request,
  call: Call,
): Promise<Response> {
  const forBrowsers = options.callers === "browsers";
  if (forBrowsers && request.method === "OPTIONS") return preflight(options.method);
  if (request.method !== options.method) {
    const allow = forBrowsers ? `${options.method}, OPTIONS` : options.method;
    throw new HeddleError("method_not_allowed", `Use ${options.method}.`, { headers: { allow } });
  }
  return await handle(request, call);
}

/** With a stack where the mistake is ours; an owner's or Realtime's failure is told in its own words. */
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
