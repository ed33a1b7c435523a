/** A page that nobody sees draws no frames; what waits for one goes on all the same. */
const LONGEST_FRAME_MS = 500;

/** Resolves in a task of its own once what has been drawn by now is on the screen. */
export function painted(): Promise<unknown> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, LONGEST_FRAME_MS);
  });
}
