/** As in the style sheets: small screens, and large ones at a high zoom. */
const FULL_SCREEN = "(max-width: 480px), (max-height: 480px)";

/** What a panel needs while it covers the page, and so is modal. The code for it comes where there is such a screen. */
export interface Cover {
  isFull(): boolean;
  /** The panel is shown. */
  begin(): void;
  /** It is hidden. */
  pause(): void;
  end(): void;
}

/** `back` is called for each Back of the system while the panel covers the page, where the browser tells of it. */
export function createCover(dialog: HTMLElement, back: () => void): Cover {
  const media = matchMedia(FULL_SCREEN);
  let stop: (() => void) | null = null;
  let shown = new AbortController();
  let ended = false;

  async function load() {
    if (!media.matches || ended) return;
    const { signal } = shown;
    // Tried again when the panel is shown or the screen changes: it can be used without it.
    const module = await import("./full_screen.ts").catch(() => null);
    if (!module || ended) return;
    stop ??= module.coverPage(dialog, () => media.matches);
    return () => module.followSystemBack(signal, back);
  }

  media.onchange = load;
  void load();
  return {
    isFull: () => media.matches,
    begin() {
      shown = new AbortController();
      void load().then((follow) => follow?.());
    },
    pause: () => shown.abort(),
    end() {
      ended = true;
      media.onchange = null;
      shown.abort();
      stop?.();
    },
  };
}
