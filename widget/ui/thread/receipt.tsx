import type { ThreadEntry, ThreadStore } from "../../core/types.ts";
import { useFace } from "../face.ts";
import { problemText } from "../text/problem.ts";

interface ReceiptProps {
  entry: ThreadEntry;
  /** Of all own entries only the newest says "sent" or "seen". */
  newest: boolean;
  store: ThreadStore;
}

/** What became of an own message: nothing to say, one word, or what to do about it. */
export function Receipt({ entry, newest, store }: ReceiptProps) {
  const { strings } = useFace();
  if (entry.delivery === "failed" || entry.delivery === "not_confirmed") {
    const clientId = entry.clientId ?? "";
    const refused = entry.delivery === "failed" && entry.problem;
    return (
      <p class="receipt problem">
        <span>{refused ? problemText(refused, strings) : strings.notConfirmed}</span>
        <button type="button" class="link" onClick={() => store.resend(clientId)}>{strings.resend}</button>
        <button type="button" class="link" onClick={() => store.discard(clientId)}>{strings.discard}</button>
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
