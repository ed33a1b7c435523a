import type { ThreadEntry } from "../../core/types.ts";
import { useFace } from "../face.ts";
import { RichText } from "../parts/rich_text.tsx";
import { Attachments } from "./attachments.tsx";

/** One message. */
export function Bubble({ entry }: { entry: ThreadEntry }) {
  const { strings, formats } = useFace();
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
