import type { Claims } from "../auth/token.ts";
import { RealtimeError } from "../errors.ts";
import type { Services } from "../services.ts";
import { html, message } from "./answers.ts";
import { broadcastBatch } from "./batch.ts";
import { asJson, readBody } from "./body.ts";
import type { RequestRate } from "./request_limiter.ts";
import { broadcastSingle } from "./single.ts";

const BATCH_PATH = "/api/broadcast";
const SINGLE_PATH = /^\/api\/broadcast\/([^/]+)\/events\/([^/]+)$/;

/** Answers the broadcast endpoints; `path` is what follows `/realtime/v1`, still percent-encoded. */
export async function handleRest(
  services: Services,
  request: Request,
  { path, token }: { path: string; token: string | null },
): Promise<Response> {
  const single = SINGLE_PATH.exec(path);
  if (request.method !== "POST" || (!single && path !== BATCH_PATH)) return message(404, "Not found");
  return await limited(services.requests.count(), () => broadcast(services, request, { single, token }));
}

/** Refuses a request where there are too many; without a limit there is nothing to tell of it either. */
async function limited(rate: RequestRate | null, answer: () => Promise<Response>): Promise<Response> {
  if (!rate) return await answer();
  const response = rate.exceeded ? message(429, "Too many requests") : await answer();
  response.headers.set("x-rate-rolling", String(rate.rolling));
  response.headers.set("x-rate-limit", String(rate.limit));
  response.headers.set("x-rate-limit-remaining", String(rate.limit - rate.rolling));
  return response;
}

async function broadcast(
  services: Services,
  request: Request,
  { single, token }: { single: RegExpExecArray | null; token: string | null },
): Promise<Response> {
  const names = decoded(single?.slice(1) ?? []);
  if (!names) return html(400, "Bad Request");
  const body = await readBody(request);
  if (body instanceof Response) return body;
  const claims = await verified(services, token);
  if (!claims) return message(401, "Unauthorized");
  const caller = { claims, headers: Object.fromEntries(request.headers) };

  if (!single) return broadcastBatch(services, { body: asJson(body), caller });
  const [topic = "", event = ""] = names;
  return broadcastSingle(services, {
    topic,
    event,
    private: new URL(request.url).searchParams.get("private") === "true",
    body,
    caller,
  });
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
