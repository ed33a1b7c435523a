import { RealtimeError } from "../errors.ts";
import { asObject, isObject } from "../json.ts";

/** What a client asks for in `phx_join`. */
export interface JoinRequest {
  private: boolean;
  /** `replay`: as sent, `undefined` where none is asked for. */
  broadcast: { ack: boolean; self: boolean; replicationReady: boolean; replay: unknown };
  presence: { key: string; enabled: boolean };
  /** Requested Postgres changes, as sent. */
  postgresChanges: Record<string, unknown>[];
  /** The channel's own token; `null` means that of the connection. */
  accessToken: string | null;
}

/**
 * Reads a join payload leniently: a setting that does not fit has its default. One without `config` is from the time before it:
 * the topic says which Postgres changes it is about. Throws a `RealtimeError` where Realtime stumbles: a payload, `config` or
 * `broadcast` that is no object.
 */
export function parseJoin(payload: unknown, topic: string): JoinRequest {
  if (!isObject(payload)) throw unreadable(`expected params to be a :map, got: \`${inElixir(payload)}\``);
  const join = payload;
  const config = settings(join, "config");
  const broadcast = settings(config, "broadcast");
  const presence = asObject(config.presence);
  const changes = "config" in join ? config.postgres_changes : [changesOf(topic)];
  return {
    private: asBoolean(config.private),
    broadcast: {
      ack: asBoolean(broadcast.ack),
      self: asBoolean(broadcast.self),
      replicationReady: asBoolean(broadcast.replication_ready),
      replay: broadcast.replay,
    },
    presence: {
      key: typeof presence.key === "string" && presence.key ? presence.key : crypto.randomUUID(),
      enabled: asBoolean(presence.enabled),
    },
    postgresChanges: Array.isArray(changes) ? changes.filter((change) => change !== null).map(asObject) : [],
    accessToken: ownToken(join),
  };
}

function settings(of: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = of[name];
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw unreadable(`expected ${name} to be a :map, got: \`${inElixir(value)}\``);
}

function unreadable(message: string): RealtimeError {
  return new RealtimeError("UnknownErrorOnChannel", message);
}

/** A JSON value that is no object, as Elixir writes it. */
function inElixir(value: unknown): string {
  if (value === null || value === undefined) return "nil";
  return Array.isArray(value) ? `[${value.map(inElixir).join(", ")}]` : JSON.stringify(value);
}

/** `schema[:table[:filter]]`, as topics said before joins did. */
function changesOf(topic: string): Record<string, unknown> {
  const [schema, table, ...filter] = topic.split(":");
  return {
    schema,
    ...table !== undefined && { table },
    ...filter.length > 0 && { filter: filter.join(":") },
  };
}

/** Realtime also takes booleans as text. */
function asBoolean(value: unknown): boolean {
  return value === true || (typeof value === "string" && value.toLowerCase() === "true");
}

/** `user_token` is the older name. A project key (`sb_…`) is no token: the connection's stands in. */
function ownToken({ access_token, user_token }: Record<string, unknown>): string | null {
  const preferred = access_token ?? user_token;
  if (typeof preferred === "string" && preferred.startsWith("sb_")) return null;
  if (typeof user_token === "string") return user_token;
  return typeof access_token === "string" ? access_token : null;
}
