type Handler<Detail> = (detail: Detail) => void;

export interface Emitter<Events> {
  /** Returns what ends the subscription. */
  on<Name extends keyof Events>(name: Name, handler: Handler<Events[Name]>): () => void;
  emit<Name extends keyof Events>(name: Name, detail: Events[Name]): void;
}

export function createEmitter<Events>(): Emitter<Events> {
  const handlers: { [Name in keyof Events]?: Set<Handler<Events[Name]>> } = {};
  return {
    on(name, handler) {
      const all = handlers[name] ??= new Set();
      all.add(handler);
      return () => all.delete(handler);
    },
    emit(name, detail) {
      callEach(handlers[name] ?? [], (handler) => handler(detail));
    },
  };
}

/**
 * Calls those who listen. One that throws does not keep the others from it: the page sees its error as
 * uncaught.
 */
export function callEach<Callback>(callbacks: Iterable<Callback>, call: (callback: Callback) => void): void {
  for (const callback of [...callbacks]) {
    try {
      call(callback);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

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
