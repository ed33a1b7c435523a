import type { ComponentType } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ReadonlySignal } from "../../client/platform/emitter.ts";
import type { Problem } from "../../client/http/problem.ts";
import type { ThreadEntry } from "../../client/sync/pending.ts";
import type { AuthorRole } from "../../shared/items.ts";
import { useText } from "../text/text_context.ts";
import { Icon } from "../components/icon.tsx";
import { useValue } from "../components/use_value.ts";
import { entryKey, type EntryTools, isOwn, ThreadRows } from "./rows.tsx";
import type { Resending } from "./entry.tsx";
import type { Announced } from "./announcer.ts";
import { createScrollKeeper, type ScrollKeeper } from "./scroll_keeper.ts";

/** Pixels from the top at which older entries are asked for. */
const NEAR_TOP = 160;

/** What may help where a part did not load: there is a network again, or somebody comes back to the page. */
const TRY_AGAIN = ["online", "focus"];

/** What is shown of a conversation. */
export interface Conversation {
  /** Oldest first. */
  entries: readonly ThreadEntry[];
  hasOlder: boolean;
  loadingOlder: boolean;
  /** Id of the first entry that the reader had not read. */
  unreadFrom?: string;
  problem?: Problem;
}

/** What a reader does in a conversation. */
export interface ConversationActions extends Resending {
  loadOlder(): void;
  /**
   * `reading`: somebody sees the newest entry by others, in a thread that follows what comes. They have seen those
   * from the id `from` to the id `seen`, which are absent while nobody looks.
   */
  setReading(reading: boolean, seen?: string, from?: string): void;
  /** Whether lists count that entry by others as unread; without it they count each that is not deleted. */
  counts?(id?: string): boolean;
}

interface EntriesProps {
  state: Conversation;
  actions: ConversationActions;
  viewer: AuthorRole;
  tools?: EntryTools;
  mark?: EntryTools;
  notice?: EntryTools;
  /** What draws a message, in place of `Bubble`. */
  bubble?: ComponentType<{ entry: ThreadEntry }>;
  /** The screen that holds the conversation is shown. */
  shown: ReadonlySignal<boolean>;
}

/** The scrolling part of a thread. */
export function Entries({ state, actions, shown, ...parts }: EntriesProps) {
  const { strings } = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const keeper = useRef<ScrollKeeper>(undefined);
  const [pinned, setPinned] = useState(true);
  const news = useReading({ actions, shown }, scroller, keeper);

  useLayoutEffect(() => keeper.current?.restore(), [state]);

  const own = state.entries.findLast((entry) => isOwn(entry, parts.viewer));
  const sending = own && /^(sending|waiting)$/.test(own.delivery ?? "") ? entryKey(own) : undefined;
  useLayoutEffect(() => {
    if (sending) keeper.current?.toBottom();
  }, [sending]);

  // After the others: what is drawn first is laid out only with its frame, in which the observer shows its end.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const created = createScrollKeeper(element, "[data-entry]", ".unread", setPinned);
    keeper.current = created;
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

  const askOlder = () => {
    if (state.hasOlder && !state.loadingOlder) actions.loadOlder();
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
          keeper.current?.remember();
          const isNear = event.currentTarget.scrollTop < NEAR_TOP && !keeper.current?.isLed();
          if (isNear && !state.problem) askOlder();
        }}
      >
        <div class="entries">
          {state.hasOlder && (
            <button type="button" class="link more" aria-disabled={state.loadingOlder} onClick={askOlder}>
              {state.loadingOlder ? strings.loading : strings.showOlder}
            </button>
          )}
          <ThreadRows {...state} {...parts} resending={actions} />
        </div>
      </div>
      {!pinned && (
        <button
          type="button"
          class={news ? "to-latest button accent" : "to-latest button"}
          aria-label={news ? undefined : strings.toLatest}
          // At once: what is drawn on a smooth way there would end it.
          onClick={() => keeper.current?.toBottom()}
        >
          <Icon name="down" />
          {news > 0 && strings.newMessages(news)}
        </button>
      )}
    </div>
  );
}

/** Follows what somebody sees of the thread; how many that lists count as unread are below that. */
function useReading(
  { actions, shown }: Pick<EntriesProps, "actions" | "shown">,
  scroller: { readonly current: HTMLElement | null },
  keeper: { readonly current: ScrollKeeper | undefined },
): number {
  const isShown = useValue(shown);
  const [news, setNews] = useState(0);
  const [tries, setTries] = useState(0);
  useLayoutEffect(() => {
    if (!isShown) return;
    const ending = new AbortController();
    import("./reading.ts").then(
      (module) => module.followReading(scroller, keeper, { ...actions, setNews }, ending.signal),
      // Where the site was deployed anew it is there no more, and comes with the page when that is loaded again.
      () => TRY_AGAIN.forEach((type) => addEventListener(type, () => setTries(tries + 1), ending)),
    );
    return () => ending.abort();
  }, [actions, isShown, tries]);
  return news;
}

/** Tells screen readers about messages that arrive while the thread is open. */
export function Announcer(thread: Announced) {
  const region = useRef<HTMLDivElement>(null);
  const { strings } = useText();
  useLayoutEffect(() => {
    import("./announcer.ts").then(
      (module) => module.announce(region.current, thread, strings),
      // What comes next tries again.
      () => {},
    );
  });
  return <div class="hidden" ref={region} role="status" aria-live="polite" />;
}
