import { describe, expect, it } from "vitest";
import { broadcast } from "../../../../supabase/functions/_shared/realtime/broadcast.ts";

const queued = () => new Response(null, { status: 202 });
const refuses = (status: number, body = "{}", headers = {}) => () => new Response(body, { status, headers });
const noPartition = refuses(422, '{"message":"Missing messages partition"}');
const unreachable = () => {
  throw new TypeError("connection refused");
};

const silent = () => {
  throw new DOMException("signal timed out", "TimeoutError");
};

const realtime = (...steps: (() => Response)[]) => project("refuses", steps);
const realtimeAndDatabase = (...steps: (() => Response)[]) => project("takes it", steps);

function project(database: "takes it" | "refuses", steps: (() => Response)[]) {
  const requests: { url: string; init: RequestInit }[] = [];
  const delays: number[] = [];
  const stored: string[][] = [];
  const options = {
    supabaseUrl: "https://project.example",
    secretKey: "sb_secret_x",
    fetch: ((url: string, init: RequestInit) => {
      const step = steps[requests.length] ?? queued;
      requests.push({ url, init });
      return new Promise((resolve) => resolve(step()));
    }) as typeof globalThis.fetch,
    sleep: (ms: number) => {
      delays.push(ms);
      return Promise.resolve();
    },
    fromDatabase: (channels: readonly string[]) => {
      stored.push([...channels]);
      return database === "takes it" ? Promise.resolve() : Promise.reject(new Error("no partition"));
    },
  };
  return { requests, delays, stored, options };
}

describe("a broadcast", () => {
  it("is one private message for each channel, with the same envelope", async () => {
    const { requests, options } = realtime();
    await broadcast(["conv-a b/🌿-00", "conv-c-00"], options);
    expect(requests.map(({ url }) => url)).toEqual([
      "https://project.example/realtime/v1/api/broadcast/conv-a%20b%2F%F0%9F%8C%BF-00/events/refresh?private=true",
      "https://project.example/realtime/v1/api/broadcast/conv-c-00/events/refresh?private=true",
    ]);
    const [first, second] = requests.map(({ init }) => String(init.body));
    expect(first).toBe(second);
    expect(JSON.parse(first ?? "")).toEqual({
      v: 1,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: "refresh",
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      data: {},
    });
  });

  it("sends a key as bearer token only when it is a JWT", async () => {
    const { requests, options } = realtime();
    await broadcast(["a"], options);
    await broadcast(["a"], { ...options, secretKey: "eyJhbGciOi" });
    const headers = requests.map(({ init }) => new Headers(init.headers));
    expect(headers.map((each) => each.get("apikey"))).toEqual(["sb_secret_x", "eyJhbGciOi"]);
    expect(headers.map((each) => each.get("authorization"))).toEqual([null, "Bearer eyJhbGciOi"]);
  });

  it.each([
    ["a missing partition", noPartition],
    ["a server error", refuses(500)],
    ["a network failure", unreachable],
  ])("is tried again after %s", async (_, step) => {
    const { requests, delays, options } = realtime(step, step);
    await broadcast(["a"], options);
    expect(requests).toHaveLength(3);
    expect(delays).toEqual([100, 400]);
  });

  it("does not wait for a silent Realtime twice, but goes through the database", async () => {
    const { requests, delays, stored, options } = realtimeAndDatabase(silent);
    expect(await broadcast(["a"], options)).toBe("database");
    expect([requests.length, delays, stored]).toEqual([1, [], [["a"]]]);
  });

  it("is unavailable after three tries", async () => {
    const { requests, options } = realtime(noPartition, unreachable, refuses(503));
    await expect(broadcast(["a"], options)).rejects.toMatchObject({
      code: "realtime_unavailable",
      headers: { "retry-after": "5" },
    });
    expect(requests).toHaveLength(3);
  });

  it.each([400, 401, 403, 404, 413, 422])("is not tried again after a %i", async (status) => {
    const { requests, options } = realtime(refuses(status));
    await expect(broadcast(["a"], options)).rejects.toMatchObject({ code: "realtime_unavailable" });
    expect(requests).toHaveLength(1);
  });

  it("keeps for the log why Realtime did not take it, without the channel's signature", async () => {
    const channel = `conv-7-${"a".repeat(64)}`;
    const unauthorized = refuses(403, JSON.stringify({ message: `Unauthorized: ${channel}` }));
    const { options } = realtime(unauthorized, unauthorized);
    const error = await broadcast([channel, "b"], options).catch((error: unknown) => error);
    expect(error).toMatchObject({ cause: { message: 'Realtime: 403 {"message":"Unauthorized: conv-7-…"}' } });
  });

  it("keeps no part of a signature where a long answer is cut", async () => {
    const refusal = refuses(403, `${"x".repeat(150)}-${"a".repeat(64)}`);
    const error: unknown = await broadcast(["b"], realtime(refusal).options).catch((error: unknown) => error);
    expect(error).toMatchObject({ cause: { message: expect.not.stringContaining("aaa") } });
  });

  it("is limited when Realtime is, and says for how long", async () => {
    const { requests, options } = realtime(refuses(429, '{"message":"Connection pool exhausted"}'));
    await expect(broadcast(["a"], options)).rejects.toMatchObject({
      code: "rate_limited",
      headers: { "retry-after": "5" },
      cause: { message: expect.stringContaining("Connection pool exhausted") },
    });
    expect(requests).toHaveLength(1);
    const named = realtime(refuses(429, "{}", { "retry-after": "17" }));
    await expect(broadcast(["a"], named.options)).rejects.toMatchObject({ headers: { "retry-after": "17" } });
    for (const strange of ["soon", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1.5", "999999"]) {
      const { options } = realtime(refuses(429, "{}", { "retry-after": strange }));
      await expect(broadcast(["a"], options)).rejects.toMatchObject({ headers: { "retry-after": "5" } });
    }
  });

  it("succeeds only when every channel did", async () => {
    const { options } = realtime(queued, refuses(403), queued);
    await expect(broadcast(["a", "b", "c"], options)).rejects.toMatchObject({ code: "realtime_unavailable" });
  });
});

describe("the way through the database", () => {
  it.each([
    ["a reached limit", [refuses(429)]],
    ["three failures of the network", [unreachable, unreachable, unreachable]],
    ["a partition that does not come", [noPartition, noPartition, noPartition]],
  ])("is taken after %s", async (_, steps) => {
    const { options, stored } = realtimeAndDatabase(...steps);
    await expect(broadcast(["a"], options)).resolves.toBe("database");
    expect(stored).toEqual([["a"]]);
  });

  it("is one call for all channels that Realtime did not take", async () => {
    const { options, stored, requests } = realtimeAndDatabase(refuses(429), queued, refuses(429));
    await expect(broadcast(["a", "b", "c"], options)).resolves.toBe("database");
    expect([stored, requests.length]).toEqual([[["a", "c"]], 3]);
  });

  it("carries the same envelope", async () => {
    const { options, requests } = realtimeAndDatabase(refuses(429));
    let envelope: unknown;
    const fromDatabase = (_: readonly string[], sent: unknown) => Promise.resolve(void (envelope = sent));
    await broadcast(["a"], { ...options, fromDatabase });
    expect(JSON.parse(String(requests[0]?.init.body))).toEqual(envelope);
  });

  it("is not taken while the first one works, nor for what Realtime refuses", async () => {
    const works = realtimeAndDatabase();
    await expect(broadcast(["a"], works.options)).resolves.toBe("rest");
    const refused = realtimeAndDatabase(refuses(403), refuses(429));
    await expect(broadcast(["a", "b"], refused.options)).rejects.toMatchObject({ code: "rate_limited" });
    expect([works.stored, refused.stored]).toEqual([[], []]);
  });

  it("adds its reason to that of Realtime when it fails too", async () => {
    const { options } = realtime(refuses(429, '{"message":"Too many requests"}'));
    await expect(broadcast(["a"], options)).rejects.toMatchObject({
      code: "rate_limited",
      cause: { message: 'Realtime: 429 {"message":"Too many requests"}; no partition' },
    });
  });
});
