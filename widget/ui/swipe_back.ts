/** Pixels before a touch counts as a swipe rather than a tap or a scroll. */
const START = 12;
/** Share of the width after which letting go means going back. */
const ENOUGH = 0.3;

interface SwipeBack {
  screen: HTMLElement;
  /** 1 where lines run to the right, −1 where they run to the left. */
  sign: 1 | -1;
  back: () => void;
  /** Ends it. */
  signal: AbortSignal;
}

/** Dragging the screen towards the end of the line goes back, as on a phone. */
export function swipeBack({ screen, sign, back, signal }: SwipeBack): void {
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
    const across = (touch.clientX - from.clientX) * sign;
    const along = Math.abs(touch.clientY - from.clientY);
    if (dragged === 0 && along > START && along > across) {
      from = undefined;
      return;
    }
    if (across < START) return;
    dragged = across;
    screen.style.transform = `translateX(${across * sign}px)`;
  };
  const onEnd = () => {
    if (dragged > screen.clientWidth * ENOUGH) back();
    else screen.style.transform = "";
    from = undefined;
    dragged = 0;
  };

  const options = { signal, passive: true };
  screen.addEventListener("touchstart", onStart, options);
  screen.addEventListener("touchmove", onMove, options);
  screen.addEventListener("touchend", onEnd, options);
  screen.addEventListener("touchcancel", onEnd, options);
}
