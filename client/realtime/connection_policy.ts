import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";

const VISIBLE_BEFORE_CONNECTING = 5000;
const HIDDEN_BEFORE_CLOSING = 5 * 60_000;

/**
 * Whether this page is worth a connection: the panel is open, or the visitor has a conversation and has
 * looked at the page for 5 s. Not any more after 5 min in the background.
 */
export interface ConnectionPolicy {
  setPanelOpen(open: boolean): void;
  setHasConversation(): void;
  setVisible(visible: boolean): void;
}

export function createConnectionPolicy(
  environment: Environment,
  scope: Scope,
  onChange: (wanted: boolean) => void,
): ConnectionPolicy {
  let panelOpen = false;
  let hasConversation = false;
  let visible = environment.page.isVisible();
  let looked = false;
  let longHidden = false;
  let wanted = false;
  let cancel = () => {};

  function decide() {
    const now = !longHidden && (panelOpen || (hasConversation && looked));
    if (now === wanted) return;
    wanted = now;
    onChange(wanted);
  }

  function watch() {
    cancel();
    if (visible) {
      longHidden = false;
      cancel = scope.after(VISIBLE_BEFORE_CONNECTING, () => {
        looked = true;
        decide();
      });
    } else {
      cancel = scope.after(HIDDEN_BEFORE_CLOSING, () => {
        longHidden = true;
        looked = false;
        decide();
      });
    }
    decide();
  }

  watch();
  return {
    setPanelOpen(open) {
      panelOpen = open;
      decide();
    },
    setHasConversation() {
      hasConversation = true;
      decide();
    },
    setVisible(next) {
      if (next === visible) return;
      visible = next;
      watch();
    },
  };
}
