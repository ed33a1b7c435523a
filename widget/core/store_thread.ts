import type {
  ItemClickedAnswer,
  TooManyChanges,
  TypingAnswer,
  UpdateItemAnswer,
} from "../../shared/api/tab_action.ts";
import type { Envelope } from "../../shared/envelope.ts";
import type { Item } from "../../shared/items.ts";
import type { Result } from "../../client/http/problem.ts";
import type { Shape } from "../../client/http/transport.ts";
import { signal } from "../../client/platform/emitter.ts";
import { createConversation } from "../../client/sync/conversation.ts";
import type { ConversationSource, ConversationState, Viewer } from "../../client/sync/conversation_setup.ts";
import { isGone } from "../../client/sync/conversation_view.ts";
import { messageEntry } from "../../client/sync/conversation_events.ts";
import type { BothMarks } from "../../client/sync/marks.ts";
import { createUnreadMark } from "../../client/sync/unread_mark.ts";
import { ITEM } from "./answers.ts";
import { CLICKED, ENTRY } from "./clicks.ts";
import type { Thread } from "./thread.ts";
import { EMPTY_THREAD, type ThreadSetup, type ThreadState } from "./thread_view.ts";
import { createKeptConversation } from "./kept_conversation.ts";
import { removeItem, UPDATED } from "./writes.ts";

/** A thread whose conversation Heddle keeps: broadcasts carry what happened, so that nothing is fetched for them. */
export function createStoreThread(setup: ThreadSetup): Thread {
  const { scope, list, outbox } = setup;
  const { state, source, conversation, setReading, rowChanged, takeItem } = createStoreView(setup);

  function close() {
    outbox.watch(null);
    scope.end();
  }

  return {
    tab: list.tab,
    kept: createKeptConversation(setup, conversation, takeItem),
    state,
    refetcher: conversation.refetcher,
    listener: conversation.listener,
    get itemId() {
      return outbox.itemId;
    },
    get channel() {
      return source.channel;
    },
    draft: outbox.draft,
    setDraft(text) {
      outbox.setDraft(text);
      if (text) conversation.typed();
    },
    reload: conversation.reload,
    loadOlder: conversation.loadOlder,
    send: outbox.add,
    resend: outbox.resend,
    discard: outbox.discard,
    edit: outbox.edit,
    clear() {
      close();
      outbox.clear();
      state.value = EMPTY_THREAD;
    },
    setReading,
    listChanged: rowChanged,
    async remove() {
      return outbox.itemId === null ? null : await removeItem(list, outbox.itemId);
    },
    close,
  };
}

/** What the thread shows, and what changes that. */
function createStoreView(setup: ThreadSetup) {
  const { environment, scope, outbox, hooks } = setup;
  const unread = createUnreadMark((role) => role !== "visitor");
  let lastRow: Item | undefined;
  const source = createStoreSource(setup, () => conversation.newest());
  const state = signal<ThreadState>({ ...EMPTY_THREAD, entries: outbox.entries() });
  const conversation = createConversation({
    environment,
    scope,
    source,
    outbox,
    viewer: source.viewer,
    number: "seq",
    onAccepted({ answering, item }) {
      if (answering && item) {
        void followAnswer(setup, item.id, (event) => conversation.listener.onEvent(event));
      }
    },
    onForeignEntry: (entry) => outbox.itemId !== null && hooks.onForeignEntry(outbox.itemId, entry),
    onFetched(startedAt, outcome) {
      source.fetched();
      hooks.onFetched(startedAt, outcome);
    },
    onProblem: hooks.onProblem,
  });

  function show({ status, entries, hasOlder, loadingOlder, problem, ...told }: ConversationState) {
    if (scope.ended) return;
    if (status === "failed" && isGone(problem)) forget();
    if (status === "ready" && (source.item || outbox.itemId === null)) unread.count(told.unread);
    const typist = told.typists.find(({ role }) => role !== "visitor");
    const typing = typist && { name: typist.name };
    const unreadFrom = unread.from(entries, told.unreadAbove);
    state.value = {
      status,
      item: source.item ?? begun(status, outbox.itemId),
      entries,
      hasOlder,
      loadingOlder,
      unreadFrom,
      typing,
      problem,
    };
  }

  function setReading(reading: boolean, seen?: string, from?: string) {
    setup.list.beingRead = reading ? outbox : null;
    unread.setReading(reading);
    conversation.setSeen(Number(seen ?? 0), Number(from));
    if (reading) conversation.used();
  }

  /** The conversation was erased or removed. */
  function forget() {
    source.item = null;
    const row = rowInList();
    if (row) setup.list.writing.onRemoved(row.id);
  }

  const rowInList = () => setup.list.state.value.items.find(({ id }) => id === outbox.itemId);

  /** The list hears what no message tells. */
  function rowChanged() {
    const row = rowInList();
    if (row && row !== lastRow && source.item) {
      source.item = { ...source.item, status: row.status, fields: row.fields };
      show(conversation.state.value);
    }
    lastRow = row;
  }

  function takeItem(item: Item, startedAt: number) {
    source.item = item;
    if (rowInList()) setup.list.merge(item, startedAt);
    show(conversation.state.value);
  }

  conversation.state.subscribe(show);
  return { state, source, conversation, setReading, rowChanged, takeItem };
}

/** Reads along while a bot answers; broadcasts tell it too, some later. */
async function followAnswer(
  { calls, scope, list }: ThreadSetup,
  itemId: string,
  onEvent: (event: Envelope | null) => void,
): Promise<void> {
  const reader = await import("./answer_reader.ts").catch(() => null);
  await reader?.readAnswer({ calls, scope, request: { tabId: list.tab.id, itemId }, onEvent });
}

/** What is known of a conversation between its first message and the first answer that tells it. */
function begun(status: ConversationState["status"], id: string | null): Item | null {
  return id === null || status === "failed" ? null : { id, unread: 0, fields: {} };
}

const SEQS = { visitor: 0, team: 0 };

type StoreAnswer =
  & Required<Pick<ItemClickedAnswer, "seq" | "readSeqs" | "deliveredSeqs">>
  & ItemClickedAnswer;

const PAGE: Shape<StoreAnswer> = { ...CLICKED, seq: 0, readSeqs: SEQS, deliveredSeqs: SEQS };

const CHANGES: Shape<Partial<ItemClickedAnswer> & Partial<TooManyChanges>> = {
  "item?": ITEM,
  "entries?": [ENTRY],
  "seq?": 0,
  "readSeqs?": SEQS,
  "deliveredSeqs?": SEQS,
  "conversationChannel?": "",
};

/** `tab-action` as the source of the conversation that the outbox writes to; `newest` is the place of the newest message by others. */
function createStoreSource({ calls, list, outbox, hooks }: ThreadSetup, newest: () => number) {
  const tabId = list.tab.id;
  let item: Item | null = null;
  let told: string | undefined;
  let channel: string | undefined;
  const viewer: Viewer = { side: "visitor" };

  function answered({ item: row, seq, readSeqs, deliveredSeqs, entries, conversationChannel }: StoreAnswer) {
    item = row;
    told = conversationChannel;
    const { viewerId } = row.fields;
    if (typeof viewerId === "string") viewer.id = viewerId;
    const marks: BothMarks = {
      visitor: { read: readSeqs.visitor, delivered: deliveredSeqs.visitor },
      team: { read: readSeqs.team, delivered: deliveredSeqs.team },
    };
    return { number: seq, entries: entries.map(messageEntry), marks };
  }

  async function fetchPage(itemId: string, cursor?: string) {
    const refresh = (item !== null || cursor !== undefined) && { refresh: true as const };
    const request = { action: "item_clicked", tabId, itemId, cursor, ...refresh } as const;
    const result = await calls.act<StoreAnswer>(request, PAGE);
    if (!result.ok) return result;
    const page = { ...answered(result.value), nextCursor: result.value.nextCursor };
    return { ok: true as const, value: page };
  }

  async function update(changes: Record<string, unknown>, place: number): Promise<Result<unknown>> {
    const itemId = outbox.itemId ?? "";
    const request = { action: "update_item", tabId, itemId, entryId: `${place}`, changes } as const;
    return await calls.act<UpdateItemAnswer>(request, UPDATED);
  }

  const source: ConversationSource = {
    fetchPage: (cursor) => outbox.itemId === null ? null : fetchPage(outbox.itemId, cursor),
    async changesAfter(after) {
      const itemId = outbox.itemId ?? "";
      const request = { action: "item_clicked", tabId, itemId, refresh: true, after } as const;
      const result = await calls.act<Partial<StoreAnswer>>(request, CHANGES);
      if (!result.ok) return result;
      const { item, seq, readSeqs, deliveredSeqs, entries, ...rest } = result.value;
      const isWhole = item && seq !== undefined && readSeqs && deliveredSeqs && entries;
      const value = isWhole && answered({ ...rest, item, seq, readSeqs, deliveredSeqs, entries });
      return { ok: true, value: value || { tooMany: true } };
    },
    async read(place) {
      const { itemId } = outbox;
      const result = await update({ read: true }, place);
      if (result.ok && itemId !== null && place >= newest()) list.markRead(itemId);
      return result;
    },
    deliver: (place) => update({ delivered: true }, place),
    typing: () => calls.act<TypingAnswer>({ action: "typing", tabId, itemId: outbox.itemId ?? "" }, {}),
  };

  return {
    ...source,
    viewer,
    get item() {
      return item;
    },
    set item(next) {
      item = next;
    },
    get channel() {
      return channel;
    },
    /**
     * Listens to the channel that the last answer told. The names are withheld for a while after a rotation: until the
     * new one is told, the former one is listened to.
     */
    fetched() {
      if (told === undefined || told === channel) return;
      channel = told;
      hooks.onChannel();
    },
  };
}
