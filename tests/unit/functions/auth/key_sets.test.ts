import type { JSONWebKeySet } from "jose";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createKeySets } from "../../../../supabase/functions/_shared/auth/key_sets.ts";
import { newProviderKey } from "../../../support/identity_provider.ts";

const URL = "https://login.example/jwks.json";
const SECOND = 1000;
const MINUTE = 60 * SECOND;

let first: JSONWebKeySet;
let rotated: JSONWebKeySet;
let now: number;
let loads: string[];
let load: () => Promise<JSONWebKeySet>;
let keysOf: ReturnType<typeof createKeySets>;

beforeAll(async () => {
  const [a, b] = await Promise.all([newProviderKey("ES256", "a"), newProviderKey("ES256", "b")]);
  first = { keys: [a.jwk] };
  rotated = { keys: [b.jwk] };
});
beforeEach(() => {
  now = 1_000_000;
  loads = [];
  load = () => Promise.resolve(first);
  keysOf = createKeySets({
    load(url) {
      loads.push(url);
      return load();
    },
    now: () => now,
  });
});

const find = async (kid: string, url = URL) =>
  await keysOf(url)({ alg: "ES256", kid }, { payload: "", signature: "" });
const unknown = { code: "ERR_JWKS_NO_MATCHING_KEY" };
const failed = { code: "source_failed", status: 502 };

describe("a provider's keys", () => {
  it("are asked for once, also by many at a time", async () => {
    await Promise.all(Array.from({ length: 20 }, () => find("a")));
    await find("a");
    expect(loads).toEqual([URL]);
  });

  it("of each provider are its own", async () => {
    await find("a");
    load = () => Promise.resolve(rotated);
    await expect(find("a", "https://other.example/jwks.json")).rejects.toMatchObject(unknown);
  });

  it("are asked for again after ten minutes, so that a withdrawn key stops counting", async () => {
    await find("a");
    load = () => Promise.resolve(rotated);
    now += 10 * MINUTE - 1;
    await find("a");
    now += 1;
    await expect(find("a")).rejects.toMatchObject(unknown);
    expect(loads).toHaveLength(2);
  });

  it("are asked for again when a token names a new one", async () => {
    await find("a");
    load = () => Promise.resolve(rotated);
    now += 30 * SECOND;
    await find("b");
    expect(loads).toHaveLength(2);
  });

  it("are asked for at most every 30 seconds, however many key ids a stranger makes up", async () => {
    await find("a");
    for (let second = 0; second < 60; second++) {
      now += SECOND;
      await expect(find(`made up ${second}`)).rejects.toMatchObject(unknown);
    }
    expect(loads).toHaveLength(3);
  });

  it("still count for an hour when the provider is down, which is asked every 30 seconds at most", async () => {
    await find("a");
    load = () => Promise.reject(new Error("down"));
    now += 10 * MINUTE;
    await find("a");
    await find("a");
    expect(loads).toHaveLength(2);
    now += 50 * MINUTE - 1;
    await find("a");
    now += 1;
    await expect(find("a")).rejects.toMatchObject(failed);
    expect(loads).toHaveLength(3);
  });

  it("that can't be had are no fault of the visitor, and are not asked for by every one of them", async () => {
    load = () => Promise.reject(new Error("down"));
    await Promise.all([find("a"), find("a")].map((found) => expect(found).rejects.toMatchObject(failed)));
    await expect(find("a")).rejects.toMatchObject(failed);
    expect(loads).toHaveLength(1);
    load = () => Promise.resolve(first);
    now += 30 * SECOND;
    await find("a");
  });

  it("that are none are as good as not to be had", async () => {
    load = () => Promise.resolve({ keys: ["no key"] } as unknown as JSONWebKeySet);
    await expect(find("a")).rejects.toMatchObject(failed);
  });

  it("are asked for at most every 30 seconds, however many providers there are", async () => {
    for (let round = 0; round < 5; round++) {
      for (let count = 0; count < 150; count++) await find("a", `https://${count}.example/`);
      now += SECOND;
    }
    expect(loads).toHaveLength(150);
    expect(new Set(loads).size).toBe(150);
  });

  it("of more than a hundred providers are forgotten, the oldest first, once they may be asked for again", async () => {
    for (let count = 0; count < 101; count++) await find("a", `https://${count}.example/`);
    now += 30 * SECOND;
    await find("a", "https://101.example/");
    await find("a", "https://2.example/");
    expect(loads).toHaveLength(102);
    await find("a", "https://0.example/");
    expect(loads).toHaveLength(103);
  });
});
