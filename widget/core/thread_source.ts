import type { CreateItemAnswer, ItemClickedAnswer, UpdateItemAnswer } from "../../shared/api/tab_action.ts";
import type { Entry, Item } from "../../shared/items.ts";
import type { Result } from "../../client/http/problem.ts";
import type { Outbox } from "../../client/sync/outbox.ts";
import type { Page } from "../../client/sync/paged.ts";
import type { Calls } from "./api.ts";
import { createClicks } from "./clicks.ts";
import type { List } from "./list.ts";
import { UPDATED } from "./writes.ts";

export interface ThreadSourceSetup {
  calls: Calls;
  /** Where the thread is a row. */
  list: List;
  outbox: Outbox<CreateItemAnswer>;
  hooks: {
    onChannel(): void;
  };
}

export interface ThreadPage extends Page<Entry> {
  unchanged: boolean;
  answer: ItemClickedAnswer;
}

/** What `tab-action` tells about the conversation that the outbox writes to. */
export function createThreadSource({ calls, list, outbox, hooks }: ThreadSourceSetup) {
  const { tab, markRead } = list;
  const canMarkRead = tab.actions.includes("update_item");
  const clicks = createClicks(calls, tab.id);
  let item: Item | null = null;
  let channelTold: string | undefined;
  let channel: string | undefined;

  /**
   * The names are withheld for a while after a rotation: until the new one is told, the former one is
   * listened to.
   */
  function listen(name: string | undefined) {
    if (name === undefined || name === channel) return;
    channel = name;
    hooks.onChannel();
  }

  async function fetch(itemId: string, cursor?: string): Promise<Result<ThreadPage>> {
    const result = await clicks.send(itemId, cursor);
    if (!result.ok) return result;
    const { answer, unchanged } = result.value;
    if (cursor === undefined) {
      item = answer.item;
      channelTold = answer.conversationChannel;
    }
    const { entries, nextCursor } = answer;
    return { ok: true, value: { answer, rows: entries.toReversed(), nextCursor, unchanged } };
  }

  return {
    get item() {
      return item;
    },
    get channel() {
      return channel;
    },
    get isFetched() {
      return clicks.isFetched;
    },
    /** Listens to the channel that the last fetch told. */
    fetched: () => listen(channelTold),
    /** An entry was accepted, and may have made the conversation. */
    accepted(answer: CreateItemAnswer) {
      item ??= answer.item ?? null;
      if (!channel) listen(answer.conversationChannel);
    },
    unread(): number {
      const row = list.state.value.items.find(({ id }) => id === outbox.itemId);
      return Math.max(item?.unread ?? 0, row?.unread ?? 0);
    },
    fetchPage: (cursor?: string) => outbox.itemId === null ? null : fetch(outbox.itemId, cursor),
    async markRead(): Promise<boolean> {
      const { itemId } = outbox;
      if (!canMarkRead || itemId === null) return true;
      const request = { action: "update_item", tabId: tab.id, itemId, changes: { read: true } } as const;
      const result = await calls.act<UpdateItemAnswer>(request, UPDATED);
      if (result.ok) markRead(itemId);
      return result.ok;
    },
  };
}
