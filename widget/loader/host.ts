import type { LoaderConfig } from "./config.ts";

export interface Host {
  /** The element that everything visible stands in. */
  readonly frame: HTMLElement;
  /** Adds a style sheet to the shadow root. */
  readonly addStyles: (css: string) => void;
  remove(): void;
}

/**
 * Puts the widget's element beside the page's body, where no transform of the body takes its fixed place away, and keeps
 * it there when a router clears it away.
 */
export function createHost(config: LoaderConfig): Host {
  const element = document.createElement("heddle-widget");
  const root = element.attachShadow({ mode: "open" });
  const frame = document.createElement("div");
  frame.className = "root";
  // Elements of the page that are named "body" hide the document's own property.
  const body = document.querySelector("body") as HTMLBodyElement;
  frame.dataset.side = config.position || (getComputedStyle(body).direction === "rtl" ? "left" : "right");
  frame.style.zIndex = config.zIndex ?? "";
  root.append(frame);

  // In a task of its own: on a slow phone it takes as long as all the rest.
  setTimeout(keepEventsInside, 0, element);
  // A page that takes it away each time wins: both would never end.
  let left = 99;
  const observer = new MutationObserver(settle);
  function settle() {
    const { documentElement } = document;
    if (!documentElement || element.isConnected || --left < 0) return;
    for (const parent of [document, documentElement]) observer.observe(parent, { childList: true });
    documentElement.append(element);
    // What was scrolled has lost its position.
    frame.dispatchEvent(new Event("attached"));
  }
  settle();

  return {
    frame,
    addStyles(css) {
      // A constructable sheet needs no permission, and no nonce, from a Content-Security-Policy.
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets.push(sheet);
    },
    remove() {
      observer.disconnect();
      element.remove();
    },
  };
}

/** Reports of the page's Content-Security-Policy are the page's, and raw pointer updates are costly to ask for. */
const STAYS = /^on(?!sec|pointerr)/;

/**
 * What a visitor does in the widget is over there: the page's shortcuts, smooth scrolling and analytics neither see nor
 * prevent it. Only listeners of the capture phase come before (docs/embed.md).
 */
function keepEventsInside(element: HTMLElement): void {
  const stop = (event: Event) => event.stopPropagation();
  const keep = (name: string) => element.addEventListener(name, stop, { passive: true });
  for (const property in element) if (STAYS.test(property)) keep(property.slice(2));
  keep("focusin");
  keep("focusout");
}
