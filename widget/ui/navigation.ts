import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Core } from "../core/core.ts";
import type { ThreadStore } from "../core/thread.ts";
import type { Item } from "../../shared/items.ts";
import type { Tab } from "../../shared/tabs.ts";

/** What lies over the list: a thread, a new conversation (`item` is `null`), or a record's detail. */
export interface Place {
  tab: Tab;
  item: Item | null;
  /** Of a messaging tab. */
  thread?: ThreadStore;
  /** As the former page had it: the focus stays where it is. */
  restored?: boolean;
}

export interface Navigation {
  /** `null`: the first tab. */
  readonly tabId: ReadonlySignal<string | null>;
  readonly place: ReadonlySignal<Place | null>;
  /** The place is sliding away. */
  readonly leaving: ReadonlySignal<boolean>;
  selectTab(tabId: string): void;
  open(tab: Tab, item: Item | null): void;
  /** Starts the slide; the screen calls `drop` at its end. */
  back(): void;
  drop(): void;
  /** Keeps what is shown for the next page, as long as the panel is open; as it opens, restores. */
  keep(open: boolean): void;
  /** Shows what the former page showed, else the first tab with something unread; nothing else while a place is open. */
  restore(): void;
  /** Another visitor: nothing of the former one stays on screen. */
  reset(): void;
}

export function createNavigation(core: Core): Navigation {
  const tabId = signal<string | null>(null);
  const place = signal<Place | null>(null);
  const leaving = signal(false);
  let isOpen = false;

  function keep() {
    const { tab, item, thread } = place.value ?? {};
    // A new conversation is known once its first message was accepted.
    const known = item ?? thread?.state.value.item;
    const shown = { tabId: tab?.id ?? tabId.value, itemId: tab && (known?.id ?? null) };
    if (isOpen) core.shown.keep(JSON.stringify(shown));
  }

  function open(tab: Tab, item: Item | null, restored = false) {
    const isThread = tab.category === "messaging";
    const former = place.value;
    const preparing = isThread ? core.prepareThread(tab.id) : null;
    if (preparing) {
      void preparing.then(() => place.value === former && show(tab, item, restored));
    } else show(tab, item, restored);
  }

  function show(tab: Tab, item: Item | null, restored: boolean) {
    const isThread = tab.category === "messaging";
    leaving.value = false;
    const thread = isThread ? core.openThread(tab.id, item?.id ?? null) : undefined;
    place.value = { tab, item, restored, thread };
    if (!item) thread?.state.subscribe(keep);
  }

  for (const shown of [tabId, place]) shown.subscribe(keep);

  function drop() {
    place.value?.thread?.close();
    place.value = null;
    leaving.value = false;
  }

  function restore() {
    const { tabs = [] } = core.session.value as { tabs?: readonly Tab[] };
    const { tabId: id, itemId } = readShown(core.shown.read());
    const unread = core.unreadByTab.value;
    const tab = tabs.find((tab) => tab.id === id) ?? tabs.find((tab) => unread[tab.id]);
    if (!tab || place.value) return;
    tabId.value = tab.id;
    const item = itemId ? { id: itemId, unread: 0, fields: {} } : null;
    const isComplete = tab.category === "messaging" || tab.actions.includes("item_clicked");
    if (itemId !== undefined && isComplete) open(tab, item, true);
  }

  return {
    tabId,
    place,
    leaving,
    selectTab(next) {
      tabId.value = next;
    },
    open,
    back() {
      if (place.value) leaving.value = true;
    },
    drop,
    keep(open) {
      if (open) restore();
      isOpen = open;
      if (open) keep();
      else core.shown.keep(null);
    },
    restore,
    reset() {
      drop();
      tabId.value = null;
    },
  };
}

/** `itemId` is absent for a list, and `null` for a new conversation. */
function readShown(text: string | null): { tabId?: unknown; itemId?: string | null } {
  try {
    const { tabId, itemId } = Object(JSON.parse(text ?? "{}"));
    return { tabId, itemId: typeof itemId === "string" || itemId === null ? itemId : undefined };
  } catch {
    // Not ours.
    return {};
  }
}
