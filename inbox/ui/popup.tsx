import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { nextStop } from "../../kit/components/keys.ts";
import { words } from "./strings.ts";

interface PopupProps {
  label: string;
  /** A key that opens it. */
  shortcut?: string;
  /** Shown in place of the label. */
  icon?: ComponentChildren;
  children: (close: () => void) => ComponentChildren;
}

/** A button and what it opens. Arrow keys move in there; Escape, a choice or a press elsewhere closes it. */
export function Popup({ label, shortcut, icon, children }: PopupProps) {
  const { isOpen, setOpen, frame, opener, close } = useOpening();
  const panel = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    // Without anything in it to press it takes the keys itself.
    if (isOpen) (stopsIn(panel.current)[0] ?? panel.current)?.focus();
  }, [isOpen]);
  // What was chosen may take the button away, such as that to snooze.
  useLayoutEffect(() => () => passFocus(frame.current), []);

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "Escape") {
      event.stopPropagation();
      return close();
    }
    const stops = stopsIn(panel.current);
    const current = stops.indexOf(event.target as HTMLElement);
    if (event.target instanceof HTMLInputElement) return;
    stops[nextStop(event, current, stops.length - 1)]?.focus();
  }

  return (
    <div class="popup" ref={frame}>
      <button
        type="button"
        ref={opener}
        class={icon ? "icon-button small" : "tool"}
        aria-label={icon ? label : undefined}
        title={icon ? (shortcut ? words.withKey(label, shortcut) : label) : undefined}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-keyshortcuts={shortcut}
        onClick={() => setOpen(!isOpen)}
      >
        {icon ?? label}
      </button>
      {isOpen && (
        <div
          class="popup-panel"
          ref={panel}
          role="dialog"
          tabIndex={-1}
          aria-label={label}
          onKeyDown={onKeyDown}
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}

/** Whether something is open, which a press or the focus outside `frame` closes; `close` leads back to `opener`. */
export function useOpening() {
  const [isOpen, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);

  useLayoutEffect(() => {
    if (!isOpen) return;
    const ending = new AbortController();
    const leave = ({ target }: Event) => {
      if (!frame.current?.contains(target as Node)) setOpen(false);
    };
    for (const type of ["pointerdown", "focusin"]) {
      addEventListener(type, leave, { signal: ending.signal, capture: true });
    }
    return () => ending.abort();
  }, [isOpen]);

  function close() {
    setOpen(false);
    opener.current?.focus();
  }

  return { isOpen, setOpen, frame, opener, close };
}

/** Gives the focus of something that goes to the last button beside it. */
function passFocus(going: HTMLElement | null): void {
  if (!going?.contains(document.activeElement)) return;
  [...going.parentElement?.querySelectorAll<HTMLElement>(":scope > button") ?? []].at(-1)?.focus();
}

function stopsIn(panel: HTMLElement | null): HTMLElement[] {
  return [...panel?.querySelectorAll<HTMLElement>("button, input, a") ?? []];
}
