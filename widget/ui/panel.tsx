import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { useText } from "../../kit/text/text_context.ts";
import type { SessionState } from "../core/session/session.ts";
import { usePanel } from "./panel_context.ts";
import type { Place } from "./navigation.ts";
import { Header } from "./header.tsx";
import { Failure } from "../../kit/components/notes.tsx";
import { LoadedDetail } from "./screens/loaded_detail.tsx";
import { Home } from "./screens/home.tsx";
import { ListSkeleton } from "./screens/list.tsx";
import { Thread } from "./screens/thread.tsx";
import { useFramed } from "../../kit/components/painted.ts";
import { useValue } from "../../kit/components/use_value.ts";
import type { RefObject } from "preact";
import { prefersStillness } from "../../kit/components/motion.ts";

/** Problems that a visitor can mend by signing in. */
const SIGNED_OUT = /anonymous_not_allowed|invalid_user_token/;

/** Everything inside the dialog; only the frame of it while `filled` is false. */
export function Panel({ filled }: { filled: boolean }) {
  const { core, navigation, options: { signInUrl } } = usePanel();
  const { strings } = useText();
  const current = useValue(core.session);
  const session: SessionState = filled ? current : { status: "loading" };
  const place = useValue(navigation.place);
  const leaving = useValue(navigation.leaving);
  const visitor = session.status === "ready" ? session.endUser.id : null;
  const formerVisitor = useRef(visitor);
  const base = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    if (formerVisitor.current !== null && formerVisitor.current !== visitor) navigation.reset();
    formerVisitor.current = visitor;
    if (visitor) navigation.restore();
  }, [visitor]);

  useReturnOfFocus(base.current, place);
  // The same element: what opens over the list does not draw it again.
  const home = useMemo(() => session.status === "ready" && <Home session={session} />, [session]);
  // Once what covers it is painted: it makes the browser look at every element below.
  useEffect(() => {
    if (base.current) base.current.inert = place !== null;
  }, [place, home]);

  if (session.status !== "ready") {
    return (
      <div key="none" class="screen">
        <Header title={strings.messages} />
        {session.status === "failed"
          ? (
            <Failure problem={session.problem} onRetry={() => void core.start()}>
              {signInUrl && SIGNED_OUT.test(session.problem.code) && (
                <a class="button accent" href={signInUrl}>{strings.signIn}</a>
              )}
            </Failure>
          )
          : <ListSkeleton />}
      </div>
    );
  }
  return (
    <>
      <div
        class="screen base"
        ref={base}
        data-covered={place !== null && !leaving}
      >
        {home}
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
  const framed = useFramed();

  useLayoutEffect(() => {
    const element = screen.current;
    if (!element) return;
    const { activeElement } = element.getRootNode() as ShadowRoot;
    if (!place.restored || activeElement === element.parentElement) element.focus();
  }, []);
  useLayoutEffect(() => {
    if (leaving && screen.current) slideOut(screen.current, navigation.drop);
  }, [leaving]);
  useSwipeBack(screen, navigation.back);

  const { tab, item, thread } = place;
  return (
    <div class="screen over" ref={screen} tabIndex={-1}>
      {framed && (thread
        ? (
          <Thread
            tab={tab}
            store={thread}
            restored={place.restored}
            title={item ? item.title || strings.conversation : strings.newConversation}
          />
        )
        : item && <LoadedDetail tab={tab} item={item} />)}
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
    base.inert = false;
    const id = CSS.escape(left.item?.id ?? "");
    const row = base.querySelector<HTMLElement>(`.row[data-id="${id}"]`);
    (row ?? base.querySelector<HTMLElement>("button"))?.focus();
  }, [place]);
}

const SLIDE_MS = 200;
const EASING = "cubic-bezier(.2, .8, .2, 1)";
/** Taps come from fingers. */
const TOUCH = "(any-pointer: coarse)";

/** Slides a screen off towards the end of the line, then calls `done`. At once where motion is not wanted. */
function slideOut(screen: HTMLElement, done: () => void): void {
  if (prefersStillness()) return done();
  const to = { transform: `translateX(${100 * sign(screen)}%)` };
  screen.animate(to, { duration: SLIDE_MS, easing: EASING, fill: "forwards" }).finished.then(done, done);
}

/** Dragging the screen towards the end of the line goes back; the code comes only where there are fingers to do it. */
function useSwipeBack(ref: RefObject<HTMLElement | null>, back: () => void): void {
  useLayoutEffect(() => {
    const screen = ref.current;
    if (!screen || !matchMedia(TOUCH).matches) return;
    const stop = new AbortController();
    import("./swipe_back.ts").then(
      (module) => module.swipeBack({ screen, sign: sign(screen), back, signal: stop.signal }),
      // The back button is there all the same.
      () => {},
    );
    return () => stop.abort();
  }, []);
}

/** 1 where lines run to the right, −1 where they run to the left. */
function sign(element: HTMLElement): 1 | -1 {
  return getComputedStyle(element).direction === "rtl" ? -1 : 1;
}
