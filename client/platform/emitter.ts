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

/** Calls those who listen. One that throws does not keep the others from it: the page sees its error as uncaught. */
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
