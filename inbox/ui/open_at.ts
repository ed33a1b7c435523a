import { useEffect } from "preact/hooks";
import type { Thread } from "../core/thread.ts";

/** More of a conversation is not loaded to find a message in it. */
const MOST_PAGES = 100;

/** Brings a message or a note of the open conversation into view, and loads what is older until it is there. */
export function useMessageInView(thread: Thread | null, messageId: string | null): void {
  useEffect(() => {
    if (!thread || messageId === null) return;
    const entryId = messageId.replace("note-", "note ");
    let pages = 0;
    let frame = 0;
    const stop = thread.state.subscribe(({ status, entries, hasOlder, loadingOlder, problem }) => {
      if (status !== "ready") return;
      cancelAnimationFrame(frame);
      if (entries.some(({ id }) => id === entryId)) frame = requestAnimationFrame(show);
      else if (hasOlder && !loadingOlder && !problem && pages++ < MOST_PAGES) {
        queueMicrotask(thread.loadOlder);
      }
    });
    function show() {
      const element = document.querySelector<HTMLElement>(`[data-entry="${entryId}"]`);
      if (!element) return void (frame = requestAnimationFrame(show));
      stop();
      element.scrollIntoView({ block: "center" });
      // The event itself comes a frame later, and until then the list goes back to where it was when it is laid out again.
      for (const type of ["scroll", "placed"]) element.closest(".scroll")?.dispatchEvent(new Event(type));
      element.dataset.found = "true";
    }
    return () => {
      stop();
      cancelAnimationFrame(frame);
      document.querySelector<HTMLElement>("[data-found]")?.removeAttribute("data-found");
    };
  }, [thread, messageId]);
}
