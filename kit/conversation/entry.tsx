import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Attachment } from "../../shared/items.ts";
import { problemText, useText } from "../text/text_context.ts";
import { Icon } from "../components/icon.tsx";
import { RichText, safeUrl, withoutOverrides } from "../text/rich_text.tsx";
import type { ThreadEntry } from "../../client/sync/pending.ts";

interface BubbleProps {
  entry: ThreadEntry;
  /** Of a message that was changed, in place of the word. */
  edited?: ComponentChildren;
}

/** One message. */
export function Bubble({ entry, edited }: BubbleProps) {
  const { strings, formats } = useText();
  if (entry.deletedAt) return <p class="bubble gone">{strings.deletedMessage}</p>;
  const time = entry.createdAt ? formats.full(entry.createdAt) : undefined;
  const isMarkdown = entry.author.role === "bot";
  const Text = isMarkdown ? "div" : "p";
  return (
    <>
      {entry.body && (
        <Text class="bubble" dir="auto" title={time}>
          <RichText text={entry.body} isMarkdown={isMarkdown} />
        </Text>
      )}
      {entry.attachments.map((attachment) => <File key={attachment.url} attachment={attachment} />)}
      {entry.editedAt && (edited ?? <p class="receipt">{strings.edited}</p>)}
    </>
  );
}

/** A picture as a picture, everything else as a link with name and size. */
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
  /** Of all own entries only the newest says "sent", "delivered" or "seen". */
  newest: boolean;
  resending: Resending;
}

/** What became of an own message: nothing to say, one word, or what to do about it. */
export function Receipt({ entry, newest, resending }: ReceiptProps) {
  const { strings } = useText();
  if (entry.delivery === "failed" || entry.delivery === "not_confirmed") {
    return <NotSent entry={entry} resending={resending} />;
  }
  if (entry.delivery === "waiting") return <p class="receipt problem">{strings.waiting}</p>;
  if (!newest) return null;
  const { readAt, receipt = "sent", delivery } = entry;
  return <p class="receipt">{strings[delivery === "sending" ? delivery : readAt ? "seen" : receipt]}</p>;
}

/** Why a message did not go out, and what can be done; to discard it takes a second press. */
function NotSent({ entry, resending }: Pick<ReceiptProps, "entry" | "resending">) {
  const { strings } = useText();
  const [asking, setAsking] = useState(false);
  const clientId = entry.clientId ?? "";
  const refused = entry.delivery === "failed" && entry.problem;
  const button = (label: string, onClick: () => void) => (
    <button type="button" class="link" onClick={onClick}>{label}</button>
  );
  return (
    <p class="receipt problem">
      <span role={asking ? "alert" : undefined}>
        {asking
          ? strings.discardQuestion
          : refused
          ? problemText(refused, strings)
          : strings[entry.delivery === "failed" ? "notSent" : "notConfirmed"]}
      </span>
      {refused && !asking && button(strings.edit, () => resending.edit(clientId))}
      {asking
        ? button(strings.discard, () => resending.discard(clientId))
        : button(strings.resend, () => resending.resend(clientId))}
      {/* The same element, which keeps the focus: pressing twice by mistake does nothing. */}
      {button(asking ? strings.cancel : strings.discard, () => setAsking(!asking))}
    </p>
  );
}
