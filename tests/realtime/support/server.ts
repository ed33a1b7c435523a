import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { runDeno } from "../../support/process.ts";
import { tokenFor } from "./tokens.ts";

export interface TestRealtime {
  /** `ws://…/realtime/v1` */
  wsUrl: string;
  /** `http://…/realtime/v1` */
  httpUrl: string;
  database: TestDatabase;
  anon: string;
  serviceRole: string;
  /** Sets a fault; answers with what the control endpoint says. */
  fault(command: { fault: string; [setting: string]: unknown }): Promise<unknown>;
  /** Resolves once a topic has so many members. */
  members(topic: string, count: number): Promise<void>;
  /** Posts to the single-broadcast endpoint. */
  broadcast(topic: string, options?: BroadcastOptions): Promise<Response>;
  post(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

export interface BroadcastOptions {
  event?: string;
  payload?: unknown;
  /** Default: true. */
  private?: boolean;
  /** Default: the service role's. */
  token?: string;
}

/**
 * Realtime as a Deno process, on a database of its own. `settings` are those of `local/realtime/settings.ts`, `jwks` the
 * project's public keys.
 */
export async function startRealtime(
  settings: Record<string, number | boolean> = {},
  jwks: unknown[] = [],
): Promise<TestRealtime> {
  const database = await createDatabase();
  const server = runDeno([
    "local/realtime/main.ts",
    `--settings=${JSON.stringify(settings)}`,
    `--jwks=${JSON.stringify(jwks)}`,
  ], database.env);
  const origin = `127.0.0.1:${await server.event<number>("listening")}`;
  const httpUrl = `http://${origin}/realtime/v1`;
  const controlUrl = `http://${origin}/_local/realtime`;
  const [anon, serviceRole] = await Promise.all([tokenFor("anon"), tokenFor("service_role")]);
  const post = (path: string, init: RequestInit = {}) => fetch(httpUrl + path, { method: "POST", ...init });

  return {
    wsUrl: `ws://${origin}/realtime/v1`,
    httpUrl,
    database,
    anon,
    serviceRole,
    post,
    async fault(command) {
      const answer = await fetch(controlUrl, { method: "POST", body: JSON.stringify(command) });
      const body = await answer.json();
      if (!answer.ok) throw new Error(JSON.stringify(body));
      return body;
    },
    async members(topic, count) {
      await (await fetch(`${controlUrl}?${new URLSearchParams({ topic, members: String(count) })}`)).text();
    },
    broadcast(
      topic,
      { event = "refresh", payload = {}, private: isPrivate = true, token = serviceRole } = {},
    ) {
      const path = `/api/broadcast/${encodeURIComponent(topic)}/events/${encodeURIComponent(event)}`;
      return post(`${path}?private=${isPrivate}`, {
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(payload),
      });
    },
    async stop() {
      await server.stop();
      await database.drop();
    },
  };
}
