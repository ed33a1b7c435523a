import type { BusSettings } from "./bus/bus.ts";

/** What a gateway is configured with. */
export interface Settings {
  /** Of the project's Postgres: direct, or of a pooler that keeps sessions. Never one that gives each transaction another. */
  databaseUrl: string;
  /** Of the project's API. */
  supabaseUrl: string;
  publishableKey: string;
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** Header in which a trusted proxy names the client; `null`: whoever connects is the client. */
  addressHeader: string | null;
  /** The only host names under which it answers; `null`: any. */
  hostNames: readonly string[] | null;
  /** Milliseconds between two looks into the log. */
  pollMs: number;
  bus: BusSettings;
}

type Get = (name: string) => string | undefined;

const POLL_MS = 40;
const PORT = 54330;

/** Reads the environment through `get`. Throws, naming the variable, if one is missing or broken. */
export function readSettings(get: Get): Settings {
  return {
    databaseUrl: required(get, "SUPABASE_DB_URL"),
    supabaseUrl: required(get, "SUPABASE_URL").replace(/\/+$/, ""),
    publishableKey: required(get, "SUPABASE_PUBLISHABLE_KEY"),
    host: get("HEDDLE_GATEWAY_HOST") || "127.0.0.1",
    port: whole(get, "HEDDLE_GATEWAY_PORT", { standard: PORT, least: 0, most: 65_535 }),
    addressHeader: get("HEDDLE_ADDRESS_HEADER")?.toLowerCase() || null,
    hostNames: get("HEDDLE_GATEWAY_NAMES")?.toLowerCase().split(",").map((name) => name.trim()) ?? null,
    pollMs: whole(get, "HEDDLE_GATEWAY_POLL_MS", { standard: POLL_MS, least: 5, most: 10_000 }),
    bus: busOf(get),
  };
}

function busOf(get: Get): BusSettings {
  const kind = get("HEDDLE_GATEWAY_BUS") || "none";
  if (kind === "none") return { kind, natsUrl: null };
  if (kind === "nats") return { kind, natsUrl: required(get, "NATS_URL") };
  throw new Error("HEDDLE_GATEWAY_BUS must be none or nats");
}

function required(get: Get, name: string): string {
  const value = get(name);
  if (!value) throw new Error(`${name} must be set`);
  return value;
}

function whole(
  get: Get,
  name: string,
  { standard, least, most }: Record<"standard" | "least" | "most", number>,
) {
  const text = get(name);
  if (!text) return standard;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Error(`${name} must be a whole number from ${least} to ${most}`);
  }
  return value;
}
