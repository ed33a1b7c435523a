import { createServer } from "node:http";
import type { Envelope } from "../../../../shared/events.ts";
import { listen } from "../../../support/listen.ts";

export interface BroadcastAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A broadcast as it came in, accepted or not. */
export interface Sent {
  topic: string;
  event: string;
  envelope: Envelope;
}

/** A Supabase project whose Realtime answers as a test says; everything else is the real stack's. */
export interface FaultyProject {
  url: string;
  /** The broadcasts since `broadcasts` was called, by REST and by the database. */
  readonly sent: Sent[];
  /** Their topics. */
  readonly topics: string[];
  /** Paths of all other requests so far. */
  readonly calls: string[];
  /** The next broadcasts are answered so, one after the other; then they are accepted. */
  broadcasts(...answers: BroadcastAnswer[]): void;
  /** Whether SQL functions can be called. */
  database: "up" | "down";
  stop(): Promise<void>;
}

const BY_REST = /^\/realtime\/v1\/api\/broadcast\/([^/]+)\/events\/([^/]+)\?private=true$/;
const BY_DATABASE = "/rest/v1/rpc/broadcast";

export async function startFaultyProject(apiUrl: string): Promise<FaultyProject> {
  const sent: Sent[] = [];
  const calls: string[] = [];
  let answers: BroadcastAnswer[] = [];

  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { url = "", method, headers } = incoming;
    const content = Buffer.concat(chunks);
    const [, topic, event] = BY_REST.exec(url)?.map(decodeURIComponent) ?? [];
    if (topic !== undefined && event !== undefined) {
      sent.push({ topic, event, envelope: JSON.parse(String(content)) });
      const { status, body = {}, headers } = answers.shift() ?? { status: 202 };
      response.writeHead(status, headers).end(JSON.stringify(body));
      return;
    }
    calls.push(url);
    if (project.database === "down") return void response.writeHead(503).end();
    if (url === BY_DATABASE) {
      const { p_channels, p_event: event, p_payload: envelope } = JSON.parse(String(content));
      for (const topic of p_channels) sent.push({ topic, event, envelope });
    }
    const forwarded = Object.entries(headers)
      .filter(([name]) => !["host", "connection", "content-length", "accept-encoding"].includes(name))
      .map(([name, value]): [string, string] => [name, String(value)]);
    const answer = await fetch(apiUrl + url, { method, headers: forwarded, body: content });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(await answer.text());
  });
  const { url, stop } = await listen(server);

  const project: FaultyProject = {
    database: "up",
    url,
    sent,
    get topics() {
      return sent.map(({ topic }) => topic);
    },
    calls,
    broadcasts(...next) {
      answers = next;
      sent.length = 0;
    },
    stop,
  };
  return project;
}
