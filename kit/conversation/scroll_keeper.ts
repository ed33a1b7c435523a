/** Pixels from the bottom that still count as being there. */
const AT_BOTTOM = 24;

/** Keeps what the reader reads in its place while the thread changes around it. */
export interface ScrollKeeper {
  /** To be called on every scroll event. */
  remember(): void;
  /** To be called after every change of the content or the size. */
  restore(): void;
  toBottom(behavior?: ScrollBehavior): void;
}

interface Anchor {
  element: HTMLElement;
  /** Distance from the top of the scroller. */
  offset: number;
}

/**
 * `anchors` selects the elements of which one stays in its place. `onPinned` hears whether the newest entry is in view,
 * so that new ones may scroll the thread; at first it is.
 */
export function createScrollKeeper(
  scroller: HTMLElement,
  anchors: string,
  onPinned: (pinned: boolean) => void,
): ScrollKeeper {
  let pinned = true;
  let anchor: Anchor | undefined;

  const offsetOf = (element: HTMLElement) =>
    element.getBoundingClientRect().top - scroller.getBoundingClientRect().top;

  function remember() {
    const { scrollHeight, scrollTop, clientHeight } = scroller;
    // Hidden: nothing has a size, and nobody scrolled.
    if (clientHeight === 0) return;
    pinned = scrollHeight - scrollTop - clientHeight <= AT_BOTTOM;
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

  function toBottom(behavior: ScrollBehavior = "auto") {
    scroller.scrollTo({ top: scroller.scrollHeight, behavior });
  }

  return {
    remember,
    toBottom,
    restore() {
      if (pinned) toBottom();
      else if (anchor?.element.isConnected) scroller.scrollTop += offsetOf(anchor.element) - anchor.offset;
    },
  };
}
