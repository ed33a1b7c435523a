import { Agent, type IncomingHttpHeaders, request as httpRequest } from "node:http";

/** A request as bytes: nothing here is corrected on its way, as `fetch` would. */
export interface WildRequest {
  method: string;
  /** Path and query. */
  target: string;
  headers: Record<string, string>;
  body: Uint8Array | null;
  /** Whence it comes: the whole of 127.0.0.0/8 is this machine. */
  address: string;
}

export interface WildAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface Client {
  send(request: WildRequest): Promise<WildAnswer>;
  close(): void;
}

/** Speaks plain HTTP/1.1 over connections that it keeps. Rejects if no answer comes. */
export function createClient(origin: string): Client {
  const { hostname, port } = new URL(origin);
  const agent = new Agent({ keepAlive: true });

  return {
    send({ method, target, headers, body, address }) {
      return new Promise((resolve, reject) => {
        // Node sends a body with GET or DELETE, but not its length.
        const length = body && !headers["transfer-encoding"]
          ? { "content-length": String(body.byteLength) }
          : {};
        const options = {
          agent,
          hostname,
          port,
          path: target,
          method,
          headers: { ...headers, ...length },
          localAddress: address,
        };
        const sent = httpRequest(options, (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", () => {
            const { statusCode = 0, headers } = answer;
            resolve({ status: statusCode, headers, text: Buffer.concat(chunks).toString() });
          });
        });
        sent.on("error", reject);
        sent.end(body ?? undefined);
      });
    },
    close: () => agent.destroy(),
  };
}
