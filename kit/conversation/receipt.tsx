import type { ThreadEntry } from "../../client/sync/outbox.ts";
import { useText } from "../text/text_context.ts";
import { problemText } from "../text/problem.ts";

/** What can be done about an entry that did not go out. */
export interface Resending {
  resend(clientId: string): void;
  discard(clientId: string): void;
}

interface ReceiptProps {
  entry: ThreadEntry;
  /** Of all own entries only the newest says "sent" or "seen". */
  newest: boolean;
  resending: Resending;
}

/** What became of an own message: nothing to say, one word, or what to do about it. */
export function Receipt({ entry, newest, resending }: ReceiptProps) {
  const { strings } = useText();
  if (entry.delivery === "failed" || entry.delivery === "not_confirmed") {
    const clientId = entry.clientId ?? "";
    const refused = entry.delivery === "failed" && entry.problem;
    return (
      <p class="receipt problem">
        <span>{refused ? problemText(refused, strings) : strings.notConfirmed}</span>
        <button type="button" class="link" onClick={() => resending.resend(clientId)}>
          {strings.resend}
        </button>
        <button type="button" class="link" onClick={() => resending.discard(clientId)}>
          {strings.discard}
        </button>
      </p>
    );
  }
  if (!newest) return null;
  return <p class="receipt">{word()}</p>;

  function word() {
    if (entry.delivery === "sending") return strings.sending;
    return entry.readAt ? strings.seen : strings.sent;
  }
}
