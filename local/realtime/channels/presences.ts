/**
 * Who is present where. A key's metas are those of all channels that track under it.
 * Source: Phoenix.Presence, and supabase/realtime, lib/realtime_web/channels/presence.ex.
 */
import type { JsonObject } from "../json.ts";
import { type Address, addressKey, type ChannelRegistry, TOPIC_PREFIX } from "./registry.ts";

export interface Meta extends JsonObject {
  phx_ref: string;
  /** The reference that an update took the place of. */
  phx_ref_prev?: string;
}

export type PresenceState = Record<string, { metas: Meta[] }>;

interface Tracked {
  key: string;
  payload: string;
  meta: Meta;
}

/** One channel, as far as presence goes. */
export interface Tracker {
  readonly address: Address;
}

const NOTHING: PresenceState = {};

export class Presences {
  readonly #registry: ChannelRegistry;
  readonly #topics = new Map<string, Map<Tracker, Tracked>>();

  constructor(registry: ChannelRegistry) {
    this.#registry = registry;
  }

  state(address: Address): PresenceState {
    const state: PresenceState = {};
    for (const { key, meta } of this.#topics.get(addressKey(address))?.values() ?? []) {
      state[key] = { metas: [...state[key]?.metas ?? [], meta] };
    }
    return state;
  }

  /** Whether the channel tracks just that already. */
  tracks(tracker: Tracker, payload: JsonObject): boolean {
    return this.#topics.get(addressKey(tracker.address))?.get(tracker)?.payload === JSON.stringify(payload);
  }

  /** Tells everybody. */
  track(tracker: Tracker, key: string, payload: JsonObject): void {
    const topic = addressKey(tracker.address);
    const trackers = this.#topics.get(topic) ?? new Map<Tracker, Tracked>();
    const before = trackers.get(tracker);
    const meta: Meta = { ...payload, phx_ref: crypto.randomUUID() };
    if (before) meta.phx_ref_prev = before.meta.phx_ref;
    trackers.set(tracker, { key, payload: JSON.stringify(payload), meta });
    this.#topics.set(topic, trackers);
    this.#tell(tracker.address, {
      joins: { [key]: { metas: [meta] } },
      leaves: before ? { [key]: { metas: [before.meta] } } : NOTHING,
    });
  }

  /** Tells everybody, if the channel tracked anything. */
  untrack(tracker: Tracker): void {
    const topic = addressKey(tracker.address);
    const trackers = this.#topics.get(topic);
    const before = trackers?.get(tracker);
    if (!trackers || !before) return;
    trackers.delete(tracker);
    if (trackers.size === 0) this.#topics.delete(topic);
    this.#tell(tracker.address, { joins: NOTHING, leaves: { [before.key]: { metas: [before.meta] } } });
  }

  #tell(address: Address, payload: { joins: PresenceState; leaves: PresenceState }): void {
    const topic = TOPIC_PREFIX + address.topic;
    for (const member of this.#registry.members(address)) {
      if (!member.receivesPresence) continue;
      member.deliver(
        member.codec.encode({
          joinRef: null,
          ref: null,
          topic,
          event: "presence_diff",
          payload: { ...payload },
        }),
      );
    }
  }
}
