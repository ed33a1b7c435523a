import type { LoaderConfig } from "./config.ts";

const TAG = "heddle-widget";

/** Adds a style sheet to the shadow root. */
export type AddStyles = (css: string) => void;

export interface Host {
  /** The element that everything visible stands in. */
  readonly frame: HTMLElement;
  readonly addStyles: AddStyles;
  remove(): void;
}

/** Puts the widget's element into the page and keeps it there when a router swaps the body. */
export function createHost(config: LoaderConfig): Host {
  const element = document.createElement(TAG);
  const root = element.attachShadow({ mode: "open" });
  const frame = document.createElement("div");
  const { position, zIndex } = config;
  frame.className = "root";
  frame.dataset.side = position || (getComputedStyle(document.body).direction === "rtl" ? "left" : "right");
  if (zIndex) frame.style.zIndex = zIndex;
  root.append(frame);

  const observer = new MutationObserver(settle);
  function settle() {
    const { documentElement, body } = document;
    if (!body || element.isConnected) return;
    // A router's page cache may have kept a dead copy of the element.
    for (const copy of document.querySelectorAll(TAG)) copy.remove();
    body.append(element);
    // What was scrolled has lost its position.
    frame.dispatchEvent(new Event("attached"));
    observer.disconnect();
    for (const parent of [documentElement, body]) observer.observe(parent, { childList: true });
  }
  settle();

  return {
    frame,
    addStyles: createStyles(root),
    remove() {
      observer.disconnect();
      element.remove();
    },
  };
}

/** Constructable stylesheets: they need no permission, and no nonce, from a Content-Security-Policy. */
function createStyles(root: ShadowRoot): AddStyles {
  return (css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  };
}
