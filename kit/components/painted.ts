import { useLayoutEffect, useState } from "preact/hooks";

/** A page that nobody sees draws no frames; what waits for one goes on all the same. */
const LONGEST_FRAME_MS = 500;

/** Resolves in a task of its own once what has been drawn by now is on the screen. */
export function painted(): Promise<unknown> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, LONGEST_FRAME_MS);
  });
}

/** Whether what is around a component has been painted without it: drawing both at once would take long on a slow phone. */
export function useFramed(): boolean {
  const [framed, setFramed] = useState(false);
  useLayoutEffect(() => void painted().then(() => setFramed(true)), []);
  return framed;
}
