import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { STATUS_CODES } from "node:http";
import { HeddleError } from "../../shared/errors.ts";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*, authorization",
  "access-control-allow-methods": "GET, POST",
  "access-control-expose-headers": "retry-after",
  "access-control-max-age": "7200",
};

export const HEADERS = { "cache-control": "no-store", ...CORS };

export function answerJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    ...HEADERS,
    "content-type": "application/json",
    "content-length": bytes.length,
    ...headers,
  }).end(bytes);
}

/** As the contract has errors; what nobody threw on purpose tells no detail. */
export function errorOf(error: unknown): HeddleError {
  return error instanceof HeddleError
    ? error
    : new HeddleError("internal", "This could not be done.", { cause: error });
}

export function answerError(response: ServerResponse, error: HeddleError): void {
  answerJson(response, error.status, error, error.headers);
}

/** For whoever is refused to read why, and to close. */
const CLOSE_MS = 1_000;

/** Refuses to become a WebSocket, as HTTP, and ends the connection: no server of HTTP does any more. */
export function refuseUpgrade(socket: Duplex, error: HeddleError): void {
  const body = JSON.stringify(error);
  const headers = {
    ...HEADERS,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "connection": "close",
    ...error.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ""}\r\n${lines.join("\r\n")}\r\n\r\n${body}`,
  );
  const timer = setTimeout(() => socket.destroy(), CLOSE_MS);
  socket.on("close", () => clearTimeout(timer));
}

/** What stands behind `Bearer`, or the API key. Throws `missing_api_key`. */
export function tokenOf({ headers }: IncomingMessage): string {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
  const token = bearer ?? headers["x-api-key"];
  if (typeof token === "string" && token !== "") return token;
  throw new HeddleError(
    "missing_api_key",
    "Send an API key or a member's access token as a bearer token.",
  );
}

/**
 * A page whose own name resolves to this machine (DNS rebinding) sends that name, and is of the same origin to its browser.
 * Throws `forbidden`.
 */
export function demandHost({ headers }: IncomingMessage, hostNames: readonly string[] | null): void {
  const name = headers.host?.toLowerCase().replace(/:\d+$/, "") ?? "";
  if (hostNames === null || hostNames.includes(name)) return;
  throw new HeddleError("forbidden", `This gateway is at ${hostNames[0]}.`);
}

export function urlOf(request: IncomingMessage): URL {
  // The path as it was sent: `//` begins a host for `new URL`, which throws where none follows.
  return new URL(`http://gateway${(request.url ?? "/").replace(/^\/*/, "/")}`);
}
