import type { Attachment } from "../../shared/items.ts";
import { useText } from "../text/text_context.ts";
import { Icon } from "../components/icon.tsx";
import { safeUrl } from "../text/linkify.ts";

/** Pictures as pictures, everything else as a link with name and size. */
export function Attachments({ attachments }: { attachments: readonly Attachment[] }) {
  return <>{attachments.map((attachment) => <File key={attachment.url} attachment={attachment} />)}</>;
}

function File({ attachment }: { attachment: Attachment }) {
  const { strings, formats } = useText();
  const { mime, width, height, size } = attachment;
  const href = safeUrl(attachment.url);
  const name = attachment.name || strings.attachment;
  if (!href) return <p class="bubble gone" dir="auto">{name}</p>;
  return (
    <a class="attachment" href={href} target="_blank" rel="noopener nofollow">
      {mime?.startsWith("image/")
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
