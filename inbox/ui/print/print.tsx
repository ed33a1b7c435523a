import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../../client/http/problem.ts";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import { Dialog } from "../palette/dialog.tsx";
import { paletteWords } from "../palette/words.ts";
import { useShell } from "../shell.ts";
import { aboutSheet, putSheet } from "./sheet.tsx";

const dialogWords = {
  hint: "All of it, on white, with names and times.",
  withNotes: "With internal notes and what became of the conversation",
  print: "Print",
  loading: (count: number) => `Loading… ${count} messages so far`,
  notLoaded: "The conversation could not be loaded.",
};

/** Loads the whole conversation and hands it to the printer. */
export function PrintDialog({ onClose }: { onClose: () => void }) {
  const text = useText();
  const shell = useShell();
  const { desk, here: { conversationId } } = shell;
  const [withNotes, setWithNotes] = useState(false);
  const [loaded, setLoaded] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const isOpen = useRef(true);
  useEffect(() => () => void (isOpen.current = false), []);

  async function print() {
    if (conversationId === null || loaded !== null) return;
    setProblem(null);
    setLoaded(0);
    const result = await desk.open(conversationId).readAll((count) => {
      if (isOpen.current) setLoaded(count);
      return isOpen.current;
    });
    if (!isOpen.current) return;
    setLoaded(null);
    if (!result.ok) return setProblem(result.problem);
    const about = aboutSheet(shell);
    const takeAway = putSheet({ ...about, entries: result.value, isPart: false, withNotes }, text);
    addEventListener("afterprint", takeAway, { once: true });
    globalThis.print();
    onClose();
  }

  return (
    <Dialog label={paletteWords.print} class="printing" onClose={onClose}>
      <div class="print-body">
        <h2>{paletteWords.print}</h2>
        <p>{dialogWords.hint}</p>
        <label>
          <input
            type="checkbox"
            checked={withNotes}
            onChange={({ currentTarget }) => setWithNotes(currentTarget.checked)}
          />
          {dialogWords.withNotes}
        </label>
        {problem && (
          <p class="problem" role="alert">{dialogWords.notLoaded} {problemText(problem, text.strings)}</p>
        )}
        <p role="status" class="meta">{loaded !== null && dialogWords.loading(loaded)}</p>
        <div class="buttons">
          <button
            type="button"
            class="button small accent"
            aria-disabled={loaded !== null}
            onClick={() => void print()}
          >
            {dialogWords.print}
          </button>
          <button type="button" class="button small" onClick={onClose}>{text.strings.cancel}</button>
        </div>
      </div>
    </Dialog>
  );
}

/** The browser's own print command prints what is loaded of the open conversation, and says so. */
export function PrintedAsShown() {
  const text = useText();
  const shell = useShell();
  const { desk, here: { conversationId } } = shell;
  useEffect(() => {
    if (conversationId === null) return;
    const ending = new AbortController();
    const { signal } = ending;
    addEventListener("beforeprint", () => {
      const { status, entries, hasOlder } = desk.open(conversationId).state.value;
      // The dialog has put the whole of it there.
      if (status !== "ready" || document.querySelector(".sheet")) return;
      const about = aboutSheet(shell);
      const takeAway = putSheet({ ...about, entries, isPart: hasOlder, withNotes: false }, text);
      addEventListener("afterprint", takeAway, { once: true });
    }, { signal });
    return () => ending.abort();
  }, [desk, conversationId, text]);
  return null;
}
