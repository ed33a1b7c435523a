import { describe, expect, it } from "vitest";
import type { WebhookRequest } from "../../../../../supabase/functions/_shared/sources/webhook/message.ts";
import {
  type SendOptions,
  sendWebhook,
} from "../../../../../supabase/functions/_shared/sources/webhook/send.ts";

const MEBIBYTE = 1024 * 1024;
const get: WebhookRequest = { method: "GET", url: new URL("https://shop.example/hook"), body: "" };
const post: WebhookRequest = { ...get, method: "POST", body: "{}" };

const noHeaders = () => ({});

type Step = (signal: AbortSignal) => Promise<Response>;

const fails: Step = () => Promise.reject(new TypeError("connection reset"));
const answers = (body: BodyInit): Step => () => Promise.resolve(new Response(body));
const hangs: Step = (signal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

function owner(...steps: Step[]) {
  const calls: RequestInit[] = [];
  const fetch: typeof globalThis.fetch = (_, init = {}) => {
    const step = steps[calls.length];
    calls.push(init);
    if (!step || !init.signal) throw new Error("an unexpected request");
    return step(init.signal);
  };
  const options: SendOptions = { fetch, timeoutMs: 10_000, deadline: 12_000, now: () => 0 };
  return { calls, options };
}

/** A body that goes on for ever, and remembers whether its reader left. */
function endless() {
  const state = { cancelled: false, sent: 0 };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      state.sent += 64 * 1024;
      controller.enqueue(new Uint8Array(64 * 1024));
    },
    cancel() {
      state.cancelled = true;
    },
  });
  return { state, body };
}

describe("sending a webhook", () => {
  it("never follows a redirect", async () => {
    const { calls, options } = owner(answers("[]"));
    await sendWebhook(get, () => ({ "x-a": "1" }), options);
    expect(calls).toMatchObject([{ method: "GET", redirect: "manual", headers: { "x-a": "1" } }]);
  });

  it("repeats a GET once when the connection fails", async () => {
    const { calls, options } = owner(fails, answers("[]"));
    expect((await sendWebhook(get, noHeaders, options)).status).toBe(200);
    expect(calls).toHaveLength(2);
  });

  it("asks for headers anew at each attempt", async () => {
    const { calls, options } = owner(fails, answers("[]"));
    let attempts = 0;
    await sendWebhook(get, () => ({ "x-attempt": String(++attempts) }), options);
    expect(calls).toMatchObject([{ headers: { "x-attempt": "1" } }, { headers: { "x-attempt": "2" } }]);
  });

  it("gives up after the second failure", async () => {
    const { calls, options } = owner(fails, fails, answers("[]"));
    await expect(sendWebhook(get, noHeaders, options)).rejects.toMatchObject({ kind: "unreachable" });
    expect(calls).toHaveLength(2);
  });

  it("never repeats a POST", async () => {
    const { calls, options } = owner(fails, answers("{}"));
    await expect(sendWebhook(post, noHeaders, options)).rejects.toMatchObject({ kind: "unreachable" });
    expect(calls).toHaveLength(1);
  });

  it("repeats a GET whose answer broke off", async () => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new TypeError("reset")) });
    const { calls, options } = owner(answers(broken), answers("[]"));
    expect((await sendWebhook(get, noHeaders, options)).status).toBe(200);
    expect(calls).toHaveLength(2);
  });

  it("ends a try when its time is up, and does not repeat it", async () => {
    const { calls, options } = owner(hangs, answers("[]"));
    await expect(sendWebhook(get, noHeaders, { ...options, timeoutMs: 5 })).rejects.toMatchObject({
      kind: "timeout",
    });
    expect(calls).toHaveLength(1);
  });

  it("gives a repeated try only what is left of the whole call's time", async () => {
    let now = 0;
    const slowFailure: Step = () => {
      now = 11_995;
      return Promise.reject(new TypeError("connection reset"));
    };
    const { options } = owner(slowFailure, hangs);
    const sent = sendWebhook(get, noHeaders, { ...options, now: () => now });
    await expect(sent).rejects.toMatchObject({ kind: "timeout" });
  });

  it("does not start when no time is left", async () => {
    const { calls, options } = owner();
    await expect(sendWebhook(get, noHeaders, { ...options, deadline: 0 })).rejects.toMatchObject({
      kind: "timeout",
    });
    expect(calls).toHaveLength(0);
  });

  it("reads at most 1 MiB, and then leaves", async () => {
    const { state, body } = endless();
    const { options } = owner(answers(body));
    await expect(sendWebhook(get, noHeaders, options)).rejects.toMatchObject({ kind: "too_large" });
    expect(state.cancelled).toBe(true);
    expect(state.sent).toBeLessThan(2 * MEBIBYTE);
  });

  it("takes an answer of exactly 1 MiB, and none that is a byte longer", async () => {
    const { options } = owner(answers(new Uint8Array(MEBIBYTE)), answers(new Uint8Array(MEBIBYTE + 1)));
    expect((await sendWebhook(get, noHeaders, options)).bytes.byteLength).toBe(MEBIBYTE);
    await expect(sendWebhook(get, noHeaders, options)).rejects.toMatchObject({ kind: "too_large" });
  });
});
