import { callEach } from "./emitter.ts";

/** A value that can be watched. */
export interface ReadonlySignal<Value> {
  readonly value: Value;
  /** Calls `run` with the value now and whenever it is another one. Returns what ends that. */
  subscribe(run: (value: Value) => void): () => void;
}

export interface Signal<Value> extends ReadonlySignal<Value> {
  value: Value;
}

export function signal<Value>(initial: Value): Signal<Value> {
  const watchers = new Set<(value: Value) => void>();
  let current = initial;
  return {
    get value() {
      return current;
    },
    set value(next) {
      if (next === current) return;
      current = next;
      callEach(watchers, (watcher) => watcher(current));
    },
    subscribe(run) {
      watchers.add(run);
      run(current);
      return () => watchers.delete(run);
    },
  };
}
