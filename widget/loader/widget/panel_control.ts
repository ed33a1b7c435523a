import type { Core } from "../../core/core.ts";
import type { LoadStrings } from "../../../kit/strings/en.ts";
import type { Panel } from "../../ui/main.tsx";
import type { Chunks } from "../chunks.ts";
import type { LoaderConfig } from "../config.ts";
import type { Host } from "../host.ts";

export interface PanelParts {
  config: LoaderConfig;
  host: Host;
  core: Core;
  /** Where the focus goes if what had it before is gone. */
  launcher: HTMLElement;
  loadPanel: Chunks["ui"];
  /** Loads the words of another language than English, and has the launcher speak it. */
  speak: LoadStrings;
  onOpened(panel: Panel): void;
  onClosed(): void;
}

/** Opens and closes the panel, and loads it the first time. */
export interface PanelControl {
  /** The visitor has asked for the panel; it may still be loading. */
  readonly wanted: boolean;
  /** Rejects if the panel could not be loaded. */
  open(): Promise<void>;
  /** Goes on where the former page was left, if the panel can be loaded: what waits is sent, what was open is open. */
  takeUp(): void;
  close(): void;
  unmount(): void;
}

export function createPanelControl(parts: PanelParts): PanelControl {
  const { config, host, core, launcher, speak } = parts;
  const root = host.frame.getRootNode() as ShadowRoot;
  let panel: Panel | undefined;
  let wanted = false;
  let shown = false;
  let ended = false;
  let focusedBefore: Element | null = null;

  // Only who has a conversation goes live with a closed panel, seconds after the page has loaded.
  core.live.subscribe((state) => state === "live" && parts.loadPanel().catch(() => {}));

  /** Loads the panel and puts it, hidden, into its place; `false` if it is not needed any more. */
  async function load(isNeeded: () => boolean) {
    const { mountPanel } = await parts.loadPanel();
    const strings = await speak();
    // To evaluate the code, to make the panel and to show it are tasks of their own: together they hold a phone up.
    await nextTask();
    if (!isNeeded()) return false;
    panel ??= mountPanel({ ...host, core, options: config, strings, speak, onClose: control.close });
    await nextTask();
    return isNeeded() && panel;
  }

  async function open(restored = false) {
    if (wanted) return;
    wanted = true;
    focusedBefore = document.activeElement;
    const opened = await load(() => wanted).catch((error) => {
      wanted = false;
      throw error;
    });
    if (!opened || shown) return;
    shown = true;
    // Its content fetches what it shows: by then that is on its way, and is not fetched twice.
    opened.show(restored, () => shown && core.setPanelOpen(true));
    parts.onOpened(opened);
  }

  const control: PanelControl = {
    get wanted() {
      return wanted;
    },
    takeUp() {
      load(() => !ended).then<unknown>((panel) => panel && panel.wasOpen() && open(true)).catch(() => {});
    },
    open: () => open(),
    close() {
      wanted = false;
      if (!shown) return;
      shown = false;
      const { activeElement } = root;
      parts.onClosed();
      panel?.hide();
      core.setPanelOpen(false);
      if (activeElement && activeElement !== launcher) giveFocusBack();
    },
    unmount() {
      control.close();
      ended = true;
      panel?.unmount();
    },
  };

  function giveFocusBack() {
    const usable = focusedBefore instanceof HTMLElement && focusedBefore.isConnected &&
      focusedBefore !== root.host && focusedBefore !== document.body;
    (usable ? focusedBefore as HTMLElement : launcher).focus();
  }

  return control;
}

const nextTask = () => new Promise((resolve) => setTimeout(resolve));
