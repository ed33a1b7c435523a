import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import process from "node:process";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../support/listen.ts";
import { tether } from "../../support/tether.ts";
import type { Language } from "./languages.ts";
import { run } from "./run.ts";

export interface SignedRequest {
  method: string;
  target: string;
  headers: Record<string, string>;
  body: string;
}

/** What an owner keeps among a backend's settings. */
export interface WebhookAgent {
  id: string;
  webhookSecret: string;
}

/** An example's webhook that knows one agent and one secret. */
export interface Webhook {
  /** Where a server listens; none for a script. */
  url?: string;
  /** Why it refuses the request; `null` if it takes it. */
  problem(request: SignedRequest): Promise<string | null>;
  stop(): Promise<void>;
}

/** `folder`: where it may leave files. */
export function startWebhook({ webhook }: Language, agent: WebhookAgent, folder: string): Promise<Webhook> {
  return "script" in webhook
    ? Promise.resolve(scriptWebhook(webhook.script, agent))
    : serverWebhook(webhook.server, agent, folder);
}

function settings({ id, webhookSecret }: WebhookAgent): Record<string, string> {
  return { HEDDLE_AGENT_ID: id, HEDDLE_WEBHOOK_SECRET: webhookSecret };
}

function scriptWebhook(script: string, agent: WebhookAgent): Webhook {
  return {
    async problem({ method, headers, body }) {
      const { ok, output } = await run(["bash", script, method], {
        env: {
          ...settings(agent),
          IDENTITY: headers["x-heddle-identity"] ?? "",
          IDENTITY_PREVIOUS: headers["x-heddle-identity-previous"] ?? "",
          ID: headers["webhook-id"] ?? "",
          TIMESTAMP: headers["webhook-timestamp"] ?? "",
          SIGNATURE: headers["webhook-signature"] ?? "",
        },
        input: body,
      });
      return ok ? null : output;
    },
    stop: () => Promise.resolve(),
  };
}

async function serverWebhook(command: string[], agent: WebhookAgent, folder: string): Promise<Webhook> {
  const port = await freePort();
  const [program = "", ...words] = command.map((word) => word.replace("$PORT", String(port)));
  const server = spawn(program, words, {
    env: { ...process.env, PORT: String(port), ...settings(agent), TMPDIR: folder },
    stdio: "ignore",
    detached: true,
  });
  tether(server);
  await listening(port, server);
  return {
    url: `http://127.0.0.1:${port}`,
    async problem(request) {
      const { status, body } = await send(port, request);
      if (status === 200) return null;
      if (status === 401) return JSON.parse(body).message;
      throw new Error(`the webhook answered ${status}: ${body}`);
    },
    async stop() {
      server.kill();
      if (server.exitCode === null) await once(server, "exit");
    },
  };
}

/** Sends the target as it is, without what `fetch` would do to it. */
async function send(port: number, { method, target, headers, body }: SignedRequest) {
  const request = httpRequest({
    host: "127.0.0.1",
    port,
    method,
    path: target,
    headers: { ...headers, connection: "close" },
  });
  request.end(body);
  const [response] = await once(request, "response");
  return { status: response.statusCode as number, body: await text(response) };
}

/** Resolves once somebody listens there. */
async function listening(port: number, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    const socket = connect(port, "127.0.0.1");
    const connected = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (connected) return;
    await pause(20);
  }
  throw new Error("the webhook ended before it listened");
}
