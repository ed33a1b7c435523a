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

/** Of a name without letters: its first character as a reader counts them, so that no flag or family falls apart. */
const FIRST_SIGN = /\p{Regional_Indicator}{2}|\S(\p{M}|\p{Emoji_Modifier}|\u200d\S)*/u;

/** First letters of the first and the last word, or the first sign of a name that has none. */
export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu);
  if (!words) return FIRST_SIGN.exec(name)?.[0] ?? "";
  return words.filter((_, place) => !place || !words[place + 1]).map(([letter]) => letter).join("")
    .toUpperCase();
}
