import type { ComponentType } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useText } from "../../kit/text/text_context.ts";
import { words } from "./strings.ts";

/** A part of the app that is loaded when it is first shown, or before by `load`. */
export interface LatePart<Props> {
  /** `null` until it is there. */
  readonly Part: ComponentType<Props> | null;
  load(): Promise<void>;
}

export function latePart<Props>(fetch: () => Promise<ComponentType<Props>>): LatePart<Props> {
  let Part: ComponentType<Props> | null = null;
  return {
    get Part() {
      return Part;
    },
    async load() {
      Part ??= await fetch();
    },
  };
}

interface LateProps<Props> {
  of: LatePart<Props>;
  props: Props;
  /** Closes what was opened and is over the rest. */
  onClose?: () => void;
}

/** Shows it at once if it has been loaded. */
export function Late<Props extends object>({ of, props, onClose }: LateProps<Props>) {
  const [, redraw] = useState({});
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let isGone = false;
    if (!of.Part && !failed) {
      of.load().then(() => !isGone && redraw({}), () => !isGone && setFailed(true));
    }
    return () => void (isGone = true);
  }, [of, failed]);
  if (failed) return <Missing onRetry={() => setFailed(false)} onClose={onClose} />;
  const { Part } = of;
  return Part && <Part {...props} />;
}

interface MissingProps {
  onRetry: () => void;
  onClose?: () => void;
}

/** In place of a part that did not load; Escape closes it where it can be closed. */
function Missing({ onRetry, onClose }: MissingProps) {
  const { strings } = useText();
  const note = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => onClose && note.current?.querySelector("button")?.focus(), []);
  return (
    <div
      class="empty missing"
      data-over={onClose !== undefined}
      role="alert"
      ref={note}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !onClose) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <p>{words.partMissing}</p>
      <button type="button" class="button" onClick={onRetry}>{strings.retry}</button>
      {onClose && <button type="button" class="link" onClick={onClose}>{words.dismiss}</button>}
    </div>
  );
}
