import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { EntryStatus } from "../../shared/items.ts";
import type { Problem } from "../../client/http/problem.ts";
import { growingWords } from "../strings/growing.ts";
import { problemText, useText } from "../text/text_context.ts";

interface GrowingProps {
  status: EntryStatus;
  /** Resolves to why it could not be stopped. */
  stop(): Promise<Problem | null>;
}

/** Below a message that grows: a way to stop it. Below one that ended before it was whole: that it did. */
export function Growing({ status, stop }: GrowingProps) {
  const words = useText().strings.growing ?? growingWords;
  if (status === "streaming") return <Stop stop={stop} />;
  return <p class="receipt">{status === "cancelled" ? words.stopped : words.broken}</p>;
}

function Stop({ stop }: Pick<GrowingProps, "stop">) {
  const place = useRef<HTMLParagraphElement>(null);
  // The button goes when the message has ended.
  useLayoutEffect(() => () => focusEntry(place.current), []);
  const { strings } = useText();
  const words = strings.growing ?? growingWords;
  const [stopping, setStopping] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function ask() {
    if (stopping) return;
    setStopping(true);
    const refused = await stop();
    setProblem(refused);
    if (refused) setStopping(false);
  }

  return (
    <p class="receipt" ref={place}>
      <button type="button" class="link" aria-disabled={stopping} onClick={() => void ask()}>
        {stopping ? words.stopping : words.stop}
      </button>
      {problem && <span class="problem" role="alert">{problemText(problem, strings)}</span>}
    </p>
  );
}

/** Gives the focus of something in an entry to the entry. */
export function focusEntry(tools: HTMLElement | null): void {
  const { activeElement } = (tools?.getRootNode() ?? document) as Document | ShadowRoot;
  const entry = tools?.contains(activeElement) && tools.closest<HTMLElement>("[data-entry]");
  if (!entry) return;
  entry.tabIndex = -1;
  entry.focus({ preventScroll: true });
}
