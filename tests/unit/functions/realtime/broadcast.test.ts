import { describe, expect, it } from "vitest";
import { createBroadcast } from "../../../../supabase/functions/_shared/realtime/broadcast.ts";

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
  const envelopes: unknown[] = [];
  let secretKey = "sb_secret_x";
  let now = Date.parse("2026-01-01T00:00:00Z");
  const broadcast = createBroadcast({
    project: () => ({ supabaseUrl: "https://project.example", secretKey }),
    now: () => now,
    fetch: ((url: string, init: RequestInit) => {
      const step = steps[requests.length] ?? queued;
      requests.push({ url, init });
      return new Promise((resolve) => resolve(step()));
    }) as typeof globalThis.fetch,
    sleep: (ms: number) => {
      delays.push(ms);
      return Promise.resolve();
    },
    fromDatabase: (channels, envelope) => {
      stored.push([...channels]);
      envelopes.push(envelope);
      return database === "takes it" ? Promise.resolve() : Promise.reject(new Error("no partition"));
    },
  });
  return {
    requests,
    delays,
    stored,
    envelopes,
    broadcast,
    refresh: (...channels: string[]) => broadcast(channels, { type: "refresh", data: {} }),
    setKey: (key: string) => void (secretKey = key),
    wait: (ms: number) => void (now += ms),
  };
}

describe("a broadcast", () => {
  it("is one private message for each channel, with the same envelope, under its type's name", async () => {
    const { requests, broadcast } = realtime();
    await broadcast(["conv-a b/🌿-00", "conv-c-00"], { type: "message:new", data: { n: 1 } });
    expect(requests.map(({ url }) => url)).toEqual([
      "https://project.example/realtime/v1/api/broadcast/conv-a%20b%2F%F0%9F%8C%BF-00/events/message%3Anew?private=true",
      "https://project.example/realtime/v1/api/broadcast/conv-c-00/events/message%3Anew?private=true",
    ]);
    const [first, second] = requests.map(({ init }) => String(init.body));
    expect(first).toBe(second);
    expect(JSON.parse(first ?? "")).toEqual({
      v: 1,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: "message:new",
      at: "2026-01-01T00:00:00.000Z",
      data: { n: 1 },
    });
  });

  it("keeps what its data says below the envelope, where Realtime does not look", async () => {
    const { requests, broadcast } = realtime();
    await broadcast(["a"], { type: "x-own", data: { private: false, topic: "b" } });
    expect(Object.keys(JSON.parse(String(requests[0]?.init.body)))).toEqual([
      "v",
      "id",
      "type",
      "at",
      "data",
    ]);
  });

  it("sends a key as bearer token only when it is a JWT", async () => {
    const { requests, refresh, setKey } = realtime();
    await refresh("a");
    setKey("eyJhbGciOi");
    await refresh("a");
    const headers = requests.map(({ init }) => new Headers(init.headers));
    expect(headers.map((each) => each.get("apikey"))).toEqual(["sb_secret_x", "eyJhbGciOi"]);
    expect(headers.map((each) => each.get("authorization"))).toEqual([null, "Bearer eyJhbGciOi"]);
  });

  it.each([
    ["a missing partition", noPartition],
    ["a server error", refuses(500)],
    ["a network failure", unreachable],
  ])("is tried again after %s", async (_, step) => {
    const { requests, delays, refresh } = realtime(step, step);
    await refresh("a");
    expect(requests).toHaveLength(3);
    expect(delays).toEqual([100, 400]);
  });

  it("does not wait for a silent Realtime twice, but goes through the database", async () => {
    const { requests, delays, stored, refresh } = realtimeAndDatabase(silent);
    expect(await refresh("a")).toBe("database");
    expect([requests.length, delays, stored]).toEqual([1, [], [["a"]]]);
  });

  it("is unavailable after three tries", async () => {
    const { requests, refresh } = realtime(noPartition, unreachable, refuses(503));
    await expect(refresh("a")).rejects.toMatchObject({
      code: "realtime_unavailable",
      headers: { "retry-after": "5" },
    });
    expect(requests).toHaveLength(3);
  });

  it.each([400, 401, 403, 404, 413, 422])("is not tried again after a %i", async (status) => {
    const { requests, refresh } = realtime(refuses(status));
    await expect(refresh("a")).rejects.toMatchObject({ code: "realtime_unavailable" });
    expect(requests).toHaveLength(1);
  });

  it("keeps for the log why Realtime did not take it, without the channel's signature", async () => {
    const channel = `conv-7-${"a".repeat(64)}`;
    const unauthorized = refuses(403, JSON.stringify({ message: `Unauthorized: ${channel}` }));
    const { refresh } = realtime(unauthorized, unauthorized);
    const error = await refresh(channel, "b").catch((error: unknown) => error);
    expect(error).toMatchObject({ cause: { message: 'Realtime: 403 {"message":"Unauthorized: conv-7-…"}' } });
  });

  it("keeps no part of a signature where a long answer is cut", async () => {
    const refusal = refuses(403, `${"x".repeat(150)}-${"a".repeat(64)}`);
    const error: unknown = await realtime(refusal).refresh("b").catch((error: unknown) => error);
    expect(error).toMatchObject({ cause: { message: expect.not.stringContaining("aaa") } });
  });

  it("is limited when Realtime is, and says for how long", async () => {
    const { requests, refresh } = realtime(refuses(429, '{"message":"Connection pool exhausted"}'));
    await expect(refresh("a")).rejects.toMatchObject({
      code: "rate_limited",
      headers: { "retry-after": "5" },
      cause: { message: expect.stringContaining("Connection pool exhausted") },
    });
    expect(requests).toHaveLength(1);
    const named = realtime(refuses(429, "{}", { "retry-after": "17" }));
    await expect(named.refresh("a")).rejects.toMatchObject({ headers: { "retry-after": "17" } });
    for (const strange of ["soon", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1.5", "999999"]) {
      const { refresh } = realtime(refuses(429, "{}", { "retry-after": strange }));
      await expect(refresh("a")).rejects.toMatchObject({ headers: { "retry-after": "5" } });
    }
  });

  it("succeeds only when every channel did", async () => {
    const { refresh } = realtime(queued, refuses(403));
    await expect(refresh("a", "b")).rejects.toMatchObject({ code: "realtime_unavailable" });
  });
});

describe("the route through the database", () => {
  it.each([
    ["a reached limit", [refuses(429)]],
    ["three failures of the network", [unreachable, unreachable, unreachable]],
    ["a partition that does not come", [noPartition, noPartition, noPartition]],
    ["a Realtime without the endpoint", [refuses(404)]],
  ])("is taken after %s", async (_, steps) => {
    const { refresh, stored } = realtimeAndDatabase(...steps);
    await expect(refresh("a")).resolves.toBe("database");
    expect(stored).toEqual([["a"]]);
  });

  it("is taken for those channels only that Realtime did not take", async () => {
    const { refresh, stored, requests } = realtimeAndDatabase(queued, refuses(429));
    await expect(refresh("a", "b")).resolves.toBe("database");
    expect([stored, requests.length]).toEqual([[["b"]], 2]);
  });

  it("carries the same envelope", async () => {
    const { refresh, requests, envelopes } = realtimeAndDatabase(refuses(429));
    await refresh("a");
    expect(JSON.parse(String(requests[0]?.init.body))).toEqual(envelopes[0]);
  });

  it("is not taken while the first one works, nor for what Realtime refuses", async () => {
    const works = realtimeAndDatabase();
    await expect(works.refresh("a")).resolves.toBe("rest");
    const refused = realtimeAndDatabase(refuses(403), refuses(429));
    await expect(refused.refresh("a", "b")).rejects.toMatchObject({ code: "rate_limited" });
    expect([works.stored, refused.stored]).toEqual([[], []]);
  });

  it("adds its reason to that of Realtime when it fails too", async () => {
    const { refresh } = realtime(refuses(429, '{"message":"Too many requests"}'));
    await expect(refresh("a")).rejects.toMatchObject({
      code: "rate_limited",
      cause: { message: 'Realtime: 429 {"message":"Too many requests"}; no partition' },
    });
  });

  it("is one call for more than two channels, without a request", async () => {
    const { refresh, stored, requests } = realtimeAndDatabase();
    await expect(refresh("a", "b", "c")).resolves.toBe("database");
    expect([stored, requests]).toEqual([[["a", "b", "c"]], []]);
  });

  it("is taken by those beyond four that are under way, and by none after them", async () => {
    const { refresh, stored, requests } = realtimeAndDatabase();
    const routes = await Promise.all(["a", "b", "c", "d", "e", "f"].map((channel) => refresh(channel)));
    expect(routes).toEqual(["rest", "rest", "rest", "rest", "database", "database"]);
    expect([stored, requests.length]).toEqual([[["e"], ["f"]], 4]);
    await expect(refresh("g")).resolves.toBe("rest");
  });

  it("counts those under way that fail as over, too", async () => {
    const { refresh } = realtimeAndDatabase(...Array(5).fill(refuses(403)));
    for (let n = 0; n < 5; n++) await expect(refresh("a")).rejects.toThrow();
    await expect(refresh("a")).resolves.toBe("rest");
  });

  it("is taken for ten minutes where Realtime has no endpoint, before it is asked again", async () => {
    const { refresh, requests, wait } = realtimeAndDatabase(refuses(404), refuses(404));
    await refresh("a");
    wait(10 * 60_000 - 1);
    await expect(refresh("a")).resolves.toBe("database");
    expect(requests).toHaveLength(1);
    wait(1);
    await expect(refresh("a")).resolves.toBe("database");
    expect(requests).toHaveLength(2);
  });

  it("has REST behind it where it comes first, and is not tried twice", async () => {
    const { refresh, stored, requests } = realtime();
    await expect(refresh("a", "b", "c")).resolves.toBe("rest");
    expect([stored.length, requests.length]).toEqual([1, 3]);
    const neither = realtime(refuses(429), refuses(429), refuses(429));
    await expect(neither.refresh("a", "b", "c")).rejects.toMatchObject({
      code: "rate_limited",
      cause: { message: "Realtime: no partition; 429 {}" },
    });
    expect(neither.stored).toHaveLength(1);
  });
});
