import type { Item } from "../../../shared/items.ts";
import type { Tab } from "../../../shared/tabs.ts";
import { useText } from "../../../kit/text/text_context.ts";
import { Avatar } from "../../../kit/components/avatar.tsx";
import { TabIcon } from "../../../kit/components/icon.tsx";
import { Unread } from "../../../kit/components/unread.tsx";
import { isTime } from "../../../kit/text/format.ts";

interface ItemRowProps {
  item: Item;
  tab: Tab;
  focusable: boolean;
  onFocus: () => void;
  onOpen: () => void;
}

/** One row of a list. */
export function ItemRow({ item, tab, focusable, onFocus, onOpen }: ItemRowProps) {
  const { formats, strings } = useText();
  const messaging = tab.category === "messaging";
  const title = item.title || (messaging ? strings.conversation : item.id);
  return (
    <button
      type="button"
      class="row"
      data-id={item.id}
      data-unread={item.unread > 0}
      tabIndex={focusable ? 0 : -1}
      onFocus={onFocus}
      onClick={onOpen}
    >
      {item.avatarUrl
        ? <Avatar name={title} url={item.avatarUrl} />
        : (
          <span class={messaging ? "avatar" : "avatar square"}>
            <TabIcon icon={tab.icon} category={tab.category} />
          </span>
        )}
      <span class="row-text">
        <span class="row-line">
          <span class="row-title" dir="auto">{title}</span>
          {isTime(item.timestamp) && (
            <time class="meta" dateTime={item.timestamp}>{formats.short(item.timestamp, new Date())}</time>
          )}
        </span>
        <span class="row-line">
          <span class="row-preview" dir="auto">{item.preview}</span>
          {item.status && <span class="chip" dir="auto">{item.status}</span>}
          <Unread count={item.unread} />
        </span>
      </span>
    </button>
  );
}
