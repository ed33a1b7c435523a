import type { Environment } from "./environment.ts";

/** A span of life: what is started in it ends with it. */
export interface Scope {
  readonly ended: boolean;
  /** Aborts when the scope ends. */
  readonly signal: AbortSignal;
  /** Runs once after so many milliseconds, unless cancelled by the returned function or by the end. */
  after(milliseconds: number, run: () => void): () => void;
  /** Runs at the end; at once if that has come. Returns what takes it back. */
  onEnd(run: () => void): () => void;
  /** A scope that ends with this one, or earlier. */
  child(): Scope;
  end(): void;
}

type Timers = Pick<Environment, "setTimeout" | "clearTimeout">;

export function createScope(timers: Timers): Scope {
  const abort = new AbortController();
  const { signal } = abort;
  const endings = new Set<() => void>();

  function onEnd(run: () => void): () => void {
    if (signal.aborted) run();
    else endings.add(run);
    return () => endings.delete(run);
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
      child.onEnd(onEnd(child.end));
      return child;
    },
    end() {
      if (signal.aborted) return;
      abort.abort();
      for (const run of endings) run();
      endings.clear();
    },
  };
}
