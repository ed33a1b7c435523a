/**
 * Broadcasts from SQL: a row of `realtime.messages` reaches the members of its topic once its transaction has committed,
 * in the order of the inserts, also when the same transaction has deleted it again. Where Realtime reads a replication
 * slot, a trigger and LISTEN do it here.
 * Source: supabase/realtime, lib/realtime/tenants/replication_connection.ex.
 */
import type { Sql } from "postgres";
import { Gate } from "../channels/order.ts";
import type { ChannelRegistry } from "../channels/registry.ts";
import { type Clock, delay } from "../clock.ts";
import type { UserBroadcast } from "../codec/codec.ts";
import type { Rate } from "../limits/rate.ts";
import type { Settings } from "../settings.ts";
import type { MessageRow } from "./trigger.ts";
import { createRowReader, NOTIFICATIONS } from "./trigger.ts";

const PROBE_INTERVAL_MS = 500;

export interface Replication {
  /** Somebody has joined: there is a reason to listen to the database. */
  begin(): void;
  /**
   * Whether, from the moment it resolves on, every message that commits is delivered. `false` when that could not be
   * established within so many milliseconds.
   */
  established(withinMs: number): Promise<boolean>;
}

/** As in a project that was quiet, where Realtime takes a while until it listens to the database. */
export interface HeldReplication {
  /** What is sent from now on is lost. */
  hold(): void;
  release(): void;
}

interface ReplicationParts {
  sql: Sql;
  registry: ChannelRegistry;
  clock: Clock;
  settings: Pick<Settings, "payloadBytes">;
  messages: Rate;
  log(line: string): void;
}

/** Starts to deliver. `started` resolves once the first connection stands or has failed; the driver connects again. */
export function createReplication(
  parts: ReplicationParts,
): Pick<Replication, "established"> & HeldReplication & { started: Promise<void> } {
  const { sql, registry, clock, settings, messages, log } = parts;
  const probes = new Map<string, () => void>();
  const readRow = createRowReader();
  const start = new Gate();
  let isListening = true;

  const started = sql.listen(NOTIFICATIONS, hear).then(() => undefined, (error: unknown) => {
    log(`realtime: no broadcasts from the database for now: ${String(error)}`);
  });

  function hear(notification: string) {
    const [kind, ...rest] = notification.split(" ");
    const text = rest.join(" ");
    if (kind === "probe") {
      isListening = start.isOpen;
      return probes.get(text)?.();
    }
    const row = readRow(text);
    if (row && isListening) send(row);
  }

  function hold() {
    start.close();
    isListening = false;
  }

  /** What was sent before may be heard after this, and is lost all the same: up to the first probe. */
  function release() {
    start.open();
    if (!isListening) void established(Infinity);
  }

  function send(row: MessageRow) {
    const broadcast = toBroadcast(row);
    if (broadcast.payload.length > settings.payloadBytes) {
      return log("realtime: UnableToBroadcastChanges: payload");
    }
    if (messages.reached) return log("realtime: UnableToBroadcastChanges: too many requests");
    messages.count();
    try {
      registry.broadcast({ topic: row.topic, private: row.private }, broadcast);
    } catch (error) {
      log(`realtime: UnableToBroadcastChanges: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Notifies itself until it hears that: a connection that only seems alive would not. */
  async function established(withinMs: number): Promise<boolean> {
    const id = crypto.randomUUID();
    const giveUpAt = clock.now() + withinMs;
    if (!start.isOpen) await Promise.race([start.passed(), delay(clock, withinMs)]);
    if (!start.isOpen) return false;
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

  return { started, established, hold, release };
}

function toBroadcast({ id, event, payload, binary_payload }: MessageRow): UserBroadcast {
  const meta = { id };
  if (payload === null) {
    return { kind: "user", event, encoding: "binary", payload: Uint8Array.from(binary_payload ?? []), meta };
  }
  return { kind: "user", event, encoding: "json", payload: new TextEncoder().encode(payload), meta };
}
