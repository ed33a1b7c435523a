import type { CoreEvents } from "./types.ts";

type Handler<Name extends keyof CoreEvents> = (detail: CoreEvents[Name]) => void;

export interface Emitter {
  on<Name extends keyof CoreEvents>(name: Name, handler: Handler<Name>): () => void;
  emit<Name extends keyof CoreEvents>(name: Name, detail: CoreEvents[Name]): void;
}

export function createEmitter(): Emitter {
  const handlers: { [Name in keyof CoreEvents]: Set<Handler<Name>> } = {
    unread: new Set(),
    message: new Set(),
    error: new Set(),
    ready: new Set(),
  };
  return {
    on(name, handler) {
      handlers[name].add(handler);
      return () => handlers[name].delete(handler);
    },
    emit(name, detail) {
      for (const handler of [...handlers[name]]) {
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
