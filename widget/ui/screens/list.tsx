import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Item } from "../../../shared/items.ts";
import type { Tab } from "../../../shared/tabs.ts";
import type { ListState } from "../../core/list.ts";
import { withoutOverrides } from "../../../kit/text/rich_text.tsx";
import { useText } from "../../../kit/text/text_context.ts";
import { useOffline, usePanel } from "../panel_context.ts";
import { Icon, TabIcon } from "../../../kit/components/icon.tsx";
import { Empty, Failure, Outdated, Skeleton } from "../../../kit/components/notes.tsx";
import { moveFocus } from "../../../kit/components/roving.ts";
import { useValue } from "../../../kit/components/use_value.ts";
import { Avatar } from "../../../kit/components/avatar.tsx";
import { Unread } from "../../../kit/components/unread.tsx";
import { isTime } from "../../../kit/text/format.ts";

const SKELETON_ROWS = 5;
/** Pixels from the end at which the next page is asked for. */
const NEAR_END = 240;

/** A tab's items: conversations, or the records of a default tab. */
export function List({ tab }: { tab: Tab }) {
  const { core } = usePanel();
  const store = core.list(tab.id);
  const offline = useOffline();
  useLayoutEffect(() => store.open(), [store]);
  const state = useValue(store.state);

  if (state.status === "failed") return <Failure problem={state.problem} onRetry={() => store.open()} />;
  if (state.status !== "ready") return <Skeleton rows={SKELETON_ROWS} kind="row" />;
  if (state.items.length === 0) {
    return (
      <div class="scroll">
        <Outdated problem={state.problem} offline={offline} onRetry={() => store.open()} />
        <EmptyList tab={tab} />
      </div>
    );
  }
  return <Rows {...{ tab, state, offline }} onRetry={() => store.open()} onMore={() => store.loadMore()} />;
}

interface RowsProps {
  tab: Tab;
  state: ListState;
  offline: boolean;
  onRetry: () => void;
  onMore: () => void;
}

function Rows({ tab, state, offline, onRetry, onMore }: RowsProps) {
  const { navigation } = usePanel();
  const { strings } = useText();
  const [current, setCurrent] = useState<string>();
  const scroller = useRef<HTMLDivElement>(null);
  const stop = state.items.some((item) => item.id === current) ? current : state.items[0]?.id;
  const canCreate = tab.category === "messaging" && tab.actions.includes("create_item");

  function askMore() {
    const element = scroller.current;
    if (element && isNearEnd(element) && state.hasMore && !state.loadingMore) onMore();
  }
  useLayoutEffect(() => {
    if (!state.problem) askMore();
  }, [state]);

  return (
    <>
      <div
        class="scroll"
        ref={scroller}
        onScroll={askMore}
      >
        <Outdated problem={state.problem} offline={offline} onRetry={onRetry} />
        <ul class="rows" onKeyDown={(event) => moveFocus(event, ".row")}>
          {state.items.map((item: Item) => (
            <li key={item.id}>
              <ItemRow
                item={item}
                tab={tab}
                focusable={item.id === stop}
                onFocus={() => setCurrent(item.id)}
                onOpen={() => navigation.open(tab, item)}
              />
            </li>
          ))}
        </ul>
        {state.hasMore && (
          <button type="button" class="link more" disabled={state.loadingMore} onClick={onMore}>
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
  focusable: boolean;
  onFocus: () => void;
  onOpen: () => void;
}

/** One row of a list. */
function ItemRow({ item, tab, focusable, onFocus, onOpen }: ItemRowProps) {
  const { formats, strings } = useText();
  const messaging = tab.category === "messaging";
  const title = item.title || (messaging ? strings.conversation : item.id);
  return (
    <button
      type="button"
      class="row"
      data-id={item.id}
      data-unread={item.unread > 0}
      tabIndex={focusable ? 0 : -1}
      onFocus={onFocus}
      onClick={onOpen}
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
          <span class="row-preview" dir="auto">{withoutOverrides(item.preview ?? "")}</span>
          {item.status && <span class="chip" dir="auto">{item.status}</span>}
          <Unread count={item.unread} />
        </span>
      </span>
    </button>
  );
}
