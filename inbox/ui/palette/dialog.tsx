import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import "../styles/palette.css";

interface DialogProps {
  label: string;
  class: string;
  onClose: () => void;
  children: ComponentChildren;
}

/** Over everything else, which is out of reach as long; Escape and a press beside it close it. */
export function Dialog({ label, class: name, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    const ending = new AbortController();
    element?.showModal();
    element?.addEventListener("close", onClose, { signal: ending.signal });
    return () => {
      // The event comes later, and would close the dialog that was opened meanwhile.
      ending.abort();
      element?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${name}`}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={({ target }) => target === dialog.current && onClose()}
    >
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}
