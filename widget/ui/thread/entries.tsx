import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ThreadState, ThreadStore } from "../../core/types.ts";
import { useFace } from "../face.ts";
import { prefersStillness } from "../sliding.ts";
import { Icon } from "../parts/icon.tsx";
import { entryKey, isOwn } from "./grouping.ts";
import { ThreadRows } from "./rows.tsx";
import { createScrollKeeper, type ScrollKeeper } from "./scroll_keeper.ts";
import { useReading } from "./reading.ts";

/** Pixels from the top at which older entries are asked for. */
const NEAR_TOP = 160;

interface EntriesProps {
  state: ThreadState;
  store: ThreadStore;
}

/** The scrolling part of a thread. */
export function Entries({ state, store }: EntriesProps) {
  const { strings } = useFace();
  const scroller = useRef<HTMLDivElement>(null);
  const [keeper, setKeeper] = useState<ScrollKeeper>();
  const [pinned, setPinned] = useState(true);
  const news = useNews(state, pinned);
  useReading(store, pinned);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const created = createScrollKeeper(element, "[data-entry]", setPinned);
    setKeeper(created);
    const observer = new ResizeObserver(created.restore);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    const frame = element.closest(".root");
    frame?.addEventListener("attached", created.restore);
    return () => {
      observer.disconnect();
      frame?.removeEventListener("attached", created.restore);
    };
  }, []);

  useLayoutEffect(() => keeper?.restore(), [keeper, state]);

  const own = state.entries.findLast(isOwn);
  const sending = own?.delivery === "sending" ? entryKey(own) : undefined;
  useLayoutEffect(() => {
    if (sending) keeper?.toBottom();
  }, [sending]);

  const askOlder = () => {
    if (state.hasOlder && !state.loadingOlder) store.loadOlder();
  };

  return (
    <div class="thread">
      <div
        class="scroll"
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={strings.messages}
        tabIndex={0}
        onScroll={(event) => {
          keeper?.remember();
          if (event.currentTarget.scrollTop < NEAR_TOP && !state.problem) askOlder();
        }}
      >
        <div class="entries">
          {state.hasOlder && (
            <button type="button" class="link more" disabled={state.loadingOlder} onClick={askOlder}>
              {state.loadingOlder ? strings.loading : strings.showOlder}
            </button>
          )}
          <ThreadRows entries={state.entries} store={store} />
        </div>
      </div>
      {!pinned && (
        <button
          type="button"
          class={news > 0 ? "to-latest button accent" : "to-latest button"}
          aria-label={news > 0 ? undefined : strings.toLatest}
          onClick={() => keeper?.toBottom(prefersStillness() ? "auto" : "smooth")}
        >
          <Icon name="down" />
          {news > 0 && strings.newMessages(news)}
        </button>
      )}
    </div>
  );
}

/** How many entries by others arrived below what the reader sees. */
function useNews(state: ThreadState, pinned: boolean): number {
  const lastSeen = useRef<string | undefined>(undefined);
  const newest = state.entries.at(-1);
  if (pinned || lastSeen.current === undefined) lastSeen.current = newest && entryKey(newest);
  if (pinned) return 0;
  const seen = state.entries.findLastIndex((entry) => entryKey(entry) === lastSeen.current);
  return state.entries.slice(seen + 1).filter((entry) => !isOwn(entry)).length;
}
