import type { LoaderConfig } from "./config.ts";
import { type AddStyles, createStyles } from "./styles.ts";

const TAG = "heddle-widget";

export interface Host {
  readonly root: ShadowRoot;
  /** Everything visible stands in here. */
  readonly frame: HTMLElement;
  readonly addStyles: AddStyles;
  remove(): void;
}

/** Puts the widget's element into the page and keeps it there when a router swaps the body. */
export function createHost(config: LoaderConfig): Host {
  const element = document.createElement(TAG);
  const root = element.attachShadow({ mode: "open" });
  const frame = document.createElement("div");
  frame.className = "root";
  if (config.position) frame.dataset.position = config.position;
  root.append(frame);

  let watched: HTMLElement | undefined;
  const observer = new MutationObserver(settle);

  function settle() {
    const { body } = document;
    if (!body) return;
    if (!element.isConnected) {
      // A router's page cache may have kept a dead copy of the element.
      for (const copy of document.querySelectorAll(TAG)) copy.remove();
      body.append(element);
    }
    if (body !== watched) {
      observer.disconnect();
      observer.observe(document.documentElement, { childList: true });
      observer.observe(body, { childList: true });
      watched = body;
    }
  }
  settle();

  return {
    root,
    frame,
    addStyles: createStyles(root, config.nonce),
    remove() {
      observer.disconnect();
      element.remove();
    },
  };
}
