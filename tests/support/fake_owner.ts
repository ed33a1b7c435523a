import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
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
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");

  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    answer(next) {
      answer = next;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
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
