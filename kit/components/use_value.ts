import type { ReadonlySignal } from "../../client/platform/emitter.ts";
import { useLayoutEffect, useState } from "preact/hooks";

type NotAFunction = string | number | boolean | object | null;

/** The signal's value; the component is drawn again when it changes. */
export function useValue<T extends NotAFunction>(signal: ReadonlySignal<T>): T {
  const [, redraw] = useState(signal.value);
  useLayoutEffect(() => signal.subscribe(redraw), [signal]);
  return signal.value;
}
