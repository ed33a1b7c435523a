import { createClient, type SupabaseClientOptions } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { callFunction, postJson, signIn, type Visitor } from "../integration/functions/support/visitor.ts";
import { type FakeOwner, ownerJson, startFakeOwner } from "../support/fake_owner.ts";
import { startStack, type TestStack } from "../support/stack.ts";
import { Queue } from "./support/queue.ts";

/** Requests per second of the free plan. */
const LIMIT = 100;
const transport = WebSocket as unknown as NonNullable<
  SupabaseClientOptions<"public">["realtime"]
>["transport"];

let owner: FakeOwner;
let stack: TestStack;
let visitor: Visitor;
let client: ReturnType<typeof createClient>;
beforeAll(async () => {
  owner = await startFakeOwner();
  vi.stubEnv("HEDDLE_REALTIME", "free");
  stack = await startStack({ ownerUrl: owner.url });
  // While it boots the limit would be forgotten.
  await callFunction(stack, "realtime-publish");
  vi.unstubAllEnvs();
  visitor = await signIn(stack, owner.url);
  client = createClient(stack.apiUrl, visitor.validated.realtime.key, { realtime: { transport } });
});
afterAll(async () => {
  await client.removeAllChannels();
  await stack.stop();
  await owner.stop();
});

const post = (headers: Record<string, string> = {}) =>
  fetch(`${stack.apiUrl}/realtime/v1/api/broadcast/lobby/events/refresh`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: "{}",
  });

/** Requests without a key, until they are refused for their number and no longer for the key. */
async function flood(): Promise<void> {
  let statuses: number[] = [];
  do {
    const answers = await Promise.all(Array.from({ length: 50 }, () => post()));
    statuses = answers.map(({ status }) => status);
    await Promise.all(answers.map((answer) => answer.text()));
  } while (statuses.includes(401));
  expect(new Set(statuses)).toEqual(new Set([429]));
}

test("below the limit every answer reports what is left of it, a refused one too", async () => {
  const rates = (answer: Response) =>
    ["rolling", "limit", "limit-remaining"].map((name) => Number(answer.headers.get(`x-rate-${name}`)));
  const [refused, accepted] = [await post(), await post({ apikey: stack.secretKey })];
  expect([refused.status, accepted.status]).toEqual([401, 202]);
  for (const answer of [refused, accepted]) {
    const [rolling = NaN, limit = NaN, remaining] = rates(answer);
    expect([limit, remaining]).toEqual([LIMIT, LIMIT - rolling]);
  }
});

test("requests without a key use up the limit, and a publish reaches the visitor all the same", async () => {
  owner.answer(ownerJson([]));
  const { listChannel = "" } = (await visitor.tabFetch(`tabId=${stack.tabs.messaging}`)).body;
  const heard = new Queue<Record<string, unknown>>();
  const channel = client.channel(listChannel, { config: { private: true } });
  channel.on("broadcast", { event: "*" }, (message) => heard.push(message));
  await new Promise<void>((resolve, reject) =>
    channel.subscribe((status, error) => status === "SUBSCRIBED" ? resolve() : reject(error ?? status))
  );

  // However slow this machine is, what it sends is above that, and stays so for a while.
  await stack.realtime({ fault: "set", requestsPerSecond: 1 });
  await flood();
  const genuine = await post({ apikey: stack.secretKey });
  expect([genuine.status, await genuine.json()]).toEqual([429, { message: "Too many requests" }]);
  const request = postJson({ endUserId: "shopper-7" }, { "x-api-key": stack.agent.apiKey });
  const { status, body } = await callFunction(stack, "realtime-publish", request);

  expect([status, body]).toEqual([200, { ok: true, channels: [listChannel] }]);
  const { event, payload, meta } = await heard.next();
  expect([event, payload]).toMatchObject(["refresh", { v: 1, type: "refresh", data: {} }]);
  expect(meta).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
});
