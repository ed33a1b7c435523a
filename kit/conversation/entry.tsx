import type { Attachment } from "../../shared/items.ts";
import { problemText, useText } from "../text/text_context.ts";
import { Icon } from "../components/icon.tsx";
import { RichText, safeUrl, withoutOverrides } from "../text/rich_text.tsx";
import type { ThreadEntry } from "../../client/sync/pending.ts";

/** One message. */
export function Bubble({ entry }: { entry: ThreadEntry }) {
  const { strings, formats } = useText();
  if (entry.deletedAt) return <p class="bubble gone">{strings.deletedMessage}</p>;
  const time = entry.createdAt ? formats.full(entry.createdAt) : undefined;
  return (
    <>
      {entry.body && (
        <p class="bubble" dir="auto" title={time}>
          <RichText text={entry.body} />
        </p>
      )}
      <Attachments attachments={entry.attachments} />
    </>
  );
}

/** Pictures as pictures, everything else as a link with name and size. */
function Attachments({ attachments }: { attachments: readonly Attachment[] }) {
  return <>{attachments.map((attachment) => <File key={attachment.url} attachment={attachment} />)}</>;
}

function File({ attachment }: { attachment: Attachment }) {
  const { strings, formats } = useText();
  const { mime, width, height, size } = attachment;
  const href = safeUrl(attachment.url);
  const name = withoutOverrides(attachment.name ?? "") || strings.attachment;
  if (!href) return <p class="bubble gone" dir="auto">{name}</p>;
  return (
    <a class="attachment" href={href} target="_blank" rel="noopener nofollow">
      {mime && /^image\//i.test(mime)
        ? (
          <img
            src={href}
            alt={name}
            width={width}
            height={height}
            loading="lazy"
            referrerpolicy="no-referrer"
          />
        )
        : (
          <>
            <Icon name="document" />
            <span dir="auto">{name}</span>
            {size !== undefined && <span class="meta">{formats.bytes(size)}</span>}
          </>
        )}
    </a>
  );
}

/** What can be done about an entry that did not go out. */
export interface Resending {
  resend(clientId: string): void;
  discard(clientId: string): void;
  edit(clientId: string): void;
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
        {refused && (
          <button type="button" class="link" onClick={() => resending.edit(clientId)}>{strings.edit}</button>
        )}
        <button type="button" class="link" onClick={() => resending.resend(clientId)}>
          {strings.resend}
        </button>
        <button type="button" class="link" onClick={() => resending.discard(clientId)}>
          {strings.discard}
        </button>
      </p>
    );
  }
  if (entry.delivery === "waiting") return <p class="receipt problem">{strings.waiting}</p>;
  if (!newest) return null;
  return <p class="receipt">{word()}</p>;

  function word() {
    if (entry.delivery === "sending") return strings.sending;
    return entry.readAt ? strings.seen : strings.sent;
  }
}
