import type { Claims } from "../auth/token.ts";
import { RealtimeError } from "../errors.ts";
import type { Services } from "../services.ts";
import { html, message } from "./answers.ts";
import { broadcastBatch } from "./batch.ts";
import { asJson, type Body, readBody } from "./body.ts";
import { broadcastSingle } from "./single.ts";

const PING_PATH = "/api/ping";
const BATCH_PATH = /^\/api\/broadcast\/?$/;
const SINGLE_PATH = /^\/api\/broadcast\/([^/]+)\/events\/([^/]+)\/?$/;
/** What `x-rate-limit` says where nothing is limited. */
const NO_LIMIT = 1_000_000;

interface Broadcast {
  /** Topic and event; none for a batch. */
  names: string[];
  body: Body;
  token: string | null;
}

/**
 * Answers the broadcast endpoints and `/api/ping`; `path` is what follows `/realtime/v1`, still percent-encoded. What cannot be read is
 * refused before it is counted, and the key is looked at afterwards.
 */
export async function handleRest(
  services: Services,
  request: Request,
  { path, token }: { path: string; token: string | null },
): Promise<Response> {
  if (path === PING_PATH && request.method === "GET") {
    return await counted(services, () => Promise.resolve(message(200, "Success")));
  }
  const single = SINGLE_PATH.exec(path);
  if (request.method !== "POST" || (!single && !BATCH_PATH.test(path))) return html(404, "Not Found");
  const names = decoded(single?.slice(1) ?? []);
  if (!names) return html(400, "Bad Request");
  const body = await readBody(request);
  if (body instanceof Response) return body;
  return await counted(services, () => broadcast(services, request, { names, body, token }));
}

/** Counts a request, whoever sent it, and refuses it where there are too many; every answer tells the rate. */
async function counted(services: Services, answer: () => Promise<Response>): Promise<Response> {
  const { requests } = services.limits;
  requests.count();
  const response = requests.reached ? message(429, "Too many requests") : await answer();
  const [rolling, limit] = [Math.floor(requests.perSecond), requests.limit || NO_LIMIT];
  response.headers.set("x-rate-rolling", String(rolling));
  response.headers.set("x-rate-limit", String(limit));
  response.headers.set("x-rate-limit-remaining", String(limit - rolling));
  return response;
}

async function broadcast(services: Services, request: Request, { names, body, token }: Broadcast) {
  if (isMalformed(request.headers.get("authorization"))) return html(500, "Internal Server Error");
  const claims = await verified(services, hasKey(request) ? token : null);
  if (!claims) return message(401, "Unauthorized");
  if (services.settings.suspended) return message(403, "Tenant is suspended");
  const caller = { claims, headers: Object.fromEntries(request.headers) };

  const [topic, event] = names;
  if (topic === undefined || event === undefined) {
    return await broadcastBatch(services, { body: asJson(body), caller });
  }
  return await broadcastSingle(services, {
    topic,
    event,
    private: isPrivate(request.url, body),
    body,
    caller,
  });
}

/**
 * Realtime reads one set of parameters, in which those of the body win over those of the query: whoever puts a foreign
 * object there lets it choose between public and private. Of a parameter given twice the last one counts.
 */
function isPrivate(url: string, body: Body): boolean {
  const given = asJson(body);
  const value = "private" in given ? given.private : new URL(url).searchParams.getAll("private").at(-1);
  return value === true || value === "true";
}

/** In the URL, where a connection has it, a key is none. */
function hasKey({ headers }: Request): boolean {
  return headers.has("authorization") || headers.has("apikey");
}

/** Realtime takes a scheme and a token, and fails over anything else: `Bearer` with nothing after it. */
function isMalformed(authorization: string | null): boolean {
  return authorization !== null && authorization !== "" && authorization.split(" ").length !== 2;
}

async function verified(services: Services, token: string | null): Promise<Claims | null> {
  if (!token) return null;
  try {
    return await services.verifyToken(token);
  } catch (error) {
    if (error instanceof RealtimeError) return null;
    throw error;
  }
}

function decoded(segments: string[]): string[] | null {
  try {
    return segments.map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
