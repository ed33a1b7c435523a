import type { Inbox } from "../core/inbox.ts";
import { Dialog } from "./palette/dialog.tsx";
import { words } from "./strings.ts";

interface LeavingProps {
  inbox: Inbox;
  onStay(): void;
}

/** Asks before what was written and not sent is discarded with the sign-out. */
export function Leaving({ inbox, onStay }: LeavingProps) {
  const { replies, drafts } = inbox.unsent();
  return (
    <Dialog label={words.signOut} class="leaving" onClose={onStay}>
      <p>{words.unsent(replies, drafts)}</p>
      <div class="buttons">
        <button type="button" class="button small" autofocus onClick={onStay}>{words.stay}</button>
        <button type="button" class="button small danger" onClick={() => void inbox.signOut()}>
          {words.discardAll}
        </button>
      </div>
    </Dialog>
  );
}
