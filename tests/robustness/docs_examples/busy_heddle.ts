import { createServer, type ServerResponse } from "node:http";
import { listen } from "../../support/listen.ts";

/** A Heddle that takes a publish only at the second try, or never; or what answers in its place. What it does stands in the API key. */
export interface BusyHeddle {
  url: string;
  /** When requests with this key came, in milliseconds of a clock that never goes back. */
  arrivals(apiKey: string): number[];
  stop(): Promise<void>;
}

const INVALID = {
  code: "invalid_request",
  message: "The request must follow the schema.",
  issues: [{ path: "endUserId", message: "Invalid input" }, { path: "endUserIds", message: "Too big" }],
};

export const RETRY_AFTER_SECONDS = 1;

export async function startBusyHeddle(): Promise<BusyHeddle> {
  const arrivals = new Map<string, number[]>();
  const server = createServer((request, response) => {
    const key = String(request.headers["x-api-key"]);
    const earlier = arrivals.get(key) ?? [];
    arrivals.set(key, [...earlier, performance.now()]);
    request.resume();
    if (key.startsWith("limited_once")) {
      return earlier.length === 0 ? refuse(response, 429) : accept(response);
    }
    if (key.startsWith("unavailable")) return refuse(response, 503);
    if (key.startsWith("platform")) {
      return json(response, 404, { code: "NOT_FOUND", message: "No such function." });
    }
    if (key.startsWith("issues")) return json(response, 400, { error: INVALID });
    response.writeHead(502).end("<h1>Bad gateway</h1>");
  });
  const { url, stop } = await listen(server);
  return {
    url,
    arrivals: (apiKey) => arrivals.get(apiKey) ?? [],
    stop,
  };
}

function json(response: ServerResponse, status: number, answer: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
}

function accept(response: ServerResponse): void {
  json(response, 200, { ok: true, channels: [] });
}

function refuse(response: ServerResponse, status: 429 | 503): void {
  const error = status === 429
    ? { code: "rate_limited", message: "Publish again later." }
    : { code: "realtime_unavailable", message: "Publish again later." };
  response.writeHead(status, {
    "content-type": "application/json",
    "retry-after": String(RETRY_AFTER_SECONDS),
  })
    .end(JSON.stringify({ error }));
}
