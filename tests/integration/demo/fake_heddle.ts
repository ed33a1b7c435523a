import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { listen } from "../../support/listen.ts";

export interface Published {
  path: string;
  apiKey: string | undefined;
  body: unknown;
}

/** Stands in for Heddle's API: answers every publish and remembers it. */
export async function startFakeHeddle() {
  const published: Published[] = [];
  const waiting: ((call: Published) => void)[] = [];
  let status = 200;

  const server = createServer(async (request, response) => {
    const apiKey = request.headers["x-api-key"];
    const call = {
      path: request.url ?? "",
      apiKey: Array.isArray(apiKey) ? apiKey[0] : apiKey,
      body: JSON.parse(await text(request)),
    };
    const channels = [`conv-x-${"0".repeat(64)}`];
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(
      status === 200
        ? { ok: true, channels }
        : { error: { code: "realtime_unavailable", message: "try again" } },
    ));
    const waiter = waiting.shift();
    if (waiter) waiter(call);
    else published.push(call);
  });
  const { url, stop } = await listen(server);

  return {
    url,
    /** The oldest publish that nobody has asked for yet, or the next one. */
    nextPublish(): Promise<Published> {
      const call = published.shift();
      return call ? Promise.resolve(call) : new Promise((resolve) => waiting.push(resolve));
    },
    answerWith(next: number): void {
      status = next;
    },
    stop,
  };
}
