import { useLayoutEffect } from "preact/hooks";
import type { ThreadStore } from "../../core/types.ts";
import { useFace } from "../face.ts";
import { useValue } from "../use_value.ts";

/** Tells the store whether the newest entry is before somebody's eyes: thread at its bottom, panel open, page visible. */
export function useReading(store: ThreadStore, atBottom: boolean): void {
  const { visible } = useFace();
  const open = useValue(visible);
  useLayoutEffect(() => {
    const tell = () => store.setReading(atBottom && open && document.visibilityState === "visible");
    tell();
    document.addEventListener("visibilitychange", tell);
    return () => {
      document.removeEventListener("visibilitychange", tell);
      store.setReading(false);
    };
  }, [store, atBottom, open]);
}
