import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { itemStatus } from "../item_status.ts";
import type { Item } from "../../../shared/items.ts";
import type { Tab } from "../../../shared/tabs.ts";
import type { ListState, ListStore } from "../../core/list.ts";
import { placeKey, type Unsent } from "../../core/outboxes.ts";
import { withoutOverrides } from "../../../kit/text/rich_text.tsx";
import { useText } from "../../../kit/text/text_context.ts";
import { useOffline, usePanel } from "../panel_context.ts";
import { Icon, TabIcon } from "../../../kit/components/icon.tsx";
import { Empty, Failure, Outdated, Skeleton } from "../../../kit/components/notes.tsx";
import { nextStop } from "../../../kit/components/keys.ts";
import { useValue } from "../../../kit/components/use_value.ts";
import { Avatar } from "../../../kit/components/avatar.tsx";
import { Unread } from "../../../kit/components/unread.tsx";
import { isTime } from "../../../kit/text/format.ts";

const SKELETON_ROWS = 5;
/** Of a long list so many rows stand in the document, and the one that the focus returns to. */
const WINDOW = 70;
/** So many of them, at least, above the first one in view. */
const ABOVE = 20;
/** Rows by which the window moves: few scroll events draw it again. */
const STEP = 10;
/** Pixels, until a row is measured. */
const ROW_HEIGHT = 72;
/** Pixels from the end at which the next page is asked for. */
const NEAR_END = 240;

/** Stands where a list will. */
export function ListSkeleton() {
  return <Skeleton rows={SKELETON_ROWS} kind="row" />;
}

/** A tab's items: conversations, or the records of a default tab. */
export function List({ tab }: { tab: Tab }) {
  const { core } = usePanel();
  const store = core.list(tab.id);
  const offline = useOffline();
  useLayoutEffect(() => store.open(), [store]);
  const state = useUnbegun(tab, useValue(store.state));

  if (state.status === "failed") return <Failure problem={state.problem} onRetry={store.open} />;
  if (state.status !== "ready") return <ListSkeleton />;
  if (state.items.length === 0) {
    return (
      <div class="scroll">
        <Outdated problem={state.problem} offline={offline} onRetry={store.open} />
        <EmptyList tab={tab} />
      </div>
    );
  }
  return <Rows {...{ tab, store, state, offline }} />;
}

/** The list with a row for the conversation that could not begin yet. */
function useUnbegun(tab: Tab, state: ListState): ListState {
  const { strings } = useText();
  const unbegun = useValue(usePanel().core.notSent).has(placeKey(tab.id, null));
  const row = { id: "", title: strings.newConversation, unread: 0, fields: {} };
  return useMemo(() => unbegun ? { ...state, items: [row, ...state.items] } : state, [unbegun, state]);
}

interface RowsProps {
  tab: Tab;
  store: ListStore;
  state: ListState;
  offline: boolean;
}

function Rows({ tab, store, state, offline }: RowsProps) {
  const { navigation } = usePanel();
  const { strings } = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const canCreate = tab.category === "messaging" && tab.actions.includes("create_item");

  function askMore() {
    const element = scroller.current;
    if (state.hasMore && !state.loadingMore && element && isNearEnd(element)) store.loadMore();
  }
  // A task of its own: where the list ends takes a layout.
  useEffect(() => {
    if (state.problem || !state.hasMore) return;
    const asking = setTimeout(askMore);
    return () => clearTimeout(asking);
  }, [state]);

  return (
    <>
      <div
        class="scroll"
        ref={scroller}
        onScroll={askMore}
      >
        <Outdated problem={state.problem} offline={offline} onRetry={store.open} />
        <WindowOfRows {...{ tab, state }} />
        {state.hasMore && (
          <button type="button" class="link more" aria-disabled={state.loadingMore} onClick={store.loadMore}>
            {state.loadingMore ? strings.loading : strings.showMore}
          </button>
        )}
      </div>
      {canCreate && (
        <div class="compose-bar">
          <button type="button" class="button accent compose" onClick={() => navigation.open(tab, null)}>
            <Icon name="pencil" />
            {strings.newConversation}
          </button>
        </div>
      )}
    </>
  );
}

interface WindowOfRowsProps {
  tab: Tab;
  state: ListState;
}

/**
 * Those rows of a list that are in view or near, and the one that the focus returns to, each in the place that it has in the
 * whole list.
 */
function WindowOfRows({ tab, state: { items, hasMore } }: WindowOfRowsProps) {
  const { core, navigation } = usePanel();
  const notSent = useValue(core.notSent);
  const list = useRef<HTMLUListElement>(null);
  const { top, height } = useWindow(list);
  const [current, setCurrent] = useState<string>();
  const moved = useRef(false);
  const stop = Math.max(0, items.findIndex(({ id }) => id === current));

  // A key may have moved the focus to a row that stands there only now.
  useLayoutEffect(() => {
    if (moved.current) list.current?.querySelector<HTMLElement>(".row[tabindex='0']")?.focus();
    moved.current = false;
  }, [stop]);

  let leftOut = 0;
  const rows = items.map((item, index) => {
    if (index !== stop && (index < top || index >= top + WINDOW)) return void leftOut++;
    const marginTop = `${leftOut * height}px`;
    leftOut = 0;
    return (
      <li
        key={item.id}
        aria-posinset={index + 1}
        aria-setsize={hasMore ? -1 : items.length}
        style={{ marginTop }}
      >
        <ItemRow
          item={item}
          tab={tab}
          unsent={notSent.get(placeKey(tab.id, item.id || null))}
          focusable={index === stop}
          onFocus={() => setCurrent(item.id)}
          onOpen={() => {
            setCurrent(item.id);
            navigation.open(tab, item.id ? item : null);
          }}
        />
      </li>
    );
  });

  return (
    <ul
      class="rows"
      ref={list}
      style={{ minHeight: `${items.length * height}px` }}
      onKeyDown={(event) => {
        const next = nextStop(event, stop, items.length - 1);
        if (next === stop) return;
        moved.current = true;
        setCurrent(items[next]?.id);
      }}
    >
      {rows}
    </ul>
  );
}

/** Follows what the list stands in: the index of the window's first row, and the pixels of a row. */
function useWindow(list: RefObject<HTMLElement | null>) {
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(ROW_HEIGHT);
  useLayoutEffect(() => {
    const scroller = list.current?.parentElement;
    const frame = scroller?.closest(".root");
    if (!scroller) return;
    let scrolledTo = 0;
    const restore = () => scroller.scrollTo(0, scrolledTo);
    scroller.onscroll = () => {
      scrolledTo = scroller.scrollTop;
      const height = scroller.querySelector("li")?.getBoundingClientRect().height || ROW_HEIGHT;
      setHeight(height);
      setTop(Math.floor(scrolledTo / height / STEP) * STEP - ABOVE);
    };
    frame?.addEventListener("attached", restore);
    return () => frame?.removeEventListener("attached", restore);
  }, []);
  return { top, height };
}

function EmptyList({ tab }: { tab: Tab }) {
  const { navigation } = usePanel();
  const { strings } = useText();
  if (tab.category === "default") return <Empty icon="list" text={strings.noItems} />;
  return (
    <Empty icon="chat" text={strings.noConversations}>
      {tab.actions.includes("create_item") && (
        <button
          type="button"
          class="button accent"
          onClick={() => navigation.open(tab, null)}
        >
          {strings.startConversation}
        </button>
      )}
    </Empty>
  );
}

function isNearEnd(element: HTMLElement): boolean {
  return element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
}

interface ItemRowProps {
  item: Item;
  tab: Tab;
  unsent?: Unsent;
  focusable: boolean;
  onFocus: () => void;
  onOpen: () => void;
}

/** One row of a list. */
function ItemRow({ item, tab, unsent, focusable, onFocus, onOpen }: ItemRowProps) {
  const { formats, strings } = useText();
  const messaging = tab.category === "messaging";
  const title = item.title || (messaging ? strings.conversation : item.id);
  const isDeleted = messaging && item.previewRole && item.preview === undefined;
  const preview = unsent?.text ?? (isDeleted ? strings.deletedMessage : item.preview ?? "");
  const status = itemStatus(tab, item, strings);
  const isMine = messaging && item.preview && !unsent && item.previewRole === "visitor";
  return (
    <button
      type="button"
      class="row"
      data-id={item.id}
      data-unread={item.unread > 0}
      tabIndex={focusable ? 0 : -1}
      onFocus={onFocus}
      // A task of its own, after the one that moves the focus.
      onClick={() => setTimeout(onOpen)}
    >
      {item.avatarUrl
        ? <Avatar name={title} url={item.avatarUrl} />
        : (
          <span class={messaging ? "avatar" : "avatar square"}>
            <TabIcon icon={tab.icon} category={tab.category} />
          </span>
        )}
      <span class="row-text">
        <span class="row-line">
          <span class="row-title" dir="auto">{withoutOverrides(title)}</span>
          {isTime(item.timestamp) && (
            <time class="meta" dateTime={item.timestamp}>{formats.short(item.timestamp, new Date())}</time>
          )}
        </span>
        <span class="row-line">
          <span class="row-preview" dir="auto">
            {withoutOverrides(isMine ? strings.messageBy(strings.you, preview) : preview)}
          </span>
          {unsent && (unsent.isDraft
            ? <span class="chip">{strings.draft}</span>
            : <span class="chip danger">{strings.notSent}</span>)}
          {status && <span class="chip" dir="auto">{status}</span>}
          <Unread count={item.unread} />
        </span>
      </span>
    </button>
  );
}
