import { describe, expect, it } from "vitest";
import { type KeySetSource, loadKeySet } from "../../../../supabase/functions/_shared/auth/load_key_set.ts";

const URL = "https://login.example/jwks.json";

function source(answer: () => Promise<Response>, overrides: Partial<KeySetSource> = {}) {
  const calls: RequestInit[] = [];
  const options: KeySetSource = {
    fetch: (_, init = {}) => {
      calls.push(init);
      return answer();
    },
    resolve: () => Promise.resolve(["93.184.216.34"]),
    privateHosts: [],
    ...overrides,
  };
  return { calls, options };
}

const json = (body: unknown, init?: ResponseInit) => () => Promise.resolve(Response.json(body, init));

describe("a provider's keys are fetched", () => {
  it("once, without credentials, and without following a redirect", async () => {
    const { calls, options } = source(json({ keys: [] }));
    expect(await loadKeySet(URL, options)).toEqual({ keys: [] });
    expect(calls).toMatchObject([{ redirect: "manual" }]);
    expect(new Headers(calls[0]?.headers).has("authorization")).toBe(false);
  });

  it.each([
    "http://login.example/jwks.json",
    "https://127.0.0.1/jwks.json",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://localhost/",
    "https://user:secret@login.example/",
    "file:///etc/passwd",
  ])("never from %s (server-side request forgery)", async (url) => {
    const { calls, options } = source(json({ keys: [] }));
    await expect(loadKeySet(url, options)).rejects.toThrow(/^The JWKS/);
    expect(calls).toEqual([]);
  });

  it("never from a name that leads to a private address", async () => {
    const { calls, options } = source(json({ keys: [] }), { resolve: () => Promise.resolve(["10.0.0.7"]) });
    await expect(loadKeySet(URL, options)).rejects.toThrow("public addresses only");
    expect(calls).toEqual([]);
  });

  it("from a private host where the deployment allows it", async () => {
    const { options } = source(json({ keys: [] }), { privateHosts: ["127.0.0.1:9999"] });
    expect(await loadKeySet("http://127.0.0.1:9999/jwks.json", options)).toEqual({ keys: [] });
  });

  it.each<[string, () => Promise<Response>]>([
    ["a redirect", json({ keys: [] }, { status: 302, headers: { location: "http://169.254.169.254/" } })],
    ["an error", json({ keys: [] }, { status: 500 })],
    ["a page", () => Promise.resolve(new Response("<html>"))],
    ["another shape", json([])],
    ["keys that are no array", json({ keys: "all" })],
    ["nothing", () => Promise.resolve(new Response(""))],
    ["more than 256 KiB", () => Promise.resolve(new Response(`{"keys":["${"x".repeat(257 * 1024)}"]}`))],
    ["no connection", () => Promise.reject(new TypeError("connection refused"))],
  ])("in vain where the answer is %s", async (_, answer) => {
    await expect(loadKeySet(URL, source(answer).options)).rejects.toThrow();
  });

  it("for a limited time only, whatever does not answer", async () => {
    const never = () => new Promise<never>(() => {});
    const endless = () => Promise.resolve(new Response(new ReadableStream({ start() {} })));
    for (
      const [answer, resolve] of [[never, undefined], [endless, undefined], [
        json({ keys: [] }),
        never,
      ]] as const
    ) {
      const { options } = source(answer, { timeoutMs: 10, ...(resolve && { resolve }) });
      await expect(loadKeySet(URL, options)).rejects.toThrow(/time/i);
    }
  });
});
