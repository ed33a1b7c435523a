import { describe, expect, it } from "vitest";
import type { WebhookRequest } from "../../../../../supabase/functions/_shared/sources/webhook/webhook_request.ts";
import {
  acceptedJson,
  type SendOptions,
  sendWebhook,
} from "../../../../../supabase/functions/_shared/sources/webhook/send.ts";
import { WebhookError } from "../../../../../supabase/functions/_shared/sources/webhook/webhook_error.ts";

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

  it("ends a try whose answer has begun and goes quiet", async () => {
    const { calls, options } = owner(answers(new ReadableStream()), answers("[]"));
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

function judge(status: number, body: string, method: "GET" | "POST" = "GET"): unknown {
  try {
    return { json: acceptedJson({ status, bytes: new TextEncoder().encode(body) }, method) };
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    return { code: error.code, kind: error.kind };
  }
}

function visitorMessage(status: number, body: string): string {
  try {
    acceptedJson({ status, bytes: new TextEncoder().encode(body) }, "POST");
  } catch (error) {
    if (error instanceof WebhookError) return error.message;
    throw error;
  }
  throw new Error("the answer was accepted");
}

describe("an owner's answer", () => {
  it.each([
    [200, "<html>", { code: "source_invalid", kind: "not_json" }],
    [200, "", { code: "source_invalid", kind: "empty" }],
    [204, "", { code: "source_invalid", kind: "empty" }],
    [200, "[".repeat(100) + "]".repeat(100), { code: "source_invalid", kind: "not_json" }],
    [301, "", { code: "source_failed", kind: "redirect" }],
    [304, "", { code: "source_failed", kind: "redirect" }],
    [400, "{}", { code: "source_rejected", kind: "rejected" }],
    [401, "{}", { code: "source_failed", kind: "unauthorized" }],
    [403, "{}", { code: "source_failed", kind: "unauthorized" }],
    [404, "{}", { code: "item_not_found", kind: "not_found" }],
    [405, "{}", { code: "source_failed", kind: "error_status" }],
    [409, "{}", { code: "conflict", kind: "conflict" }],
    [422, "{}", { code: "source_rejected", kind: "rejected" }],
    [429, "{}", { code: "source_failed", kind: "error_status" }],
    [500, "{}", { code: "source_failed", kind: "error_status" }],
    [503, "<html>", { code: "source_failed", kind: "error_status" }],
  ])("%i %s: %o", (status, body, expected) => expect(judge(status, body)).toEqual(expected));

  it("is its JSON when it succeeds", () => {
    expect(judge(200, '{"a":1}')).toEqual({ json: { a: 1 } });
    expect(judge(201, '\ufeff{"a":1}')).toEqual({ json: { a: 1 } });
  });

  it("may be a 204 after a write", () => {
    expect(judge(204, "", "POST")).toEqual({ json: null });
    expect(judge(200, "", "POST")).toEqual({ code: "source_invalid", kind: "empty" });
  });
});

describe("an owner's own words", () => {
  it("reach the visitor as plain text of at most 300 characters", () => {
    expect(visitorMessage(422, '{"message":"Too\\nlate <b>"}')).toBe("Too late <b>");
    expect(visitorMessage(400, '{"error":"No card numbers here."}')).toBe("No card numbers here.");
    expect([...visitorMessage(400, JSON.stringify({ message: "🌿".repeat(400) }))]).toHaveLength(300);
  });

  it("are cut between two characters as a reader sees them", () => {
    const message = `${"a".repeat(298)}👩‍👩‍👧`;
    expect(visitorMessage(422, JSON.stringify({ message }))).toBe("a".repeat(298));
  });

  it.each(['{"message":42}', '{"message":"  "}', "{}", "[]", "null", "<html>"])(
    "are not taken from %s",
    (body) => {
      expect(visitorMessage(422, body)).toBe("This was not accepted.");
    },
  );

  it("are not taken from other statuses", () => {
    expect(visitorMessage(500, '{"message":"stack trace"}')).toBe("The webhook of this tab failed.");
  });
});
