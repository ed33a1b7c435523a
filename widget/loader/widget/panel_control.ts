import type { Core } from "../../core/core.ts";
import type { Panel } from "../../ui/main.tsx";
import type { Chunks } from "../chunks.ts";
import type { LoaderConfig } from "../config.ts";
import type { Host } from "../host.ts";

const FIELDS =
  "iframe, select, textarea, input:not([type=button], [type=submit], [type=reset], [type=image])";

export interface PanelParts {
  config: LoaderConfig;
  host: Host;
  core: Core;
  /** Where the focus goes if what had it before is gone. */
  launcher: HTMLElement;
  loadPanel: Chunks["ui"];
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
  const { config, host, core, launcher } = parts;
  const root = host.frame.getRootNode() as ShadowRoot;
  let panel: Panel | undefined;
  let wanted = false;
  let shown = false;
  let ended = false;
  let focusedBefore: Element | null = null;

  async function load(isNeeded = () => true) {
    const { mountPanel } = await parts.loadPanel();
    if (!ended && isNeeded()) {
      panel ??= mountPanel({ ...host, core, options: config, onClose: control.close });
    }
  }

  async function open(restored = false) {
    if (wanted) return;
    wanted = true;
    focusedBefore = document.activeElement;
    try {
      await load(() => wanted);
    } catch (error) {
      wanted = false;
      throw error;
    }
    if (!wanted || shown || !panel) return;
    shown = true;
    panel.show(restored || isFieldInUse());
    parts.onOpened(panel);
    // After the content, which fetches what it shows: what is on its way is not fetched twice.
    void panel.fillSoon().then(() => shown && core.setPanelOpen(true));
  }

  const control: PanelControl = {
    get wanted() {
      return wanted;
    },
    takeUp() {
      void load().then(() => panel?.wasOpen() ? open(true) : undefined, () => {});
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

/** Whether somebody may be writing in the page. What has the focus inside a frame cannot be known. */
function isFieldInUse(): boolean {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element instanceof HTMLElement && (element.isContentEditable || element.matches(FIELDS));
}
