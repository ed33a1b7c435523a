/**
 * Broadcasts from SQL: a row of `realtime.messages` reaches the members of its topic once its transaction has committed,
 * in the order of the inserts. Where Realtime reads a replication slot, a trigger and LISTEN do it here.
 * Source: supabase/realtime, lib/realtime/tenants/replication_connection.ex.
 */
import type { Sql } from "postgres";
import type { ChannelRegistry } from "../channels/registry.ts";
import { type Clock, delay } from "../clock.ts";
import type { UserBroadcast } from "../codec/codec.ts";
import { FieldTooLong } from "../codec/codec.ts";
import type { Rate } from "../limits/rate.ts";
import type { Settings } from "../settings.ts";
import type { MessageRow } from "./message_row.ts";
import { NOTIFICATIONS } from "./trigger.ts";

const ROWS_AT_ONCE = 100;
const PROBE_INTERVAL_MS = 500;

export interface Replication {
  /** Somebody has joined: from now on there is a reason to listen to the database. */
  begin(): void;
  /**
   * Whether, from the moment it resolves on, every message that commits is delivered. `false` when that could not be
   * established within so many milliseconds.
   */
  established(withinMs: number): Promise<boolean>;
}

interface ReplicationParts {
  sql: Sql;
  registry: ChannelRegistry;
  clock: Clock;
  settings: Pick<Settings, "payloadBytes" | "replicationStartMs">;
  messages: Rate;
  log(line: string): void;
}

/** Starts to deliver. `started` resolves once the first connection stands or has failed; the driver connects again. */
export function createReplication(parts: ReplicationParts): Replication & { started: Promise<void> } {
  const { sql, registry, clock, settings, messages, log } = parts;
  const probes = new Map<string, () => void>();
  let waiting: string[] = [];
  let delivering = false;
  let start = { afterMs: NaN, at: Infinity };

  const started = sql.listen(NOTIFICATIONS, hear).then(() => undefined, (error: unknown) => {
    log(`realtime: no broadcasts from the database for now: ${String(error)}`);
  });

  function begin() {
    const { replicationStartMs: afterMs } = settings;
    if (start.afterMs !== afterMs) start = { afterMs, at: clock.now() + afterMs };
  }

  function hear(notification: string) {
    const [kind, id = ""] = notification.split(" ");
    if (kind === "probe") return probes.get(id)?.();
    if (clock.now() < start.at) return;
    waiting.push(id);
    if (!delivering) void deliver();
  }

  async function deliver() {
    delivering = true;
    while (waiting.length > 0) {
      const ids = waiting.slice(0, ROWS_AT_ONCE);
      waiting = waiting.slice(ROWS_AT_ONCE);
      try {
        const rows = new Map((await read(ids)).map((row) => [row.id, row]));
        for (const id of ids) send(rows.get(id));
      } catch (error) {
        log(`realtime: broadcasts from the database were lost: ${String(error)}`);
      }
    }
    delivering = false;
  }

  function read(ids: string[]) {
    return sql<MessageRow[]>`
      select id, topic, event, private, payload::text as payload, binary_payload
      from realtime.messages where id = any(${ids}::uuid[])`;
  }

  function send(row: MessageRow | undefined) {
    if (!row) return;
    const broadcast = toBroadcast(row);
    if (broadcast.payload.length > settings.payloadBytes) {
      return log("realtime: UnableToBroadcastChanges: payload");
    }
    if (messages.reached) return log("realtime: UnableToBroadcastChanges: too many requests");
    messages.count();
    try {
      registry.broadcast({ topic: row.topic, private: row.private }, broadcast);
    } catch (error) {
      if (!(error instanceof FieldTooLong)) throw error;
      log(`realtime: UnableToBroadcastChanges: ${error.message}`);
    }
  }

  /** Notifies itself until it hears that: a connection that only seems alive would not. */
  async function established(withinMs: number): Promise<boolean> {
    const id = crypto.randomUUID();
    const giveUpAt = clock.now() + withinMs;
    await delay(clock, Math.min(start.at - clock.now(), withinMs));
    if (clock.now() < start.at) return false;
    const heard = new Promise<true>((resolve) => probes.set(id, () => resolve(true)));
    try {
      for (;;) {
        const failed = await sql.notify(NOTIFICATIONS, `probe ${id}`).then(() => false, () => true);
        const pause = delay(clock, PROBE_INTERVAL_MS).then(() => false);
        if (await (failed ? pause : Promise.race([heard, pause]))) return true;
        if (clock.now() >= giveUpAt) return false;
      }
    } finally {
      probes.delete(id);
    }
  }

  return { begin, started, established };
}

function toBroadcast({ id, event, payload, binary_payload }: MessageRow): UserBroadcast {
  const meta = { id };
  if (payload === null) {
    return { kind: "user", event, encoding: "binary", payload: Uint8Array.from(binary_payload ?? []), meta };
  }
  return { kind: "user", event, encoding: "json", payload: new TextEncoder().encode(payload), meta };
}
