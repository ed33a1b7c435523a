/** Pixels from the bottom that still count as being there. */
const AT_BOTTOM = 24;
/** Pixels between the top and the line before what is new. */
const ABOVE_NEW = 12;

/** Keeps what the reader reads in its place while the thread changes around it. */
export interface ScrollKeeper {
  /** To be called on every scroll event. */
  remember(): void;
  /** Whether the thread stands where it went to what is new, and nobody has scrolled from there. */
  isLed(): boolean;
  /** To be called after every change of the content or the size. */
  restore(): void;
  /** What is new was seen to its end: it leads nowhere any more. */
  read(): void;
  toBottom(): void;
}

interface Anchor {
  element: HTMLElement;
  /** Distance from the top of the scroller. */
  offset: number;
}

/**
 * `anchors` selects the elements of which one stays in its place, `news` the line before what is new: where more than a
 * screenful stands behind it, the thread goes there instead of to its bottom, once. `onPinned` hears whether the newest entry is in
 * view, so that new ones may scroll the thread; at first it is.
 */
export function createScrollKeeper(
  scroller: HTMLElement,
  anchors: string,
  news: string,
  onPinned: (pinned: boolean) => void,
): ScrollKeeper {
  let pinned = true;
  let anchor: Anchor | undefined;
  /** Where the reader was last known to be. */
  let top = 0;
  let passed: HTMLElement | null = null;
  /** Where it went to what is new. */
  let led: number | undefined;

  const offsetOf = (element: HTMLElement) =>
    element.getBoundingClientRect().top - scroller.getBoundingClientRect().top;

  function remember() {
    const { scrollHeight, scrollTop, clientHeight } = scroller;
    // Hidden: nothing has a size, and nobody scrolled.
    if (clientHeight === 0) return;
    // Whoever moves away from the end by a little is about to leave it.
    pinned = scrollHeight - scrollTop - clientHeight <= (scrollTop < top ? 1 : AT_BOTTOM);
    top = scrollTop;
    onPinned(pinned);
    anchor = undefined;
    if (pinned) return;
    for (const element of scroller.querySelectorAll<HTMLElement>(anchors)) {
      const offset = offsetOf(element);
      if (offset + element.offsetHeight > 0) {
        anchor = { element, offset };
        return;
      }
    }
  }

  function toBottom() {
    scroller.scrollTop = scroller.scrollHeight;
  }

  const newLine = () => scroller.querySelector<HTMLElement>(news);

  /** True if there is so much new that its beginning would be out of view. */
  function toNew(): boolean {
    const line = newLine();
    // As it is laid out, from the top of `.thread`: a panel that is opening is drawn smaller, and 0 is not drawn at all.
    const top = line?.offsetTop;
    if (!top || line === passed || top - ABOVE_NEW >= scroller.scrollHeight - scroller.clientHeight) {
      return false;
    }
    passed = line;
    scroller.scrollTop = top - ABOVE_NEW;
    led = scroller.scrollTop;
    remember();
    return true;
  }

  return {
    remember,
    isLed: () => scroller.scrollTop === led,
    toBottom,
    read: () => void (passed = newLine()),
    restore() {
      // The reader has scrolled, and the event that says so is yet to come. What was moved in the page begins at 0.
      if (scroller.scrollTop && scroller.scrollTop < top) remember();
      if (pinned) toNew() || toBottom();
      else if (anchor?.element.isConnected) scroller.scrollTop += offsetOf(anchor.element) - anchor.offset;
      top = scroller.scrollTop;
    },
  };
}
