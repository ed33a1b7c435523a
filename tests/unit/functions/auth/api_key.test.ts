import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createApiKeys } from "../../../../supabase/functions/_shared/auth/api_key.ts";

const KEY = "hdl_a_key";

function setUp() {
  const known = new Map([[sha256(KEY), { scopes: ["publish"] }]]);
  const state: { now: number; lookUps: number; known: typeof known; failure?: Error } = {
    now: 0,
    lookUps: 0,
    known,
  };
  const keys = createApiKeys({
    lookUp: (hash) => {
      state.lookUps++;
      if (state.failure) return Promise.reject(state.failure);
      return Promise.resolve(known.get(hash) ?? null);
    },
    now: () => state.now,
  });
  const require = (key?: string, scope = "publish") =>
    keys.require(new Request("http://x/", { headers: key === undefined ? {} : { "x-api-key": key } }), scope);
  return { state, require };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("API keys", () => {
  it("are looked up once in 30 seconds", async () => {
    const { state, require } = setUp();
    await require(KEY);
    state.now = 29_999;
    await require(KEY);
    expect(state.lookUps).toBe(1);
    state.now = 30_000;
    await require(KEY);
    expect(state.lookUps).toBe(2);
  });

  it("stop working within 30 seconds of being revoked, however busy", async () => {
    const { state, require } = setUp();
    await require(KEY);
    state.known.clear();
    for (state.now = 1_000; state.now < 30_000; state.now += 1_000) await require(KEY);
    await expect(require(KEY)).rejects.toMatchObject({ code: "invalid_api_key" });
  });

  it("that are none are looked up once in 30 seconds, and take no good one's place", async () => {
    const { state, require } = setUp();
    await require(KEY);
    for (let count = 0; count < 3; count++) {
      await expect(require("hdl_new")).rejects.toMatchObject({ code: "invalid_api_key" });
    }
    expect(state.lookUps).toBe(2);
    state.known.set(sha256("hdl_new"), { scopes: ["publish"] });
    state.now = 30_000 - 1;
    await expect(require("hdl_new")).rejects.toMatchObject({ code: "invalid_api_key" });
    for (let count = 0; count < 2_000; count++) await require(`hdl_${count}`).catch(() => undefined);
    const before = state.lookUps;
    await require(KEY);
    expect(state.lookUps).toBe(before);
    state.now = 30_000;
    await expect(require("hdl_new")).resolves.toEqual({ scopes: ["publish"] });
  });

  it("that can't be looked up are not taken for unknown ones", async () => {
    const { state, require } = setUp();
    state.failure = new Error("rate limited");
    await expect(require(KEY)).rejects.toBe(state.failure);
    state.failure = undefined;
    await expect(require(KEY)).resolves.toEqual({ scopes: ["publish"] });
  });

  it("are refused when absent, unknown, overlong, or without the scope", async () => {
    const { require } = setUp();
    await expect(require()).rejects.toMatchObject({ code: "missing_api_key", status: 401 });
    await expect(require("hdl_other")).rejects.toMatchObject({ code: "invalid_api_key", status: 401 });
    await expect(require("x".repeat(5000))).rejects.toMatchObject({ code: "invalid_api_key" });
    await expect(require(KEY, "admin")).rejects.toMatchObject({ code: "invalid_api_key" });
  });
});
