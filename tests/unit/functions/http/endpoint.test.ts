import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HeddleError } from "../../../../shared/errors.ts";
import { endpoint, json, rateLimited } from "../../../../supabase/functions/_shared/http/endpoint.ts";

const URL_OF_FUNCTION = "http://127.0.0.1/fn";
const browser = endpoint({ name: "fn", method: "POST", callers: "browsers" }, answer);
const server = endpoint({ name: "fn", method: "POST", callers: "servers" }, answer);

async function answer(request: Request): Promise<Response> {
  const wish = await request.text();
  if (wish === "refuse") throw new HeddleError("tab_not_found", "no", { headers: { "retry-after": "3" } });
  if (wish === "break") throw new Error("connect https://me:pw@hooks.example/secret/path?key=1 failed");
  return json({ ok: true });
}

const post = (body: string, headers: HeadersInit = {}) =>
  new Request(URL_OF_FUNCTION, { method: "POST", body, headers });

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => vi.restoreAllMocks());

describe("every endpoint", () => {
  it("is not stored, and names the request", async () => {
    const response = await server(post(""));
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("varies by visitor where browsers call, so that no cache of a page hands an answer to another one", async () => {
    expect((await browser(post(""))).headers.get("vary")).toBe("authorization");
    expect((await browser(post("refuse"))).headers.get("vary")).toBe("authorization");
  });

  it("echoes a sane request id only", async () => {
    const idOf = async (id: string) =>
      (await server(post("", { "x-request-id": id }))).headers.get("x-request-id");
    expect(await idOf("req_0123:4.5-6")).toBe("req_0123:4.5-6");
    expect(await idOf("two words")).not.toBe("two words");
    expect(await idOf("x".repeat(128))).toBe("x".repeat(128));
    expect(await idOf("x".repeat(129))).not.toBe("x".repeat(129));
    expect(await idOf('"} {"at":1')).not.toContain("{");
  });

  it("refuses other methods and says which one it takes", async () => {
    const response = await server(new Request(URL_OF_FUNCTION, { method: "DELETE" }));
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect(await response.json()).toMatchObject({ error: { code: "method_not_allowed" } });
  });

  it("answers HEAD as GET and without a body, where the path says what it takes", async () => {
    const methods: string[] = [];
    const any = endpoint({ name: "fn", callers: "servers" }, ({ method }) => {
      methods.push(method);
      return Promise.resolve(json({ ok: true }));
    });
    const response = await any(new Request(URL_OF_FUNCTION, { method: "HEAD" }));
    expect([methods, response.status, response.body]).toEqual([["GET"], 200, null]);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  });

  it("answers its errors as JSON with their headers", async () => {
    const response = await browser(post("refuse"));
    expect(response.status).toBe(404);
    expect(response.headers.get("retry-after")).toBe("3");
    expect(await response.json()).toEqual({ error: { code: "tab_not_found", message: "no" } });
  });

  it("tells nothing of what it did not expect, and logs it without the secret part of a URL", async () => {
    const response = await browser(post("break"));
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: "internal" } });
    expect(text).not.toContain("hooks.example");
    const [line = ""] = lines;
    expect(JSON.parse(line).error).toContain("connect https://hooks.example/… failed");
    expect(line).not.toMatch(/secret|pw@/);
  });

  it("writes one JSON line", async () => {
    await browser(post("refuse", { "x-request-id": "req_12345" }));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      at: expect.any(String),
      requestId: "req_12345",
      fn: "fn",
      status: 404,
      code: "tab_not_found",
      ms: expect.any(Number),
    });
  });
});

describe("an endpoint for browsers", () => {
  it("answers preflights without asking who calls", async () => {
    const response = await browser(new Request(URL_OF_FUNCTION, { method: "OPTIONS" }));
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "POST, OPTIONS",
      "access-control-allow-headers": "*, authorization",
      "access-control-max-age": "7200",
    });
    expect(response.headers.has("access-control-allow-credentials")).toBe(false);
  });

  it.each(["", "refuse", "break"])("may be read by any page (%s)", async (wish) => {
    const { headers } = await browser(post(wish));
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-expose-headers")).toBe("etag, retry-after, x-request-id");
  });
});

describe("an endpoint for servers", () => {
  it.each(["POST", "OPTIONS"])("sends no CORS headers (%s)", async (method) => {
    const { headers } = await server(new Request(URL_OF_FUNCTION, { method }));
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

it.each([[0, "1"], [0.2, "1"], [1, "1"], [1.2, "2"], [59, "59"]])(
  "a wait of %f s is told as Retry-After: %s, whole seconds that are long enough",
  (seconds, expected) => {
    expect(rateLimited(seconds)).toMatchObject({
      code: "rate_limited",
      headers: { "retry-after": expected },
    });
  },
);
