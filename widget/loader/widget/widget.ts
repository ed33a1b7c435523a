import type { Chunks } from "../chunks.ts";
import type { LoaderConfig } from "../config.ts";
import type { Host } from "../host.ts";
import type { Launcher } from "../launcher.ts";
import { NOT_LOADED } from "../words.ts";
import { forgetVisitor, remember } from "../memory.ts";
import { createEvents } from "./events.ts";
import { createIdentity, type IdentifyOptions } from "./identity.ts";
import { createLauncherFace } from "./launcher_face.ts";
import { createPanelControl } from "./panel_control.ts";
import { createTitlePrefix } from "./title.ts";
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

/** Everything but the launcher and the panel: session, badge, title and commands. */
export function createWidget({ config, host, launcher, loadPanel }: WidgetParts): Widget {
  const events = createEvents();
  const face = createLauncherFace(launcher);
  const title = createTitlePrefix();
  const identity = createIdentity(config);
  const { core } = identity;
  const { button } = launcher;
  const panel = createPanelControl({
    config,
    host,
    core,
    launcher: button,
    loadPanel,
    onOpened({ closeLabel }) {
      face.setOpen(closeLabel);
      events.emit("open", undefined);
    },
    onClosed() {
      face.setOpen();
      events.emit("close", undefined);
    },
  });

  function setUnread(count: number) {
    face.setUnread(count);
    title.set(count);
    events.settle("unread", count);
  }

  core.on("unread", setUnread);
  core.on("message", (detail) => events.emit("message", detail));
  core.on("error", (problem) => events.emit("error", problem));
  core.on("ready", (detail) => {
    const { value } = core.session;
    if (value.status === "ready") {
      const { accent, launcher } = value.display;
      face.setLooks({ accent, launcher });
      remember(config, { accent, launcher, visitor: detail.endUser.anonymous ? "anonymous" : "identified" });
    }
    events.settle("ready", detail);
  });

  async function open() {
    identity.start();
    launcher.say("");
    button.ariaBusy = "true";
    try {
      await panel.open();
    } catch {
      launcher.say(NOT_LOADED);
      events.emit("error", { code: "network", message: NOT_LOADED });
    } finally {
      button.ariaBusy = null;
    }
  }

  function logout() {
    panel.close();
    identity.logout();
    events.forget();
    setUnread(0);
    forgetVisitor(config);
  }

  const commands: Readonly<Record<Command, (...details: never[]) => unknown>> = {
    open,
    close: panel.close,
    toggle: () => panel.wanted ? panel.close() : open(),
    show() {},
    hide: panel.close,
    identify(userToken: string, options?: IdentifyOptions) {
      // A page that names nobody has nobody signed in.
      if (userToken || options?.getUserToken) identity.identify(userToken, options);
      else if (identity.isKnown) logout();
    },
    logout,
    on: events.on,
    off: events.off,
  };

  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) panel.close();
  };
  host.frame.addEventListener("keydown", onKey);
  host.addStyles(widgetCss);

  return {
    run(command, ...details) {
      if (Object.hasOwn(commands, command)) commands[command as Command](...details as never[]);
      else console.error(`heddle: there is no command "${command}".`);
    },
    start: identity.start,
    shutdown() {
      panel.unmount();
      core.shutdown();
      title.set(0);
    },
  };
}
