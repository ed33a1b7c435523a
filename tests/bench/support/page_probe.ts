import type { Page } from "playwright-core";

/** Moments in a page, in milliseconds since the epoch. */
export interface Moments {
  /** The broadcast on the conversation's channel came in. */
  heard: number;
  /** The text was in the open thread. */
  shown: number;
  /** How long the thread's refetch took, from the widget's `fetch` to the end of its answer. */
  refetchMs: number;
}

interface Probe {
  heard: number;
  shows(text: string): Promise<Moments>;
}

/** Makes the page write down itself when something happens: what tells a test about it comes later. Before `goto`. */
export async function probe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const SOON = 50;
    const now = () => performance.timeOrigin + performance.now();
    const decoder = new TextDecoder();
    const moments: Probe = {
      heard: 0,
      shows: (text) =>
        new Promise((resolve) => {
          moments.heard = 0;
          const thread = document.querySelector("heddle-widget")?.shadowRoot?.querySelector("[role=log]");
          if (!thread) throw new Error("there is no open thread");
          const observer = new MutationObserver(() => {
            if (!thread.textContent?.includes(text)) return;
            observer.disconnect();
            const shown = now();
            const { heard } = moments;
            const isRefetch = ({ name, startTime }: PerformanceEntry) =>
              name.endsWith("/tab-action") && performance.timeOrigin + startTime >= heard;
            // The browser may write its entry a little later.
            setTimeout(() => {
              const refetch = performance.getEntriesByType("resource").find(isRefetch);
              resolve({ heard, shown, refetchMs: refetch?.duration ?? NaN });
            }, SOON);
          });
          observer.observe(thread, { subtree: true, childList: true, characterData: true });
        }),
    };
    Object.assign(globalThis, { probe: moments });
    performance.setResourceTimingBufferSize(10_000);
    globalThis.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        this.addEventListener("message", ({ data }) => {
          if (typeof data !== "string" && decoder.decode(data).includes("conv-")) moments.heard ||= now();
        });
      }
    };
  });
}

/** Resolves once the open thread shows a text that is not there yet. */
export function shows(page: Page, text: string): Promise<Moments> {
  return page.evaluate((text) => (globalThis as unknown as { probe: Probe }).probe.shows(text), text);
}
