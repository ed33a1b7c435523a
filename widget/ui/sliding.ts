import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { prefersStillness } from "../../kit/components/motion.ts";

const SLIDE_MS = 200;
const EASING = "cubic-bezier(.2, .8, .2, 1)";
/** Pixels before a touch counts as a swipe rather than a tap or a scroll. */
const START = 12;
/** Share of the width after which letting go means going back. */
const ENOUGH = 0.3;

/** Slides a screen off towards the end of the line, then calls `done`. At once where motion is not wanted. */
export function slideOut(screen: HTMLElement, done: () => void): void {
  if (prefersStillness()) return done();
  const to = { transform: `translateX(${100 * sign(screen)}%)` };
  screen.animate(to, { duration: SLIDE_MS, easing: EASING, fill: "forwards" }).finished.then(done, done);
}

/** Dragging the screen towards the end of the line goes back, as on a phone. */
export function useSwipeBack(ref: RefObject<HTMLElement | null>, back: () => void): void {
  useLayoutEffect(() => {
    const screen = ref.current;
    if (!screen) return;
    let from: Touch | undefined;
    let dragged = 0;

    const onStart = (event: TouchEvent) => {
      const onField = event.target instanceof Element && event.target.closest("textarea, input");
      from = event.touches.length === 1 && !onField ? event.touches[0] : undefined;
      dragged = 0;
    };
    const onMove = (event: TouchEvent) => {
      const touch = event.touches[0];
      if (!from || !touch) return;
      const across = (touch.clientX - from.clientX) * sign(screen);
      const along = Math.abs(touch.clientY - from.clientY);
      if (dragged === 0 && along > START && along > across) {
        from = undefined;
        return;
      }
      if (across < START) return;
      dragged = across;
      screen.style.transform = `translateX(${across * sign(screen)}px)`;
    };
    const onEnd = () => {
      if (dragged > screen.clientWidth * ENOUGH) back();
      else screen.style.transform = "";
      from = undefined;
      dragged = 0;
    };

    const stop = new AbortController();
    const options = { signal: stop.signal, passive: true };
    screen.addEventListener("touchstart", onStart, options);
    screen.addEventListener("touchmove", onMove, options);
    screen.addEventListener("touchend", onEnd, options);
    screen.addEventListener("touchcancel", onEnd, options);
    return () => stop.abort();
  }, []);
}

/** 1 where lines run to the right, −1 where they run to the left. */
function sign(element: HTMLElement): 1 | -1 {
  return getComputedStyle(element).direction === "rtl" ? -1 : 1;
}
