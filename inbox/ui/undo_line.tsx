import { useEffect, useRef, useState } from "preact/hooks";
import { useValue } from "../../kit/components/use_value.ts";
import { KEY_TARGETS } from "./keys.ts";
import { useShell } from "./shell.ts";
import { words } from "./strings.ts";

/** What was done last, and a button that takes it back, below a list; or in a conversation, while that covers the list. */
export function UndoLine({ inThread = false }: { inThread?: boolean }) {
  const { desk: { undo } } = useShell();
  const done = useValue(undo.done);
  const [isUndone, setUndone] = useState(false);
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (done) setUndone(false);
  }, [done]);
  useEffect(() => () => undo.hold(false), [undo]);
  const hold = (isHeld: boolean) => () => undo.hold(isHeld);

  function takeBack() {
    const hadFocus = line.current?.contains(document.activeElement);
    setUndone(true);
    void undo.undo();
    if (hadFocus) document.querySelector<HTMLElement>(`[${KEY_TARGETS.row}]`)?.focus();
  }

  return (
    <div
      class="undo"
      data-thread={inThread}
      ref={line}
      onPointerEnter={hold(true)}
      onPointerLeave={hold(false)}
      onFocusIn={hold(true)}
      onFocusOut={hold(false)}
    >
      <p role="status" class={done ? undefined : "hidden"}>
        {done ? words.didTo(done.count, done.action) : isUndone && words.undone}
      </p>
      {done && (
        <button
          type="button"
          class="link"
          aria-keyshortcuts="z"
          title={words.withKey(words.undo, "z")}
          onClick={takeBack}
        >
          {words.undo}
        </button>
      )}
    </div>
  );
}
