import { type ReadonlySignal, signal } from "@preact/signals";

/** Pixels from the bottom that still count as being there. */
const AT_BOTTOM = 24;

/** Keeps what the reader reads in its place while the thread changes around it. */
export interface ScrollKeeper {
  /** The newest entry is in view; new ones may scroll the thread. */
  readonly pinned: ReadonlySignal<boolean>;
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

/** `anchors` selects the elements that one of which stays in its place. */
export function createScrollKeeper(scroller: HTMLElement, anchors: string): ScrollKeeper {
  const pinned = signal(true);
  let anchor: Anchor | undefined;

  const offsetOf = (element: HTMLElement) =>
    element.getBoundingClientRect().top - scroller.getBoundingClientRect().top;

  function remember() {
    const { scrollHeight, scrollTop, clientHeight } = scroller;
    // Hidden: nothing has a size, and nobody scrolled.
    if (clientHeight === 0) return;
    pinned.value = scrollHeight - scrollTop - clientHeight <= AT_BOTTOM;
    anchor = undefined;
    if (pinned.value) return;
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
    pinned,
    remember,
    toBottom,
    restore() {
      if (pinned.value) toBottom();
      else if (anchor?.element.isConnected) scroller.scrollTop += offsetOf(anchor.element) - anchor.offset;
    },
  };
}
