import { setTimeout as delay } from "node:timers/promises";
import type { Shop, Shopper } from "../../e2e/support/shop.ts";
import type { OwnerAction, Visitor } from "./plan.ts";

const PUBLISH_AGAIN_MS = 500;

/** What the owner's people write, change and delete in their own database. */
export interface Owner {
  perform(action: OwnerAction): Promise<void>;
  /** Tells Heddle of everything once more; resolves once it has taken all that it was told. */
  publishAll(): Promise<void>;
}

export interface Customers {
  shoppers: Record<Visitor, Shopper>;
  /** Each visitor's conversations at first. */
  conversations: Record<Visitor, string[]>;
  /** What was stored of each of them then. */
  atFirst: ReadonlyMap<string, string[]>;
}

export function createOwner(
  shop: Shop,
  { shoppers, conversations }: Pick<Customers, "shoppers" | "conversations">,
): Owner {
  const publishes = new Set<Promise<void>>();

  /** As a queue with retries would, so that it is not lost while Heddle is away. */
  function publish(endUserId: string, conversationId: string) {
    const published = untilTaken({ endUserId, conversationId }).finally(() => publishes.delete(published));
    publishes.add(published);
  }

  async function untilTaken(stale: { endUserId: string; conversationId: string }): Promise<void> {
    while (await shop.publish(stale).then(() => false, () => true)) await delay(PUBLISH_AGAIN_MS);
  }

  /** The `newest`-th of the operator's messages, or the oldest; never the one that began the conversation. */
  async function messageId(conversationId: string, newest: number): Promise<string> {
    const rows = await shop.sql<{ id: string }[]>`
      select id from messages where conversation_id = ${conversationId} and author = 'operator' order by id desc`;
    const row = rows[Math.min(newest, rows.length - 1)];
    if (!row) throw new Error("no message is left");
    return row.id;
  }

  return {
    async perform(action) {
      const id = conversations[action.visitor][action.conversation] ?? "";
      if (action.do === "write") { for (const body of action.bodies) await shop.write(id, body); }
      else {
        const message = await messageId(id, action.newest);
        if (action.do === "delete") await shop.sql`delete from messages where id = ${message}`;
        else await shop.sql`update messages set body = body || ', corrected' where id = ${message}`;
      }
      if (action.publish) publish(shoppers[action.visitor].id, id);
    },
    async publishAll() {
      const rows = await shop.sql<{ id: string; visitorId: string }[]>`
        select id, visitor_id as "visitorId" from conversations
        where visitor_id in ${shop.sql(Object.values(shoppers).map(({ id }) => id))}`;
      for (const { id, visitorId } of rows) publish(visitorId, id);
      while (publishes.size > 0) await Promise.all(publishes);
    },
  };
}
