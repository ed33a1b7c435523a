import { type Cursor, isCovered, readCursor, type Snapshot } from "../../shared/cursors.ts";
import { channelOf } from "../../shared/topics.ts";
import { type Ephemeral, LogRow } from "./row.ts";
import type { Subscriber, Subscription } from "./subscriber.ts";
import { TopicTrie } from "./trie.ts";

/** Up to where everything was sent. */
export interface HubPosition {
  snapshot: Snapshot;
  /** As Postgres writes it. */
  snapshotText: string;
  cursor: string;
}

/** Who hears of what, and what they are sent as the log goes on: windows from one snapshot to the next, in pages. */
export class Hub {
  readonly subscribers = new Set<Subscriber>();
  readonly #trie = new TopicTrie<Subscription>();
  /** Those who have something coming in this window. */
  readonly #touched = new Set<Subscriber>();
  readonly #ahead = new Set<Subscription>();
  #position: HubPosition | null = null;
  #isWhole = false;
  #waiting: (() => void)[] = [];
  #stamp = 0;
  #delivered = 0;

  counts() {
    let subscriptions = 0;
    for (const subscriber of this.subscribers) subscriptions += subscriber.subscriptions.size;
    return {
      subscribers: this.subscribers.size,
      subscriptions,
      trieNodes: this.#trie.nodes,
      delivered: this.#delivered,
    };
  }

  /** The position, at a moment when no page of a window is missing. */
  async position(): Promise<HubPosition> {
    while (!this.#isWhole || !this.#position) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#position;
  }

  takePage(rows: readonly (LogRow | Ephemeral)[]): void {
    this.#isWhole = false;
    for (const row of rows) {
      if (!(row instanceof LogRow)) {
        this.#tell(row);
        continue;
      }
      const stamp = ++this.#stamp;
      this.#trie.visit(row.tokens, (subscription) => {
        const { subscriber } = subscription;
        if (subscriber.stamp === stamp || !subscription.wants(row)) return;
        subscriber.stamp = stamp;
        this.#delivered++;
        if (subscriber.take(row)) this.#touched.add(subscriber);
      });
    }
  }

  endWindow(position: HubPosition): void {
    this.#position = position;
    this.#isWhole = true;
    for (const subscriber of this.#touched) this.#finish(subscriber, position);
    this.#touched.clear();
    for (const subscription of this.#ahead) this.#noteAhead(subscription);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** From the moment of a position on; `since`: what they have read before, here or elsewhere. */
  add(subscriptions: readonly Subscription[], { cursor }: HubPosition, since: Cursor | null): void {
    for (const subscription of subscriptions) {
      subscription.start = since ?? readCursor(cursor);
      subscription.ahead = since;
      this.#noteAhead(subscription);
      this.watch(subscription);
    }
  }

  /** From the next page on, for whoever looks into the log by themselves. */
  watch(subscription: Subscription): void {
    subscription.subscriber.subscriptions.set(subscription.name, subscription);
    for (const pattern of subscription.patterns) this.#trie.add(pattern, subscription);
  }

  /** What is not kept: whoever is here hears of it, but for who told it. */
  #tell(what: Ephemeral): void {
    const { topic, type, data, teller } = what;
    const stamp = ++this.#stamp;
    let text: string | null = null;
    this.#trie.visit(topic.split("."), (subscription) => {
      const { subscriber } = subscription;
      if (subscriber.id === teller || subscriber.stamp === stamp || !subscription.hears(what)) return;
      subscriber.stamp = stamp;
      text ??= JSON.stringify({ type, channel: channelOf(topic), data });
      subscriber.tell(text);
    });
  }

  remove(subscription: Subscription): void {
    subscription.subscriber.subscriptions.delete(subscription.name);
    this.#ahead.delete(subscription);
    for (const pattern of subscription.patterns) this.#trie.remove(pattern, subscription);
  }

  /**
   * Whoever has caught up to `reached`, unless they failed to. More may be on its way to them: it ends with this window, or here.
   * Who was ahead of it gets no cursor before the next window, which was begun after all that they have.
   */
  settle(subscriber: Subscriber, reached: HubPosition | null): void {
    const isBehind = subscriber.isAhead && this.#position === reached;
    if (!reached && !subscriber.isWaiting) return;
    if (isBehind || !this.#isWhole || !this.#position) this.#touched.add(subscriber);
    else this.#finish(subscriber, this.#position);
  }

  #finish(subscriber: Subscriber, { cursor }: HubPosition): void {
    // Whoever catches up again gets it at the end of that.
    if (subscriber.isCatchingUp || subscriber.flush(cursor)) return;
    subscriber.outlet.sendCursor(cursor);
  }

  leave(subscriber: Subscriber): void {
    subscriber.isGone = true;
    this.subscribers.delete(subscriber);
    this.#touched.delete(subscriber);
    for (const subscription of [...subscriber.subscriptions.values()]) this.remove(subscription);
  }

  /** Everybody's place in the log is lost. */
  forget(): void {
    this.#isWhole = false;
    this.#position = null;
  }

  #noteAhead(subscription: Subscription): void {
    const { ahead } = subscription;
    const snapshot = this.#position?.snapshot;
    if (ahead && snapshot && isCovered(ahead, snapshot)) subscription.ahead = null;
    if (subscription.ahead) this.#ahead.add(subscription);
    else this.#ahead.delete(subscription);
  }
}
