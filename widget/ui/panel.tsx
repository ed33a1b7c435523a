import { useLayoutEffect, useRef } from "preact/hooks";
import { useText } from "../../kit/text/text_context.ts";
import { usePanel } from "./panel_context.ts";
import type { Place } from "./navigation.ts";
import { Header } from "./header.tsx";
import { Failure, Skeleton } from "../../kit/components/notes.tsx";
import { Detail } from "./screens/detail.tsx";
import { Home } from "./screens/home.tsx";
import { Thread } from "./screens/thread.tsx";
import { slideOut, useSwipeBack } from "./sliding.ts";
import { useValue } from "../../kit/components/use_value.ts";

const SKELETON_ROWS = 5;

/** Everything inside the dialog. */
export function Panel() {
  const { core, navigation } = usePanel();
  const { strings } = useText();
  const session = useValue(core.session);
  const place = useValue(navigation.place);
  const leaving = useValue(navigation.leaving);
  const visitor = session.status === "ready" ? session.endUser.id : null;
  const formerVisitor = useRef(visitor);
  const base = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    if (formerVisitor.current !== null && formerVisitor.current !== visitor) navigation.reset();
    formerVisitor.current = visitor;
  }, [visitor]);

  useReturnOfFocus(base.current, place);

  if (session.status === "failed") {
    return (
      <div class="screen">
        <Header title={strings.messages} />
        <Failure problem={session.problem} onRetry={() => void core.start()} />
      </div>
    );
  }
  if (session.status !== "ready") {
    return (
      <div class="screen">
        <Header title={strings.messages} />
        <Skeleton rows={SKELETON_ROWS} kind="row" />
      </div>
    );
  }
  return (
    <>
      <div
        class="screen base"
        ref={base}
        inert={place !== null}
        data-covered={place !== null && !leaving}
      >
        <Home title={session.display.title || session.agentName} tabs={session.tabs} />
      </div>
      {place && <Over key={place.item?.id ?? ""} place={place} />}
    </>
  );
}

/** A screen that slides over the list. */
function Over({ place }: { place: Place }) {
  const { navigation } = usePanel();
  const { strings } = useText();
  const screen = useRef<HTMLDivElement>(null);
  const leaving = useValue(navigation.leaving);

  useLayoutEffect(() => {
    const element = screen.current;
    // A composer that wants the focus has taken it by now.
    if (element && !element.contains((element.getRootNode() as ShadowRoot).activeElement)) element.focus();
  }, []);
  useLayoutEffect(() => {
    if (leaving && screen.current) slideOut(screen.current, navigation.drop);
  }, [leaving]);
  useSwipeBack(screen, navigation.back);

  const { tab, item, thread } = place;
  return (
    <div class="screen over" ref={screen} tabIndex={-1}>
      {tab.category === "messaging" && thread
        ? (
          <Thread
            tab={tab}
            store={thread}
            title={item ? item.title || strings.conversation : strings.newConversation}
          />
        )
        : item && <Detail tab={tab} item={item} store={thread} />}
    </div>
  );
}

/** Going back returns the focus to the row that was opened. */
function useReturnOfFocus(base: HTMLElement | null, place: Place | null): void {
  const former = useRef<Place | null>(null);
  useLayoutEffect(() => {
    const left = former.current;
    former.current = place;
    if (!left || place || !base) return;
    const id = left.item?.id;
    const row = id === undefined
      ? null
      : base.querySelector<HTMLElement>(`.row[data-id="${CSS.escape(id)}"]`);
    (row ?? base.querySelector<HTMLElement>(".row[tabindex='0'], .button, button"))?.focus();
  }, [place]);
}
