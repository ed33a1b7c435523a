import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createPushKeys, type PushKeyPair } from "../../../../shared/push_keys.ts";
import { encryptPush } from "../../../../supabase/functions/_shared/push/encrypt.ts";
import {
  type Push,
  type PushDependencies,
  sendPush,
} from "../../../../supabase/functions/_shared/push/send_push.ts";
import { createVapid } from "../../../../supabase/functions/_shared/push/vapid.ts";
import { type Browser, startPushService } from "../../../support/push_service.ts";

const CONVERSATION = "d0000000-0000-4000-8000-000000000001";
const NOW = Date.now();
const HOUR = 60 * 60 * 1000;

let service: Awaited<ReturnType<typeof startPushService>>;
let keys: PushKeyPair;
let dependencies: PushDependencies;
beforeAll(async () => {
  service = await startPushService();
  keys = await createPushKeys();
});
afterAll(() => service?.stop());
beforeEach(() => {
  service.received.length = 0;
  dependencies = {
    fetch,
    resolve: () => Promise.resolve(["93.184.216.34"]),
    privateHosts: ["127.0.0.1"],
    authorization: createVapid(keys, { contact: "mailto:chat@shop.example", now: () => NOW }),
  };
});

const push = (browser: Browser, changes: Partial<Push["message"]> = {}): Push => ({
  ...browser,
  message: { title: "Shop", body: "Ada 👋 asks", agentId: "a", conversationId: CONVERSATION, ...changes },
  topic: CONVERSATION.replaceAll("-", ""),
  urgency: "high",
  ttl: 86_400,
});

describe("a push message", () => {
  it("is read by the browser it was sent to alone, and names who sends it", async () => {
    service.expectKey(keys.publicKey);
    expect(await sendPush(push(service.subscribe()), dependencies)).toEqual({ kind: "sent" });
    const [{ message, headers, claims } = { message: null, headers: {}, claims: {} }] = service.received;
    expect(message).toEqual(push(service.subscribe()).message);
    expect(headers).toMatchObject({
      ttl: "86400",
      urgency: "high",
      topic: "d0000000000040008000000000000001",
    });
    expect(claims).toMatchObject({ aud: service.origin, sub: "mailto:chat@shop.example" });
    expect((claims.exp ?? 0) * 1000 - NOW).toBeLessThanOrEqual(24 * HOUR);
    const [one, other] = [service.subscribe(), service.subscribe()];
    const mixed = { endpoint: one.endpoint, keys: other.keys };
    expect(await sendPush(push(mixed), dependencies)).toMatchObject({ kind: "refused" });
  });

  it.each([
    [404, { kind: "gone" }],
    [410, { kind: "gone" }],
    [400, { kind: "refused", error: "The push service answered 400." }],
    [401, { kind: "refused", error: "The push service answered 401." }],
    [403, { kind: "refused", error: "The push service answered 403." }],
    [307, { kind: "refused", error: "The push service answered 307." }],
    [429, { kind: "failed", error: "The push service answered 429.", retryAfter: null }],
    [503, { kind: "failed", error: "The push service answered 503.", retryAfter: null }],
  ])("that is answered with %i: %j", async (status, outcome) => {
    expect(await sendPush(push(service.subscribe([{ status }])), dependencies)).toEqual(outcome);
  });

  it.each([
    ["90", 90],
    ["0.5", null],
    ["1e30", null],
    ["-7", null],
    ["Fri, 31 Dec 9999 23:59:59 GMT", 86_400],
  ])("waits for as long as the service says: %s", async (header, retryAfter) => {
    const browser = service.subscribe([{ status: 429, retryAfter: header }]);
    expect(await sendPush(push(browser), dependencies)).toMatchObject({ kind: "failed", retryAfter });
  });

  it("is sent shorter where it was too long", async () => {
    const browser = service.subscribe([{ status: 413 }]);
    expect(await sendPush(push(browser, { body: "👋".repeat(3000) }), dependencies)).toEqual({
      kind: "sent",
    });
    const [long, short] = service.received;
    expect(long?.bytes).toBeLessThanOrEqual(4096);
    expect(short?.bytes).toBeLessThan(1700);
    expect(short?.message.body).toMatch(/^(👋)+…$/u);
  });

  it("is not sent again where it was short, and given up where the shorter one is too long as well", async () => {
    const refused = { kind: "refused", error: "The push service answered 413." };
    expect(await sendPush(push(service.subscribe([{ status: 413 }])), dependencies)).toEqual(refused);
    expect(service.received).toHaveLength(1);
    const never = service.subscribe([{ status: 413 }, { status: 413 }]);
    expect(await sendPush(push(never, { body: "x".repeat(3000) }), dependencies)).toEqual(refused);
    expect(service.received).toHaveLength(3);
  });

  it("waits five seconds for the push service, its name and a second try included", async () => {
    const limit = new AbortController();
    const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(limit.signal);
    onTestFinished(() => timeout.mockRestore());
    const silent = (_: unknown, { signal }: RequestInit = {}) =>
      new Promise<Response>((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
        limit.abort(new DOMException("", "TimeoutError"));
      });
    const outcome = await sendPush(push(service.subscribe()), { ...dependencies, fetch: silent });
    expect(outcome).toEqual({ kind: "failed", error: "The push service did not answer.", retryAfter: null });
    expect(timeout.mock.calls).toEqual([[5000]]);
  });

  it.each([
    "http://push.example/1",
    "https://10.0.0.1/1",
    "https://[::1]/1",
    "https://localhost/1",
    "https://user:pass@push.example/1",
    "https://push.example:8443/1",
    "push.example",
  ])("never goes to %s", async (endpoint) => {
    const refusing = {
      ...dependencies,
      privateHosts: [],
      fetch: () => Promise.reject(new Error("was called")),
    };
    const { keys } = service.subscribe();
    expect(await sendPush(push({ endpoint, keys }), refusing)).toMatchObject({
      kind: "refused",
      // It is a browser's word: nobody may make an exception for it.
      error: expect.not.stringContaining("HEDDLE_ALLOW_PRIVATE_WEBHOOKS"),
    });
  });

  it("never goes to a name with a private address", async () => {
    const { keys } = service.subscribe();
    const resolve = () => Promise.resolve(["93.184.216.34", "192.168.0.1"]);
    const outcome = await sendPush(push({ endpoint: "https://push.example/1", keys }), {
      ...dependencies,
      resolve,
    });
    expect(outcome).toMatchObject({ kind: "refused" });
  });

  it("is given up for keys that are none", async () => {
    const { endpoint } = service.subscribe();
    const wrong = { p256dh: "B".repeat(87), auth: "a".repeat(22) };
    expect(await sendPush(push({ endpoint, keys: wrong }), dependencies)).toMatchObject({ kind: "refused" });
  });

  it("holds 3993 bytes and no more", async () => {
    const { keys } = service.subscribe();
    expect((await encryptPush(keys, "x".repeat(3993))).length).toBe(4096);
    await expect(encryptPush(keys, "x".repeat(3994))).rejects.toThrow(RangeError);
  });
});

it("a token for a service is signed anew before it ends, not each time", async () => {
  let now = NOW;
  const authorization = createVapid(keys, { contact: "mailto:a@b.example", now: () => now });
  const [one, again] = [
    await authorization(new URL("https://push.example/1")),
    await authorization(new URL("https://push.example/2")),
  ];
  expect(again).toBe(one);
  expect(await authorization(new URL("https://other.example/1"))).not.toBe(one);
  now += 11 * HOUR;
  expect(await authorization(new URL("https://push.example/1"))).not.toBe(one);
});
