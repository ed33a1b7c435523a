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
      for (const handler of [...handlers[name] ?? []]) {
        try {
          handler(detail);
        } catch (error) {
          // A page's handler failed: the page gets to see it as uncaught, and the widget goes on.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
  };
}
