import type { CoreEvents } from "../../core/core.ts";

/** What a page can listen to with `heddle("on", name, handler)`. */
export interface WidgetEvents extends CoreEvents {
  open: undefined;
  close: undefined;
}

export type EventName = keyof WidgetEvents;
export type Handler<Name extends EventName> = (detail: WidgetEvents[Name]) => void;

export interface Events {
  on<Name extends EventName>(name: Name, handler: Handler<Name>): void;
  off<Name extends EventName>(name: Name, handler: Handler<Name>): void;
  emit<Name extends EventName>(name: Name, detail: WidgetEvents[Name]): void;
  /** Like `emit`, and told to those who come later as well. */
  settle<Name extends EventName>(name: Name, detail: WidgetEvents[Name]): void;
  /** Forgets what was settled about a visitor who left. */
  forget(): void;
}

/** Listeners by event name. */
export function createEvents(): Events {
  const handlers = new Map<EventName, Set<(detail: never) => void>>();
  const settled = new Map<EventName, unknown>();

  const events: Events = {
    on(name, handler) {
      const known = handlers.get(name) ?? new Set();
      handlers.set(name, known.add(handler));
      if (settled.has(name)) call(handler, settled.get(name));
    },
    off(name, handler) {
      handlers.get(name)?.delete(handler);
    },
    emit(name, detail) {
      for (const handler of [...(handlers.get(name) ?? [])]) call(handler, detail);
    },
    settle(name, detail) {
      settled.set(name, detail);
      events.emit(name, detail);
    },
    forget() {
      settled.clear();
    },
  };
  return events;
}

/** A page's handler that throws must not stop the widget, but the page's error tracker has to see it. */
function call(handler: (detail: never) => void, detail: unknown): void {
  try {
    handler(detail as never);
  } catch (error) {
    reportError(error);
  }
}
