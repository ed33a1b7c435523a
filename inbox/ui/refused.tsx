import { useEffect } from "preact/hooks";
import { useValue } from "../../kit/components/use_value.ts";
import type { Strings } from "../../kit/strings/en.ts";
import { withoutOverrides } from "../../kit/text/rich_text.tsx";
import { problemText, useText } from "../../kit/text/text_context.ts";
import type { Problem } from "../../client/http/problem.ts";
import type { BulkAction } from "../core/bulk.ts";
import type { Desk } from "../core/desk.ts";
import type { Refusal } from "../core/row_actions.ts";
import type { Row } from "../core/rows.ts";
import { KEY_TARGETS } from "./keys.ts";
import { nameOf } from "./names.ts";
import { useShell } from "./shell.ts";
import { words } from "./strings.ts";

interface RefusedProps {
  desk: Desk;
  row: Row | null;
  conversationId: string | null;
}

/** Why the last action on this conversation was taken back: until it is left, done after all, or the network is back. */
export function Refused({ desk, row, conversationId }: RefusedProps) {
  const { actions, userId, live } = desk;
  const { strings } = useText();
  const refusal = useValue<Refusal | null>(actions.refusal);
  const state = useValue(live);
  const isHere = refusal !== null && refusal.conversationId === conversationId;
  const isDone = isHere && row !== null && hasState(row, refusal.action, userId);
  useEffect(() => () => {
    if (actions.refusal.value?.conversationId === conversationId) actions.dismiss();
  }, [conversationId]);
  useEffect(() => {
    if (isDone) actions.dismiss();
  }, [isDone]);
  useEffect(() => {
    if (state === "live" && actions.refusal.value?.problem.code === "network") actions.dismiss();
  }, [state]);
  return (
    <div role="alert">
      {isHere && !isDone && <Told text={refusalText(refusal, strings)} desk={desk} next=".tools button" />}
    </div>
  );
}

/** The same in the list, of a conversation that is not open. */
export function RefusedInList() {
  const { strings } = useText();
  const { desk, here } = useShell();
  const refusal = useValue<Refusal | null>(desk.actions.refusal);
  const row = refusal && refusal.conversationId !== here.conversationId &&
    desk.lists.find(refusal.conversationId);
  return (
    <div role="alert">
      {refusal && row && (
        <Told
          text={words.by(nameOf(row), refusalText(refusal, strings))}
          desk={desk}
          next={`[${KEY_TARGETS.row}="${row.id}"]`}
        />
      )}
    </div>
  );
}

/** Whoever dismisses it is led to what it was about, by a selector. */
function Told({ text, desk, next }: { text: string; desk: Desk; next: string }) {
  return (
    <p class="strip">
      <span dir="auto">{text}</span>
      <button
        type="button"
        class="link"
        onClick={() => {
          document.querySelector<HTMLElement>(next)?.focus();
          desk.actions.dismiss();
        }}
      >
        {words.dismiss}
      </button>
    </p>
  );
}

/** Whether the conversation is as the action would have made it. */
export function hasState({ status, assignee }: Row, action: Refusal["action"], userId: string): boolean {
  if (action === "claim") return assignee?.id === userId;
  if (action === "release") return assignee === null;
  return status === STATUS_AFTER[action];
}

const STATUS_AFTER: Partial<Record<Refusal["action"], string>> = {
  resolve: "RESOLVED",
  reopen: "OPEN",
  snooze: "SNOOZED",
};

/** Why an action was taken back, and what to do instead. */
export function refusalText({ action, problem }: Refusal, strings: Strings): string {
  if (isClaimed(action, problem)) return words.claimedBy(problem.message || words.team);
  return `${words.notDone[action]} ${reasonText(action, problem, strings)}`;
}

/** Why alone, for what was not done to several conversations. */
export function reasonText(action: BulkAction, problem: Problem, strings: Strings): string {
  const { code, message } = problem;
  if (isClaimed(action, problem)) return words.heldBy(withoutOverrides(message) || words.team);
  if (code === "conflict") return withoutOverrides(message) || words.changedSince;
  if (action === "snooze" && code === "invalid_request") return words.snoozeTime;
  return problemText(problem, strings);
}

/** Whether a colleague holds it already. */
function isClaimed(action: BulkAction, { code }: Problem): boolean {
  return action === "claim" && code === "conflict";
}
