import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { addressHash } from "../../../gateway/readers/address.ts";
import { readSettings } from "../../../gateway/settings.ts";
import { createBucket, Tally } from "../../../gateway/limits.ts";

it("a bucket gives its burst at once, then its rate", () => {
  let time = 0;
  const bucket = createBucket({ rate: 10, burst: 3, now: () => time });
  expect(Array.from({ length: 4 }, () => bucket.take())).toEqual([0, 0, 0, 100]);
  time = 99;
  expect(bucket.take()).toBeGreaterThan(0);
  time = 101;
  expect(bucket.take()).toBe(0);
  time = 10_000;
  expect(Array.from({ length: 4 }, () => bucket.take() > 0)).toEqual([false, false, false, true]);
});

it("whoever holds nothing is forgotten", () => {
  const tally = new Tally();
  tally.add("a", 2);
  tally.add("b", 1);
  tally.add("a", -1);
  expect([tally.of("a"), tally.of("b"), tally.holders]).toEqual([1, 1, 2]);
  tally.add("a", -1);
  expect([tally.of("a"), tally.holders]).toEqual([0, 1]);
});

const hash = (remoteAddress: string, header: string | null = null, headers = {}) =>
  addressHash({ socket: { remoteAddress }, headers } as unknown as IncomingMessage, { header, secret: "s" });

it("an address is one subscriber's: IPv4 as a whole, of IPv6 the first 64 bits", () => {
  expect(hash("192.0.2.1")).toMatch(/^[0-9a-f]{64}$/);
  expect(hash("::ffff:192.0.2.1")).toBe(hash("192.0.2.1"));
  expect(hash("192.0.2.2")).not.toBe(hash("192.0.2.1"));
  expect(hash("2001:db8::1")).toBe(hash("2001:0db8:0:0:ffff::2"));
  expect(hash("2001:db8:0:1::1")).not.toBe(hash("2001:db8::1"));
});

it("a trusted header names the client, of a list the last; without it nobody is known", () => {
  const headers = { "x-forwarded-for": "198.51.100.9, 192.0.2.1" };
  expect(hash("10.0.0.1", "x-forwarded-for", headers)).toBe(hash("192.0.2.1"));
  expect(hash("10.0.0.1", "x-forwarded-for")).toBeNull();
  expect(hash("10.0.0.1", "x-forwarded-for", { "x-forwarded-for": "nonsense" })).toBeNull();
});

const GIVEN: Record<string, string> = {
  SUPABASE_DB_URL: "postgresql://x",
  SUPABASE_URL: "https://p.supabase.co/",
  SUPABASE_PUBLISHABLE_KEY: "k",
};

it("the settings have defaults, and say which variable is wrong", () => {
  const read = (more: Record<string, string> = {}) => readSettings((name) => ({ ...GIVEN, ...more })[name]);
  expect(read()).toEqual({
    databaseUrl: "postgresql://x",
    supabaseUrl: "https://p.supabase.co",
    publishableKey: "k",
    host: "127.0.0.1",
    port: 54330,
    addressHeader: null,
    hostNames: null,
    pollMs: 40,
    bus: { kind: "none", natsUrl: null },
  });
  for (const name of Object.keys(GIVEN)) expect(() => read({ [name]: "" })).toThrow(`${name} must be set`);
  expect(() => read({ HEDDLE_GATEWAY_PORT: "70000" })).toThrow("HEDDLE_GATEWAY_PORT must be a whole number");
  expect(() => read({ HEDDLE_GATEWAY_BUS: "kafka" })).toThrow("HEDDLE_GATEWAY_BUS must be none or nats");
  expect(() => read({ HEDDLE_GATEWAY_BUS: "nats" })).toThrow("NATS_URL must be set");
});
