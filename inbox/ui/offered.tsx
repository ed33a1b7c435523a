import { useState } from "preact/hooks";
import type { Offer } from "../core/arrival.ts";
import type { Inbox } from "../core/inbox.ts";
import { words } from "./strings.ts";

/** Asks before a link signs somebody in: whoever made it chose the account. */
export function Offered({ inbox, offer: { email } }: { inbox: Inbox; offer: Offer }) {
  const [busy, setBusy] = useState(false);

  function accept() {
    if (busy) return;
    setBusy(true);
    void inbox.answer(true);
  }

  return (
    <main class="cover">
      <div class="sign-in">
        <h1>{words.inbox}</h1>
        <p>{words.offered(email)}</p>
        <p class="sign-in-hint">{words.offeredHint}</p>
        <button type="button" class="button accent" aria-disabled={busy} onClick={accept}>
          {busy ? words.signingIn : words.accept(email)}
        </button>
        <button type="button" class="button" aria-disabled={busy} onClick={() => void inbox.answer(false)}>
          {words.decline}
        </button>
      </div>
    </main>
  );
}
