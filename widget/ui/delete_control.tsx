import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../client/http/problem.ts";
import { detailWords } from "../../kit/strings/detail.ts";
import { problemText, useText } from "../../kit/text/text_context.ts";
import { Icon } from "../../kit/components/icon.tsx";

export interface DeleteControlProps {
  remove: () => Promise<Problem | null>;
  onDeleted: () => void;
}

/** A delete button that asks in its own place before it deletes. */
export function DeleteControl({ remove, onDeleted }: DeleteControlProps) {
  const { strings } = useText();
  const words = strings.detail ?? detailWords;
  const [step, setStep] = useState<"idle" | "asking" | "deleting">("idle");
  const [problem, setProblem] = useState<Problem | null>(null);
  const safe = useRef<HTMLButtonElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const asked = useRef(false);

  useLayoutEffect(() => {
    if (step === "asking") safe.current?.focus();
    if (step === "idle" && asked.current) trigger.current?.focus();
    asked.current = step !== "idle";
  }, [step]);

  async function confirm() {
    if (step === "deleting") return;
    setStep("deleting");
    setProblem(null);
    const refused = await remove();
    if (!refused) return onDeleted();
    setProblem(refused);
    setStep("asking");
  }

  return (
    <>
      <button
        ref={trigger}
        type="button"
        class="icon-button"
        aria-label={words.delete}
        aria-expanded={step !== "idle"}
        onClick={() => setStep(step === "idle" ? "asking" : "idle")}
      >
        <Icon name="trash" />
      </button>
      {step !== "idle" && (
        <div
          class="confirm"
          role="group"
          aria-label={words.deleteQuestion}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.preventDefault();
            setStep("idle");
          }}
        >
          <p role={problem ? "alert" : undefined}>
            {problem ? problemText(problem, strings) : words.deleteQuestion}
          </p>
          <button ref={safe} type="button" class="button" onClick={() => setStep("idle")}>
            {strings.cancel}
          </button>
          <button type="button" class="button danger" aria-disabled={step === "deleting"} onClick={confirm}>
            {step === "deleting" ? words.deleting : words.delete}
          </button>
        </div>
      )}
    </>
  );
}
