import { useMemo } from "preact/hooks";
import { linkify } from "../text/linkify.ts";

/** Text as text, with safe links. */
export function RichText({ text }: { text: string }) {
  const parts = useMemo(() => linkify(text), [text]);
  return (
    <>
      {parts.map((part, index) =>
        part.href
          ? <a key={index} href={part.href} target="_blank" rel="noopener nofollow">{part.text}</a>
          : part.text
      )}
    </>
  );
}
