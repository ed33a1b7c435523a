import type { Broadcast, Codec, Frame } from "../codec/codec.ts";

export const TOPIC_PREFIX = "realtime:";

/** Public and private channels of one name are two channels that never hear each other. */
export interface Address {
  /** Without the `realtime:` prefix. */
  topic: string;
  private: boolean;
}

export interface Subscriber {
  readonly codec: Codec;
  /** Presence-only readers are members that receive no broadcasts. */
  readonly receivesBroadcasts: boolean;
  readonly receivesPresence: boolean;
  /** Ids of messages that it has heard at its join. */
  readonly replayed: ReadonlySet<string>;
  deliver(frame: Frame): void;
}

export interface TopicCount extends Address {
  members: number;
}

/** Who is joined where. */
export class ChannelRegistry {
  readonly #topics = new Map<string, { address: Address; members: Set<Subscriber> }>();
  readonly #watchers = new Set<() => void>();

  add(address: Address, subscriber: Subscriber): void {
    const key = addressKey(address);
    const topic = this.#topics.get(key) ?? { address, members: new Set() };
    topic.members.add(subscriber);
    this.#topics.set(key, topic);
    this.#changed();
  }

  remove(address: Address, subscriber: Subscriber): void {
    const key = addressKey(address);
    const members = this.#topics.get(key)?.members;
    members?.delete(subscriber);
    if (members?.size === 0) this.#topics.delete(key);
    this.#changed();
  }

  members(address: Address): Iterable<Subscriber> {
    return this.#topics.get(addressKey(address))?.members ?? [];
  }

  /**
   * Hands a broadcast to every member but `except`, in the frame of each member's protocol.
   * Throws `FieldTooLong`, with nobody served, when a member's protocol has no room for the names.
   */
  broadcast(address: Address, broadcast: Broadcast, except?: Subscriber): void {
    const frames = new Map<Codec, Frame | null>();
    for (const member of this.members(address)) {
      if (member === except || !member.receivesBroadcasts || hasReplayed(member, broadcast)) continue;
      let frame = frames.get(member.codec);
      if (frame === undefined) {
        frame = member.codec.encodeBroadcast(TOPIC_PREFIX + address.topic, broadcast);
        frames.set(member.codec, frame);
      }
      if (frame !== null) member.deliver(frame);
    }
  }

  counts(): TopicCount[] {
    return [...this.#topics.values()].map(({ address, members }) => ({ ...address, members: members.size }));
  }

  /** Resolves once the topic, public and private together, has exactly so many members. */
  reached(topic: string, members: number): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        const count = this.counts().filter((each) => each.topic === topic)
          .reduce((total, each) => total + each.members, 0);
        if (count !== members) return;
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
  }

  #changed(): void {
    for (const check of [...this.#watchers]) check();
  }
}

function hasReplayed(member: Subscriber, broadcast: Broadcast): boolean {
  const id = broadcast.kind === "user" ? broadcast.meta?.id : null;
  return typeof id === "string" && member.replayed.has(id);
}

export function addressKey(address: Address): string {
  return `${address.private ? "private" : "public"}:${address.topic}`;
}
