import type { Launcher, LauncherDisplay } from "../launcher.ts";

const CLOSE = "m6 9.5 6 6 6-6";
const MOST_SHOWN = 99;

/** What the launcher shows once somebody has a session or opens the panel. */
export interface LauncherState {
  setDisplay(display: LauncherDisplay): void;
  setUnread(count: number): void;
  /** `closeLabel`: what the launcher is called while it closes the panel; absent while the panel is closed. */
  setOpen(closeLabel?: string): void;
}

export function createLauncherDisplay({ button, icon, setDisplay }: Launcher): LauncherState {
  button.append(icon(CLOSE));
  let label = button.ariaLabel ?? "";
  let closeLabel: string | undefined;
  let unread = 0;

  function draw() {
    button.dataset.unread = unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread > 0 ? `${unread}` : "";
    button.ariaExpanded = `${closeLabel !== undefined}`;
    button.ariaLabel = closeLabel ?? (unread > 0 ? `${label} (${unread})` : label);
  }

  draw();
  return {
    setDisplay(display) {
      label = setDisplay(display);
      draw();
    },
    setUnread(count) {
      unread = count;
      draw();
    },
    setOpen(label) {
      closeLabel = label;
      draw();
    },
  };
}
