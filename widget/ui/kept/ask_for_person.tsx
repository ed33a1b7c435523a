import { useState } from "preact/hooks";
import type { Problem } from "../../../client/http/problem.ts";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import { useValue } from "../../../kit/components/use_value.ts";
import type { ThreadStore } from "../../core/thread.ts";
import { useWords } from "./words.ts";

/** A button in the header, and below it that the visitor has asked, until somebody answers for it. */
export function AskForPerson({ store: { kept, state } }: { store: ThreadStore }) {
  const { strings } = useText();
  const words = useWords();
  const { item } = useValue(state);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  if (!item || !kept) return null;
  const needed = item.fields.needsHuman === true;
  /** Else a bot did, or the team: that is not the visitor's to take back. */
  const asked = needed && item.fields.asked === true;

  async function toggle() {
    if (busy || !kept) return;
    setBusy(true);
    setProblem(await kept.askForPerson(!asked));
    setBusy(false);
  }

  return (
    <>
      <button
        type="button"
        class="icon-button ask"
        aria-label={words.askForPerson}
        aria-pressed={needed}
        disabled={needed && !asked}
        aria-busy={busy}
        title={words.askForPerson}
        onClick={toggle}
      >
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-3.4 3.8-5 7.5-5s6.7 1.6 7.5 5" />
        </svg>
      </button>
      <div class={needed || problem ? "confirm" : "hidden"} role={problem ? "alert" : "status"}>
        {problem
          ? <p>{problemText(problem, strings)}</p>
          : needed && <p>{asked ? words.asked : words.needed}</p>}
        {asked && <button type="button" class="link" onClick={toggle}>{words.takeBack}</button>}
      </div>
    </>
  );
}
