import type { LoadStrings } from "../../../kit/strings/en.ts";
import type { Chunks } from "../chunks.ts";
import type { LoaderConfig } from "../config.ts";
import type { Host } from "../host.ts";
import type { Launcher } from "../launcher.ts";
import type { Memory } from "../memory.ts";
import type { Core } from "../../core/core.ts";
import type { PushParts } from "../../push/follow.ts";
import { createEvents, type Events } from "./events.ts";
import { createVisitor, type IdentifyOptions, type Visitor } from "./visitor.ts";
import { createLauncherDisplay, type LauncherState } from "./launcher_display.ts";
import { keepFromPage } from "./keep_from_page.ts";
import { createPanelControl, type PanelControl } from "./panel_control.ts";
import type { TitlePrefix } from "./title.ts";
import widgetCss from "./widget.css?inline";

/** What a page may ask for with `heddle(command, ...)`, besides `shutdown`, which the script tag carries out itself. */
export type Command =
  | "open"
  | "close"
  | "toggle"
  | "show"
  | "hide"
  | "identify"
  | "logout"
  | "on"
  | "off";

export interface WidgetParts {
  config: LoaderConfig;
  memory: Memory;
  host: Host;
  launcher: Launcher;
  loadPanel: Chunks["ui"];
}

export interface Widget {
  /** Carries out `heddle(command, ...details)`; `show`, `hide` and `shutdown` have been seen to by the script tag. */
  run(command: string, ...details: unknown[]): void;
  /** Makes sure that there is, or will be, a session. */
  start(): void;
  shutdown(): void;
}

/** What needs no words to be loaded: they come with the panel. */
const ENGLISH = /^(en|$)/i;
const loadSpeech = () => import("./speech.ts");

/** Everything but the launcher and the panel: session, badge, title and commands. */
export function createWidget(parts: WidgetParts): Widget {
  const { config, memory, host, launcher, loadPanel } = parts;
  const events = createEvents();
  const launcherState = createLauncherDisplay(launcher);
  const title = config.title === "off" ? null : createTitle();
  const visitor = createVisitor(config);
  const { core } = visitor;
  const { button } = launcher;
  const speak: LoadStrings = (locale = config.locale || document.documentElement.lang) =>
    ENGLISH.test(locale) ? void (config.locale ||= locale) : loadSpeech()
      .then((module) => module.speak(locale, core, parts, launcherState), () => undefined);
  const panel = createPanelControl({
    config,
    host,
    core,
    launcher: button,
    loadPanel,
    speak,
    onOpened({ closeLabel }) {
      launcherState.setOpen(closeLabel);
      events.emit("open", undefined);
    },
    onClosed() {
      launcherState.setOpen();
      events.emit("close", undefined);
    },
  });

  function setUnread(count: number) {
    launcherState.setUnread(count);
    title?.set(count);
    events.settle("unread", count);
  }
  void speak();
  follow(core, memory, { events, launcherState, setUnread, takeUp: panel.takeUp });

  async function open() {
    visitor.start();
    launcher.say("");
    button.ariaBusy = "true";
    try {
      await panel.open();
    } catch {
      launcher.say(launcher.notLoaded);
      events.emit("error", { code: "network", message: launcher.notLoaded });
    } finally {
      button.ariaBusy = null;
    }
  }

  function logout() {
    panel.close();
    visitor.logout();
    events.forget();
    memory.forgetVisitor();
  }

  const commands = createCommands({ visitor, panel, events, open, logout });
  const ended = new AbortController();
  whenForgotten(memory, logout, ended.signal);
  keepFromPage((host.frame.getRootNode() as ShadowRoot).host, ended.signal);
  host.frame.addEventListener("keydown", (event) => closeByEscape(event, panel));
  host.addStyles(widgetCss);
  loadPush(config, { core, open, close: panel.close, signal: ended.signal });

  return {
    run(command, ...details) {
      if (Object.hasOwn(commands, command)) commands[command as Command](...details as never[]);
      else console.error(`heddle: there is no command "${command}".`);
    },
    start: visitor.start,
    shutdown() {
      ended.abort();
      panel.unmount();
      core.shutdown();
      title?.end();
    },
  };
}

function closeByEscape(event: KeyboardEvent, panel: PanelControl): void {
  // Not of a composition, whose keys all have code 229 (`composes` in kit/, without its bytes).
  if (event.key !== "Escape" || event.keyCode === 229 || event.defaultPrevented || !panel.wanted) return;
  // Else the browser would close a popover of the page as well.
  event.preventDefault();
  panel.close();
}

/** Only where the owner serves a worker. */
function loadPush(config: LoaderConfig, parts: PushParts) {
  if (config.pushWorker) {
    import("../../push/follow.ts").then((module) => module.followPush(config, parts), () => {});
  }
}

/** The title's prefix, loaded once there is something to tell. */
function createTitle(): TitlePrefix {
  let loading: Promise<TitlePrefix | void> | undefined;
  return {
    set(count) {
      if (count) {
        loading ??= import("./title.ts").then((module) => module.createTitlePrefix(), () => {
          loading = undefined;
        });
      }
      void loading?.then((title) => title?.set(count));
    },
    end: () => void loading?.then((title) => title?.end()),
  };
}

/** Calls `forgotten` when another tab of this browser has forgotten the visitor, also while this page was stored for Back. */
function whenForgotten(memory: Memory, forgotten: () => void, signal: AbortSignal): void {
  let wasKnown: unknown;
  addEventListener("pagehide", () => wasKnown = memory.recall().visitor, { signal });
  addEventListener("pageshow", ({ persisted }) => persisted && compare(), { signal });
  addEventListener("storage", ({ key, oldValue }) => {
    wasKnown = key === memory.key && oldValue?.includes(`"visitor":`);
    compare();
  }, { signal });

  function compare() {
    if (wasKnown && !memory.recall().visitor) forgotten();
  }
}

interface CommandParts {
  visitor: Visitor;
  panel: PanelControl;
  events: Events;
  open(): Promise<void>;
  logout(): void;
}

function createCommands(
  { visitor, panel, events, open, logout }: CommandParts,
): Readonly<Record<Command, (...details: never[]) => unknown>> {
  return {
    open,
    close: panel.close,
    toggle: () => panel.wanted ? panel.close() : open(),
    show() {},
    hide: panel.close,
    identify(userToken: string, options?: IdentifyOptions) {
      // A page that names nobody has nobody signed in.
      if (userToken || options?.getUserToken) visitor.identify(userToken, options);
      else if (visitor.isKnown) logout();
    },
    logout,
    on: events.on,
    off: events.off,
  };
}

interface Followers {
  events: Events;
  launcherState: LauncherState;
  setUnread(count: number): void;
  takeUp(): void;
}

/** Tells launcher and page what the core finds out. */
function follow(
  core: Core,
  memory: Memory,
  { events, launcherState, setUnread, takeUp }: Followers,
): void {
  core.on("unread", setUnread);
  core.on("message", (detail) => events.emit("message", detail));
  core.on("error", (problem) => events.emit("error", problem));
  core.on("ready", (detail) => {
    const { value } = core.session;
    if (value.status === "ready") {
      const { accent, launcher } = value.display;
      launcherState.setDisplay(value.display);
      memory.remember({ accent, launcher, visitor: detail.endUser.anonymous ? "anonymous" : "identified" });
    }
    events.settle("ready", detail);
    if (core.isLeftOpen()) takeUp();
  });
}
