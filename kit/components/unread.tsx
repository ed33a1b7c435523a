import { useText } from "../text/text_context.ts";

/** The number of unread messages in a pill; nothing for none. */
export function Unread({ count }: { count: number }) {
  const { strings } = useText();
  if (count <= 0) return null;
  return (
    <span class="pill">
      <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
      <span class="hidden">{strings.unread(count)}</span>
    </span>
  );
}
