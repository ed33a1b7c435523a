import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { listen } from "./listen.ts";
import { keepLog } from "./logs.ts";

/** A webhook call as it arrived. */
export interface OwnerRequest {
  method: string;
  /** Path and query, the bytes as sent. */
  target: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Writes the owner's answer; it may also never end it, or destroy the socket. */
export type OwnerAnswer = (request: OwnerRequest, response: ServerResponse) => void;

export interface FakeOwner {
  /** Where webhooks and the connector of the demo agent point to. */
  url: string;
  /** All requests so far, the oldest first. */
  readonly requests: OwnerRequest[];
  /** From now on every request is answered so. */
  answer(answer: OwnerAnswer): void;
  stop(): Promise<void>;
}

/** An owner's backend whose answers a test decides. */
export async function startFakeOwner(): Promise<FakeOwner> {
  const requests: OwnerRequest[] = [];
  const keep = keepLog("webhooks");
  let answer: OwnerAnswer = ownerJson([]);

  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "", url: target = "", headers } = incoming;
    keep(`${method} ${target}`);
    const query = new URL(target, "http://owner").searchParams;
    const request = { method, target, query, headers, body: Buffer.concat(chunks).toString() };
    requests.push(request);
    answer(request, response);
  });
  const { url, stop } = await listen(server);

  return {
    url,
    requests,
    answer(next) {
      answer = next;
    },
    stop,
  };
}

export function ownerJson(body: unknown, status = 200): OwnerAnswer {
  return ownerBytes(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

export function ownerBytes(
  body: string | Uint8Array,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): OwnerAnswer {
  return (_, response) => response.writeHead(status, headers).end(body);
}
