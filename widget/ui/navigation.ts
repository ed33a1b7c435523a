import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Core } from "../core/core.ts";
import type { RecordStore } from "../core/record.ts";
import type { ThreadStore } from "../core/thread.ts";
import type { Item } from "../../shared/items.ts";
import type { Tab } from "../../shared/tabs.ts";

/** What lies over the list: a thread, a new conversation (`item` is `null`), or a record's detail. */
export interface Place {
  tab: Tab;
  item: Item | null;
  /** Of a messaging tab. */
  thread?: ThreadStore;
  /** Of a default tab; absent where it has no `item_clicked`: the list's own item is all there is. */
  record?: RecordStore;
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
  /** Another visitor: nothing of the former one stays on screen. */
  reset(): void;
}

export function createNavigation(core: Core): Navigation {
  const tabId = signal<string | null>(null);
  const place = signal<Place | null>(null);
  const leaving = signal(false);

  function drop() {
    place.value?.thread?.close();
    place.value?.record?.close();
    place.value = null;
    leaving.value = false;
  }

  return {
    tabId,
    place,
    leaving,
    selectTab(next) {
      tabId.value = next;
    },
    open(tab, item) {
      leaving.value = false;
      if (tab.category === "messaging") {
        place.value = { tab, item, thread: core.openThread(tab.id, item?.id ?? null) };
      } else {
        const canLoad = item !== null && tab.actions.includes("item_clicked");
        place.value = { tab, item, record: canLoad ? core.openRecord(tab.id, item.id) : undefined };
      }
    },
    back() {
      if (place.value) leaving.value = true;
    },
    drop,
    reset() {
      drop();
      tabId.value = null;
    },
  };
}
