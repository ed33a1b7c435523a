import { createServer } from "node:http";
import { listen } from "../../../support/listen.ts";

export interface BroadcastAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A Supabase project whose Realtime answers as a test says; everything else is the real stack's. */
export interface FaultyProject {
  url: string;
  /** Topics of the broadcasts so far. */
  readonly topics: string[];
  /** Paths of all other requests so far. */
  readonly calls: string[];
  /** The next broadcasts are answered so, one after the other; then they are accepted. */
  broadcasts(...answers: BroadcastAnswer[]): void;
  /** Whether SQL functions can be called. */
  database: "up" | "down";
  stop(): Promise<void>;
}

export async function startFaultyProject(apiUrl: string): Promise<FaultyProject> {
  const topics: string[] = [];
  const calls: string[] = [];
  let answers: BroadcastAnswer[] = [];

  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { url = "", method, headers } = incoming;
    const topic = /^\/realtime\/v1\/api\/broadcast\/([^/]+)\/events\/refresh\?private=true$/.exec(url)?.[1];
    if (topic !== undefined) {
      topics.push(decodeURIComponent(topic));
      const { status, body = {}, headers } = answers.shift() ?? { status: 202 };
      response.writeHead(status, headers).end(JSON.stringify(body));
      return;
    }
    calls.push(url);
    if (project.database === "down") return void response.writeHead(503).end();
    const forwarded = Object.entries(headers)
      .filter(([name]) => !["host", "connection", "content-length", "accept-encoding"].includes(name))
      .map(([name, value]): [string, string] => [name, String(value)]);
    const answer = await fetch(apiUrl + url, { method, headers: forwarded, body: Buffer.concat(chunks) });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(await answer.text());
  });
  const { url, stop } = await listen(server);

  const project: FaultyProject = {
    database: "up",
    url,
    topics,
    calls,
    broadcasts(...next) {
      answers = next;
      topics.length = 0;
    },
    stop,
  };
  return project;
}
