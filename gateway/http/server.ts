import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { HeddleError } from "../../shared/errors.ts";
import { addressHash } from "../readers/address.ts";
import { answerError, answerJson, demandHost, errorOf, HEADERS, tokenOf, urlOf } from "./answers.ts";
import { createEventsRoute, type EventsSetup } from "./events.ts";

/** A minute, as usual, is long for thousands who send nothing, or headers one by one. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 2_500 };

export interface ServerSetup extends EventsSetup {
  hostNames: readonly string[] | null;
  /** Whether it reads the log. */
  isReady(): boolean;
  counts(): Record<string, number>;
  log(what: string, error?: unknown): void;
}

/** In milliseconds, of sockets on which nothing moves: longer than whoever waits for an answer. What is not read is kept no longer. */
const MOST_IDLE_MS = 60_000;

type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/**
 * GET /healthz     200 while the process answers
 * GET /readyz      200 while it reads the log, else 503
 * GET /metrics     counters as JSON
 * POST /v1/tickets    bearer token → { ticket, expiresAt }
 * GET /v1/events      server-sent events, or a page of them
 *
 * HEAD as GET, without the body.
 */
export function createHttpServer(setup: ServerSetup): Server {
  const routes: Record<string, Route> = {
    "GET /healthz": (_, response) => answerJson(response, 200, { status: "ok" }),
    "GET /readyz": (_, response) => {
      const isReady = setup.isReady();
      answerJson(response, isReady ? 200 : 503, { status: isReady ? "ready" : "not ready" });
    },
    "GET /metrics": (_, response) => answerJson(response, 200, setup.counts()),
    "POST /v1/tickets": async (request, response) => {
      const from = addressHash(request, setup.address);
      const caller = await setup.readers.callerOf(tokenOf(request), from);
      await setup.readers.reachOf(caller, from);
      answerJson(response, 200, await setup.readers.giveTicket(caller));
    },
    "GET /v1/events": createEventsRoute(setup),
  };
  const server = createServer(TIMEOUTS, (request, response) => {
    request.resume();
    const work = async () => {
      demandHost(request, setup.hostNames);
      await handle(routes, request, response);
    };
    work().catch((cause) => {
      const error = errorOf(cause);
      if (error.status >= 500) setup.log("request_failed", cause);
      if (response.headersSent) response.destroy();
      else answerError(response, error);
    });
  });
  server.timeout = MOST_IDLE_MS;
  return server;
}

async function handle(
  routes: Record<string, Route>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = urlOf(request);
  if (request.method === "OPTIONS") {
    response.writeHead(204, HEADERS).end();
    return;
  }
  // Node sends no body with the answer to a HEAD (RFC 9110, 9.3.2).
  const route = routes[`${request.method === "HEAD" ? "GET" : request.method} ${pathname}`];
  if (route) return await route(request, response);
  const methods = Object.keys(routes).map((name) => name.split(" ")).filter(([, path]) => path === pathname)
    .map(([method = ""]) => method);
  if (methods.length > 0) {
    const allow = methods.flatMap((method) => method === "GET" ? [method, "HEAD"] : [method]).join(", ");
    throw new HeddleError("method_not_allowed", `Use ${methods.join(" or ")}.`, { headers: { allow } });
  }
  throw new HeddleError("item_not_found", "There is nothing at this path.");
}
