import { useLayoutEffect } from "preact/hooks";
import type { ReadonlySignal } from "@preact/signals-core";
import { useValue } from "../components/use_value.ts";

interface Reader {
  setReading(reading: boolean): void;
}

/** Tells the reader whether the newest entry is on a visible screen: thread at its bottom, screen shown, page visible. */
export function useReading(reader: Reader, atBottom: boolean, shown: ReadonlySignal<boolean>): void {
  const isShown = useValue(shown);
  useLayoutEffect(() => {
    const tell = () => reader.setReading(atBottom && isShown && document.visibilityState === "visible");
    tell();
    document.addEventListener("visibilitychange", tell);
    return () => {
      document.removeEventListener("visibilitychange", tell);
      reader.setReading(false);
    };
  }, [reader, atBottom, isShown]);
}
