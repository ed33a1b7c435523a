import type { CoreEnvironment } from "./environment.ts";

/** A span of life: what is started in it ends with it. */
export interface Scope {
  readonly ended: boolean;
  /** Aborts when the scope ends. */
  readonly signal: AbortSignal;
  /** Runs once after so many milliseconds, unless cancelled by the returned function or by the end. */
  after(milliseconds: number, run: () => void): () => void;
  onEnd(run: () => void): void;
  /** A scope that ends with this one, or earlier. */
  child(): Scope;
  end(): void;
}

type Timers = Pick<CoreEnvironment, "setTimeout" | "clearTimeout">;

export function createScope(timers: Timers): Scope {
  const abort = new AbortController();
  const { signal } = abort;

  function onEnd(run: () => void): () => void {
    if (signal.aborted) run();
    signal.addEventListener("abort", run, { once: true });
    return () => signal.removeEventListener("abort", run);
  }

  return {
    get ended() {
      return signal.aborted;
    },
    signal,
    after(milliseconds, run) {
      if (signal.aborted) return () => {};
      const id = timers.setTimeout(() => {
        forget();
        run();
      }, milliseconds);
      const cancel = () => {
        timers.clearTimeout(id);
        forget();
      };
      const forget = onEnd(cancel);
      return cancel;
    },
    onEnd,
    child() {
      const child = createScope(timers);
      const detach = onEnd(() => child.end());
      child.onEnd(detach);
      return child;
    },
    end: () => abort.abort(),
  };
}
