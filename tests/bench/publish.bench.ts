import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RealtimeClient, type RealtimeClientOptions } from "@supabase/realtime-js";
import { WebSocket } from "ws";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { type JsonProcess, runDeno } from "../support/process.ts";
import { startStack, type TestStack } from "../support/stack.ts";
import { perSecond, quantile, report } from "./support/measures.ts";

const LOAD = { connections: 32, seconds: 4 };
const SAMPLES = 200;
let stack: TestStack;
let bareDatabase: TestDatabase;
let bare: JsonProcess;
let bareUrl: string;

beforeAll(async () => {
  stack = await startStack();
  bareDatabase = await createDatabase();
  bare = runDeno([
    "local/main.ts",
    "--port=0",
    `--database-url=${bareDatabase.adminUrl}`,
    `--functions-dir=${resolve("tests/bench/functions")}`,
  ]);
  bareUrl = `${(await bare.event<{ apiUrl: string }>("ready")).apiUrl}/functions/v1/bare`;
});

afterAll(async () => {
  await bare.stop();
  await bareDatabase.drop();
  await stack.stop();
});

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<unknown> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  expect(answer.ok).toBe(true);
  return await answer.text();
}

const publish = (stale: Record<string, string>) =>
  post(`${stack.apiUrl}/functions/v1/realtime-publish`, stale, { "x-api-key": stack.agent.apiKey });

test("publishes a second, beside a bare function that makes the same POSTs", async () => {
  const stale = { endUserId: "ada", conversationId: "1042" };
  const { channels: topics } = JSON.parse(String(await publish(stale)));
  const rates: { heddle: number[]; bare: number[] } = { heddle: [], bare: [] };
  for (let round = 0; round < 2; round++) {
    rates.bare.push(await perSecond(LOAD, () => post(bareUrl, { topics })));
    rates.heddle.push(await perSecond(LOAD, () => publish(stale)));
  }
  report({
    id: "publishes per second, 32 connections",
    value: Math.max(...rates.heddle),
    unit: "1/s",
    reference: Math.max(...rates.bare),
    reach: { atLeast: 0.8 },
  });
});

test("from a publish to a subscriber's callback, beside a direct broadcast", async () => {
  const { channels: [topic = ""] } = JSON.parse(String(await publish({ conversationId: "1042" })));
  const heard = await subscribe(topic);
  const direct = `${stack.apiUrl}/realtime/v1/api/broadcast/${encodeURIComponent(topic)}/events/refresh`;
  const samples: { heddle: number[]; direct: number[] } = { heddle: [], direct: [] };
  const time = async (send: () => Promise<unknown>) => {
    const callback = heard.next();
    const from = performance.now();
    await Promise.all([send(), callback]);
    return (await callback) - from;
  };
  for (let sample = 0; sample < SAMPLES; sample++) {
    samples.direct.push(await time(() => post(`${direct}?private=true`, {}, { apikey: stack.secretKey })));
    samples.heddle.push(await time(() => publish({ conversationId: "1042" })));
  }
  for (const [name, share] of [["p50", 0.5], ["p99", 0.99]] as const) {
    report({
      id: `publish → callback, ${name}`,
      value: quantile(samples.heddle, share),
      unit: "ms",
      reference: quantile(samples.direct, share),
      reach: { atMost: 1.5 },
    });
  }
  await heard.close();
});

async function subscribe(topic: string) {
  const client = new RealtimeClient(`${stack.apiUrl.replace("http", "ws")}/realtime/v1`, {
    params: { apikey: stack.publishableKey },
    transport: WebSocket as unknown as RealtimeClientOptions["transport"],
  });
  let tell: (at: number) => void = () => undefined;
  const channel = client.channel(topic, { config: { private: true } });
  channel.on("broadcast", { event: "refresh" }, () => tell(performance.now()));
  await new Promise<void>((resolve) => {
    channel.subscribe((status) => status === "SUBSCRIBED" && resolve());
  });
  return {
    next: () => new Promise<number>((resolve) => tell = resolve),
    close: () => client.disconnect(),
  };
}
