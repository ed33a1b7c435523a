import { InboxIcon } from "./icons.tsx";
import { useShell } from "./shell.ts";
import { words } from "./strings.ts";

/** Folds the details of the open conversation away, and back. */
export function DetailsToggle() {
  const { details, toggleDetails } = useShell();
  return (
    <button
      type="button"
      class="icon-button small"
      aria-label={words.details}
      aria-expanded={details}
      aria-keyshortcuts="i"
      title={words.withKey(words.details, "i")}
      onClick={toggleDetails}
    >
      <InboxIcon name="details" />
    </button>
  );
}
