import { setTimeout as delay } from "node:timers/promises";
import type { Shop, Shopper } from "../../e2e/support/shop.ts";

const WRITES_EVERY_MS = 500;
const PUBLISH_AGAIN_MS = 250;

/** An owner's program that writes messages and publishes each, again and again until Heddle has taken it. */
export interface OwnerScript {
  /** Publishes that were refused or not answered, so far. */
  readonly refused: number;
  /** Resolves once it has written so many more messages. */
  writes(count: number): Promise<void>;
  /** Resolves once a publish has been refused, or not answered. */
  refusal(): Promise<void>;
  /** Writes no more; resolves once everything is published. */
  finish(): Promise<void>;
}

/** Starts at once, and writes to the conversations in turn. */
export function startOwnerScript(shop: Shop, shopper: Shopper, conversationIds: string[]): OwnerScript {
  const publishes = new Set<Promise<void>>();
  let waiting: { check: () => boolean; tell: () => void }[] = [];
  let written = 0;
  let refused = 0;
  let finished = false;

  function progress() {
    for (const { tell } of waiting.filter(({ check }) => check())) tell();
    waiting = waiting.filter(({ check }) => !check());
  }

  const reached = (check: () => boolean) => new Promise<void>((tell) => void waiting.push({ check, tell }));

  async function publish(conversationId: string) {
    for (;;) {
      try {
        return await shop.publish({ endUserId: shopper.id, conversationId });
      } catch {
        refused++; // as a queue with retries would take it
        progress();
        await delay(PUBLISH_AGAIN_MS);
      }
    }
  }

  async function run() {
    while (!finished) {
      const id = conversationIds[written % conversationIds.length] ?? "";
      await shop.write(id, `From the script, ${written + 1}`);
      written++;
      const published = publish(id).finally(() => publishes.delete(published));
      publishes.add(published);
      progress();
      await delay(WRITES_EVERY_MS);
    }
  }
  const running = run();

  return {
    get refused() {
      return refused;
    },
    writes(count) {
      const goal = written + count;
      return reached(() => written >= goal);
    },
    refusal() {
      const before = refused;
      return reached(() => refused > before);
    },
    async finish() {
      finished = true;
      await running;
      await Promise.all(publishes);
    },
  };
}
