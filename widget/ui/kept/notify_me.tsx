import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../../client/http/problem.ts";
import { useValue } from "../../../kit/components/use_value.ts";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import type { ThreadStore } from "../../core/thread.ts";
import type { Replies } from "../../push/replies.ts";
import { usePanel } from "../panel_context.ts";
import { useWords } from "./words.ts";

/** How long it says what a click has done. */
const TOLD_MS = 5000;

/**
 * A button in the header: this browser tells the visitor of replies, or no longer. It asks for nothing before it is pressed, and is
 * there only where the owner serves a worker and a rule tells visitors by push.
 */
export function NotifyMe({ store }: { store: ThreadStore }) {
  const { strings } = useText();
  const words = useWords();
  const { item } = useValue(store.state);
  const replies = useReplies(store);
  const { isOn, busy, told, toggle } = useSwitch(replies);
  if (isOn === null || !item) return null;
  const isProblem = typeof told === "object" && told !== null;
  return (
    <>
      <button
        type="button"
        class="icon-button ask"
        aria-label={words.notify}
        aria-pressed={isOn}
        aria-busy={busy}
        title={words.notify}
        onClick={toggle}
      >
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4" />
        </svg>
      </button>
      <div class={told ? "confirm" : "hidden"} role={isProblem ? "alert" : "status"}>
        {told && <p>{isProblem ? problemText(told, strings) : told}</p>}
      </div>
    </>
  );
}

/** `null` where nobody is told by push, and until the code is there: without it there is no such button. */
function useReplies({ kept, tab: { pushKey } }: ThreadStore): Replies | null {
  const { core, options: { agentId, pushWorker } } = usePanel();
  const session = useValue(core.session);
  const visitorId = session.status === "ready" ? session.endUser.id : undefined;
  const [replies, setReplies] = useState<Replies | null>(null);
  useEffect(() => {
    if (!kept || !agentId || !pushWorker || !pushKey || !visitorId) return setReplies(null);
    const { push } = kept;
    import("../../push/replies.ts").then(
      ({ createReplies }) => setReplies(createReplies({ agentId, pushWorker, pushKey, visitorId, push })),
      () => {},
    );
  }, [kept, pushKey, visitorId]);
  return replies;
}

/** `isOn` is null where there is nothing to press. */
function useSwitch(replies: Replies | null) {
  const words = useWords();
  const [isOn, setOn] = useState<boolean | null>(null);
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<string | Problem | null>(null);

  async function look() {
    setOn(replies && await replies.isOn());
  }
  useEffect(() => {
    const lookQuietly = () => void look().catch(() => setOn(null));
    lookQuietly();
    return replies?.follow(lookQuietly);
  }, [replies]);

  useEffect(() => {
    if (told !== words.on && told !== words.off) return;
    const timer = setTimeout(setTold, TOLD_MS, null);
    return () => clearTimeout(timer);
  }, [told]);

  async function switchOver({ switchOn, switchOff }: Replies): Promise<string | Problem | null> {
    if (isOn) return switchOff().then(() => words.off);
    const outcome = await switchOn();
    if (typeof outcome !== "string") return outcome;
    return outcome === "unanswered" ? null : words[outcome];
  }

  async function toggle() {
    if (busy || !replies) return;
    setBusy(true);
    setTold(null);
    try {
      const outcome = await switchOver(replies);
      await look();
      setTold(outcome);
    } catch (error) {
      console.warn(
        "heddle: no push here: look at data-push-worker, and whether this is a private window.",
        error,
      );
      setTold({ code: "internal", message: String(error) });
    }
    setBusy(false);
  }

  return { isOn, busy, told, toggle };
}
