import { useValue } from "../../kit/components/use_value.ts";
import { InboxIcon } from "./icons.tsx";
import { Late, latePart } from "./late.tsx";
import { useOpening } from "./popup.tsx";
import { useShell } from "./shell.ts";
import { shortCount } from "./short_count.ts";
import { words } from "./strings.ts";

const lateCentre = latePart(async () => (await import("./notifications/centre.tsx")).Centre);

/** How many notifications of all the operator's sites are unread, and the button that opens them. */
export function Bell() {
  const { desk } = useShell();
  const { unread } = useValue(desk.notifications.state);
  const elsewhere = useValue(desk.others.state).reduce(
    (sum, { notifications }) => sum + notifications.state.value.unread,
    0,
  );
  const { isOpen, setOpen, frame, opener, close } = useOpening();
  const count = shortCount(unread + elsewhere);

  return (
    <div class="bell" ref={frame}>
      <button
        type="button"
        ref={opener}
        class="icon-button small"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-keyshortcuts="b"
        aria-label={count ? words.notificationsUnread(count) : words.notifications}
        title={words.withKey(words.notifications, "b")}
        onClick={() => setOpen(!isOpen)}
      >
        <InboxIcon name="bell" />
        {count && <span class="bell-count" aria-hidden="true">{count}</span>}
      </button>
      <p class="hidden" role="status">{count && words.notificationsUnread(count)}</p>
      {isOpen && (
        <Late
          of={lateCentre}
          props={{ onClose: close, onOpen: () => setOpen(false) }}
          onClose={close}
        />
      )}
    </div>
  );
}
