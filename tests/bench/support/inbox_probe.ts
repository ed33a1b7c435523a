import type { Page } from "playwright-core";

/** Makes the page write down itself when something is on the screen: what tells a test about it comes later. Before `goto`. */
export async function probeInbox(page: Page): Promise<void> {
  await page.addInitScript(() => {
    /** Resolves with the moment after the frame in which `isThere` holds first has been drawn. */
    function drawn(isThere: () => boolean): Promise<number> {
      return new Promise((resolve) => {
        const look = () =>
          requestAnimationFrame(() => {
            if (!isThere()) return look();
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => resolve(performance.now());
            // What is posted in a frame is handled when that frame has been drawn.
            port2.postMessage(null);
          });
        look();
      });
    }
    const rows = () => document.querySelectorAll("[data-row]");
    const thread = () => document.querySelector("[role=log]")?.textContent ?? "";
    let heardAt = 0;
    globalThis.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        this.addEventListener("message", () => heardAt = performance.now());
      }
    };
    const probe: InboxProbe = {
      firstView: drawn(() => rows().length > 0),
      async switchTo(id, text) {
        const from = performance.now();
        location.hash = `#/open/${id}`;
        return await drawn(() => thread().includes(text)) - from;
      },
      async shows(text) {
        let heard = 0;
        const isThere = () => {
          if (!heard && thread().includes(text)) heard = heardAt;
          return heard > 0;
        };
        // The text comes with the task of its frame: looked at as soon as it is in the document.
        new MutationObserver((_, observer) => isThere() && observer.disconnect())
          .observe(document.body, { subtree: true, childList: true, characterData: true });
        return await drawn(isThere) - heard;
      },
      async scroll(pixels, frames) {
        const list = document.querySelector(".list .scroll");
        if (!list) throw new Error("there is no list");
        for (let frame = 0; frame < frames; frame++) {
          await new Promise(requestAnimationFrame);
          list.scrollTop += pixels;
        }
        return { top: list.scrollTop, rows: rows().length };
      },
    };
    Object.assign(globalThis, { probe });
  });
}

/** Times in milliseconds. */
export interface InboxProbe {
  /** From the start of the page until the first rows are drawn. */
  firstView: Promise<number>;
  /** Opens a conversation; from then until one of its messages is drawn. */
  switchTo(id: string, text: string): Promise<number>;
  /** From the frame that brings a message to the open thread until it is drawn. */
  shows(text: string): Promise<number>;
  /** Scrolls the list by so many pixels in each of so many frames. Where it is then, and how many rows stand in the document. */
  scroll(pixels: number, frames: number): Promise<{ top: number; rows: number }>;
}

/** Runs in the page, with its probe. */
export function inPage<Value>(page: Page, expression: string): Promise<Value> {
  return page.evaluate(`(async ({ probe }) => ${expression})(globalThis)`);
}
