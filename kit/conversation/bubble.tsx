import type { ThreadEntry } from "../../client/sync/outbox.ts";
import { useText } from "../text/text_context.ts";
import { RichText } from "../components/rich_text.tsx";
import { Attachments } from "./attachments.tsx";

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
