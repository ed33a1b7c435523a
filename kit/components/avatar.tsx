import { useState } from "preact/hooks";
import { safeUrl } from "../text/rich_text.tsx";

interface AvatarProps {
  name: string;
  url?: string;
}

/** A picture, or initials when there is none or it does not load. Decorative: the name stands beside it. */
export function Avatar({ name, url }: AvatarProps) {
  const [broken, setBroken] = useState<string>();
  const src = safeUrl(url);
  return (
    <span class="avatar" aria-hidden="true">
      {src && src !== broken
        ? <img src={src} alt="" loading="lazy" referrerpolicy="no-referrer" onError={() => setBroken(src)} />
        : initials(name)}
    </span>
  );
}

/** First letters of the first and the last word. */
export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => Array.from(word ?? "")[0] ?? "").join("").toUpperCase();
}
