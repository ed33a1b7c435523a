import { useValue } from "../../kit/components/use_value.ts";
import { InboxIcon } from "./icons.tsx";
import { Late, latePart } from "./late.tsx";
import { useOpening } from "./popup.tsx";
import { useShell } from "./shell.ts";
import { words } from "./strings.ts";

/** As the server counts them. */
const CAP = 100;

const lateCentre = latePart(async () => (await import("./notifications/centre.tsx")).Centre);

/** How many notifications are unread, and the button that opens them. */
export function Bell() {
  const { desk } = useShell();
  const { unread } = useValue(desk.notifications.state);
  const { isOpen, setOpen, frame, opener, close } = useOpening();
  const count = unread >= CAP ? `${CAP - 1}+` : String(unread);

  return (
    <div class="bell" ref={frame}>
      <button
        type="button"
        ref={opener}
        class="icon-button small"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-keyshortcuts="b"
        aria-label={unread === 0 ? words.notifications : words.notificationsUnread(count)}
        title={words.withKey(words.notifications, "b")}
        onClick={() => setOpen(!isOpen)}
      >
        <InboxIcon name="bell" />
        {unread > 0 && <span class="bell-count" aria-hidden="true">{count}</span>}
      </button>
      <p class="hidden" role="status">{unread > 0 && words.notificationsUnread(count)}</p>
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
