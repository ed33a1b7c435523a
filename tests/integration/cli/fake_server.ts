import { createServer } from "node:http";
import { listen } from "../../support/listen.ts";

export interface Asked {
  /** Method and path with its query: `GET /v1/projects/abc/functions`. */
  request: string;
  headers: Headers;
  body: Buffer;
}

/** What a request is answered with instead, as long as it stands. */
export interface Refusal {
  request: RegExp;
  status: number;
  body?: unknown;
  /** How often; without it always. */
  times?: number;
}

export interface FakeServer {
  url: string;
  /** Everything that was asked so far, in order. */
  asked: Asked[];
  /** From now on these requests are refused, and no others. */
  refuse(...refusals: Refusal[]): void;
  stop(): Promise<void>;
}

/** An HTTP server for fakes of a service's public interface. */
export async function startFakeServer(
  answer: (asked: Asked) => Promise<Response> | Response,
): Promise<FakeServer> {
  const asked: Asked[] = [];
  let refusals: Refusal[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const headers = new Headers(
      Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const question: Asked = {
      request: `${incoming.method} ${incoming.url}`,
      headers,
      body: Buffer.concat(chunks),
    };
    asked.push(question);
    const refusal = refusals.find(({ request, times = 1 }) => times > 0 && request.test(question.request));
    if (refusal?.times !== undefined) refusal.times--;
    const answered = refusal
      ? Response.json(refusal.body ?? {}, { status: refusal.status })
      : await answer(question);
    response.writeHead(answered.status, Object.fromEntries(answered.headers));
    response.end(Buffer.from(await answered.arrayBuffer()));
  });
  const { url, stop } = await listen(server);
  return {
    url,
    asked,
    refuse(...next) {
      refusals = next;
    },
    stop,
  };
}
