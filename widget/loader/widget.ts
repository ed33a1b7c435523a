import type { Core } from "../core/types.ts";
import type { Panel } from "../ui/main.tsx";
import type { Chunks } from "./chunks.ts";
import type { LoaderConfig } from "./config.ts";
import { createEvents, type EventName, type Handler } from "./events.ts";
import { createHost } from "./host.ts";
import { createLauncher } from "./launcher.ts";
import launcherCss from "./launcher.css?inline";
import { createMemory, type Looks } from "./memory.ts";
import { createSession, type IdentifyOptions } from "./session.ts";
import { themeRule } from "./theme.ts";
import { createTitlePrefix } from "./title.ts";

const DEFAULT_LABEL = "Open messages";
const NOT_LOADED = "The messages could not be loaded. Please try again.";

/** The commands of `heddle(name, ...)`. */
export interface Commands {
  identify(userToken: string, options?: IdentifyOptions): void;
  open(): void;
  close(): void;
  toggle(): void;
  /** Shows the launcher. */
  show(): void;
  /** Closes the panel and hides the launcher; `open` still works. */
  hide(): void;
  logout(): void;
  /** Takes everything back: nodes, listeners, timers, sockets, the title's prefix. */
  shutdown(): void;
  on<Name extends EventName>(name: Name, handler: Handler<Name>): void;
  off<Name extends EventName>(name: Name, handler: Handler<Name>): void;
}

/** The widget of one page. Needs `document.body`. */
export function createWidget(config: LoaderConfig, chunks: Chunks): Commands {
  const events = createEvents();
  const memory = createMemory(config.agentId, () =>
    events.emit("error", {
      code: "storage_blocked",
      message: "The browser blocks storage, so the visitor is forgotten with this page.",
    }, { sticky: true }));
  const host = createHost(config);
  const setTheme = host.addStyles("");
  host.addStyles(launcherCss);
  const launcher = createLauncher(host.frame);
  const title = createTitlePrefix();
  const session = createSession({ config, chunks, memory, events, onCore: follow });

  let panel: Panel | undefined;
  let wanted = false;
  let shown = false;
  let label = DEFAULT_LABEL;
  let returnFocusTo: Element | null = null;

  function setLooks(looks: Looks = {}) {
    label = config.launcher || looks.launcher || DEFAULT_LABEL;
    launcher.setLabel(label);
    setTheme(
      themeRule({ accent: config.accent ?? looks.accent, theme: config.theme ?? looks.theme }, config),
    );
  }

  function setUnread(count: number) {
    launcher.setUnread(count);
    title.set(count);
    events.emit("unread", count, { sticky: true });
  }

  function follow(core: Core) {
    core.on("unread", setUnread);
    core.on("message", (detail) => events.emit("message", detail));
    core.on("error", (problem) => events.emit("error", problem));
    core.on("ready", (detail) => {
      const { value } = core.session;
      if (value.status === "ready") {
        const { accent, launcher, theme } = value.display;
        const looks = { accent, launcher, theme };
        memory.write({ looks, visitor: detail.endUser.anonymous ? "anonymous" : "identified" });
        setLooks(looks);
      }
      events.emit("ready", detail, { sticky: true });
    });
  }

  async function open() {
    if (wanted) return;
    wanted = true;
    returnFocusTo = document.activeElement;
    launcher.say("");
    launcher.setBusy(true);
    try {
      const [core, { mountPanel }] = await Promise.all([session.start(), chunks.ui()]);
      if (!wanted || shown) return;
      panel ??= mountPanel({
        frame: host.frame,
        addStyles: host.addStyles,
        core,
        locale: config.locale,
        onClose: close,
      });
      shown = true;
      launcher.setOpen(true);
      launcher.setLabel(panel.closeLabel);
      session.setPanelOpen(true);
      panel.show();
      events.emit("open", undefined);
    } catch {
      // The session has told the page; the visitor is told here.
      if (wanted) launcher.say(NOT_LOADED);
      wanted = false;
    } finally {
      launcher.setBusy(false);
    }
  }

  function close() {
    wanted = false;
    if (!shown) return;
    shown = false;
    const focused = host.root.activeElement;
    launcher.setOpen(false);
    launcher.setLabel(label);
    panel?.hide();
    session.setPanelOpen(false);
    if (focused && focused !== launcher.element) giveFocusBack();
    events.emit("close", undefined);
  }

  function giveFocusBack() {
    const former = returnFocusTo;
    const usable = former instanceof HTMLElement && former.isConnected && former !== host.root.host &&
      former !== document.body;
    (usable ? former : launcher.element).focus();
  }

  const toggle = () => wanted ? close() : void open();
  launcher.element.addEventListener("click", toggle);
  for (const intent of ["pointerenter", "focus"] as const) {
    launcher.element.addEventListener(intent, () => {
      // Only a head start: opening reports what fails.
      Promise.all([chunks.core(), chunks.ui()]).catch(() => {});
    }, { once: true });
  }
  host.frame.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) close();
  });

  const { looks, visitor } = memory.read();
  setLooks(looks);
  if (config.userToken || visitor === "anonymous") session.startWhenIdle();

  return {
    identify: session.identify,
    open: () => void open(),
    close,
    toggle,
    show: () => launcher.setVisible(true),
    hide() {
      close();
      launcher.setVisible(false);
    },
    logout() {
      close();
      session.logout();
      setUnread(0);
    },
    shutdown() {
      close();
      session.shutdown();
      panel?.unmount();
      title.set(0);
      host.remove();
      events.clear();
    },
    on: events.on,
    off: events.off,
  };
}
