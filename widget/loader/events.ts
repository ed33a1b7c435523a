import type { CoreEvents, Problem } from "../core/types.ts";

/** The browser refuses to store anything here, so the widget forgets its visitor with the page. */
export interface StorageProblem {
  code: "storage_blocked";
  message: string;
}

/** What a page can listen to with `heddle("on", name, handler)`. */
export interface WidgetEvents extends Omit<CoreEvents, "error"> {
  open: undefined;
  close: undefined;
  error: Problem | StorageProblem;
}

export type EventName = keyof WidgetEvents;
export type Handler<Name extends EventName> = (detail: WidgetEvents[Name]) => void;

export interface Events {
  on<Name extends EventName>(name: Name, handler: Handler<Name>): void;
  off<Name extends EventName>(name: Name, handler: Handler<Name>): void;
  emit<Name extends EventName>(name: Name, detail: WidgetEvents[Name], options?: { sticky: boolean }): void;
  /** Forgets the sticky details of a visitor who left. */
  forget(...names: EventName[]): void;
  clear(): void;
}

/** Listeners by event name. A sticky event is also told to those who come later. */
export function createEvents(): Events {
  const handlers = new Map<EventName, Set<(detail: never) => void>>();
  const lasting = new Map<EventName, unknown>();

  return {
    on(name, handler) {
      const known = handlers.get(name) ?? new Set();
      handlers.set(name, known.add(handler));
      if (lasting.has(name)) call(handler, lasting.get(name));
    },
    off(name, handler) {
      handlers.get(name)?.delete(handler);
    },
    emit(name, detail, options) {
      if (options?.sticky) lasting.set(name, detail);
      for (const handler of [...(handlers.get(name) ?? [])]) call(handler, detail);
    },
    forget(...names) {
      for (const name of names) lasting.delete(name);
    },
    clear() {
      handlers.clear();
      lasting.clear();
    },
  };
}

/** A page's handler that throws must not stop the widget, but the page's error tracker has to see it. */
function call(handler: (detail: never) => void, detail: unknown): void {
  try {
    handler(detail as never);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
