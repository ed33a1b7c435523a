import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Item } from "../../../shared/items.ts";
import type { Tab } from "../../../shared/tabs.ts";
import type { ListState } from "../../core/list.ts";
import { useText } from "../../../kit/text/text_context.ts";
import { useOffline, usePanel } from "../panel_context.ts";
import { Icon } from "../../../kit/components/icon.tsx";
import { Empty, Failure, Outdated, Skeleton } from "../../../kit/components/notes.tsx";
import { moveFocus } from "../../../kit/components/roving.ts";
import { useValue } from "../../../kit/components/use_value.ts";
import { ItemRow } from "./item_row.tsx";

const SKELETON_ROWS = 5;
/** Pixels from the end at which the next page is asked for. */
const NEAR_END = 240;

/** A tab's items: conversations, or the records of a default tab. */
export function List({ tab }: { tab: Tab }) {
  const { core } = usePanel();
  const store = core.list(tab.id);
  useEffect(() => store.open(), [store]);
  const state = useValue(store.state);

  if (state.status === "failed") return <Failure problem={state.problem} onRetry={() => store.open()} />;
  if (state.status !== "ready") return <Skeleton rows={SKELETON_ROWS} kind="row" />;
  if (state.items.length === 0) {
    return (
      <div class="scroll">
        <Outdated problem={state.problem} offline={useOffline()} onRetry={() => store.open()} />
        <EmptyList tab={tab} />
      </div>
    );
  }
  return <Rows tab={tab} state={state} onRetry={() => store.open()} onMore={() => store.loadMore()} />;
}

interface RowsProps {
  tab: Tab;
  state: ListState;
  onRetry: () => void;
  onMore: () => void;
}

function Rows({ tab, state, onRetry, onMore }: RowsProps) {
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
        <Outdated problem={state.problem} offline={useOffline()} onRetry={onRetry} />
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
