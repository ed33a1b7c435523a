import { createServer } from "node:http";
import { connect } from "node:net";
import { listen } from "../../support/listen.ts";

/** What a request is answered with, in place of the project's own answer. */
export interface Alteration {
  /** Of method and path, such as `POST /functions/v1/tab-action`. */
  request: RegExp;
  /** Only requests whose header `content-profile` is this. */
  profile?: string;
  /** Answers by itself: the project never hears of the request. */
  swallowed?: boolean;
  status?: number;
  body?: unknown;
  /** `null` takes a header away. */
  headers?: Record<string, string | null>;
}

export interface Proxy {
  url: string;
  /** From now on these and no others. */
  alter(...alterations: Alteration[]): void;
  stop(): Promise<void>;
}

/** Stands before a project and alters some of its answers; sockets go through as they are. */
export async function startProxy(target: string): Promise<Proxy> {
  let alterations: Alteration[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { url = "", method = "", headers } = incoming;
    const forwarded = Object.entries(headers)
      .filter(([name]) => !["host", "connection", "content-length", "accept-encoding"].includes(name))
      .map(([name, value]): [string, string] => [name, String(value)]);
    const body = ["GET", "HEAD"].includes(method) ? undefined : Buffer.concat(chunks);
    const altered = alterations.find(({ request, profile }) =>
      request.test(`${method} ${url}`) && (profile === undefined || profile === headers["content-profile"])
    );
    const answer = altered?.swallowed
      ? new Response()
      : await fetch(target + url, { method, headers: forwarded, body });
    const answered = new Headers(answer.headers);
    for (const name of ["content-encoding", "content-length", "transfer-encoding"]) answered.delete(name);
    for (const [name, value] of Object.entries(altered?.headers ?? {})) {
      if (value === null) answered.delete(name);
      else answered.set(name, value);
    }
    const text = await answer.text();
    response.writeHead(altered?.status ?? answer.status, Object.fromEntries(answered));
    response.end(altered?.body === undefined ? text : JSON.stringify(altered.body));
  });
  server.on("upgrade", ({ method, url, headers }, socket) => {
    const { hostname, port } = new URL(target);
    const upstream = connect(Number(port), hostname, () => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      upstream.write(`${method} ${url} HTTP/1.1\r\n${lines.join("")}\r\n`);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [upstream, socket]) {
      end.on("error", () => {
        upstream.destroy();
        socket.destroy();
      });
    }
  });
  const { url, stop } = await listen(server);
  return {
    url,
    alter(...next) {
      alterations = next;
    },
    stop,
  };
}
