import { DEFAULT_ACCENT, parseColor, readableOn } from "../../kit/theme/contrast.ts";
import type { LoaderConfig } from "./config.ts";
import type { Remembered } from "./memory.ts";

/** The few words that are needed before a message catalogue is loaded. */
export const OPEN_MESSAGES = "Open messages";
const NOT_LOADED = "Messages could not be loaded. Try again.";

const BUBBLE =
  "M12 3.5c-5 0-9 3.4-9 7.7 0 2.4 1.3 4.6 3.3 6-.1 1-.5 2.1-1.3 3.1 1.6-.2 3-.8 4.2-1.7.9.2 1.8.3 2.8.3 5 0 9-3.4 9-7.7s-4-7.7-9-7.7Z";

export type LauncherDisplay = Pick<Remembered, "accent" | "launcher">;

export interface Launcher {
  readonly button: HTMLButtonElement;
  /** The agent's own display; what the script tag says wins. Returns the accessible name. */
  setDisplay(display: LauncherDisplay): string;
  /** A drawing of lines on a 24 × 24 grid, made without markup for pages that demand Trusted Types. */
  icon(path: string): SVGElement;
  /** What to say when a part of the widget could not be loaded. */
  notLoaded: string;
  /** A sentence beside the launcher, such as why nothing opened; `""` takes it away. */
  say(text: string): void;
}

/** The round button: all that most visitors ever load of the widget. */
export function createLauncher(frame: HTMLElement, config: LoaderConfig): Launcher {
  const button = document.createElement("button");
  button.className = "launcher";
  button.ariaHasPopup = "dialog";
  button.ariaExpanded = "false";
  button.append(icon(BUBBLE));
  const note = document.createElement("div");
  note.className = "note";
  note.role = "alert";
  frame.append(note, button);

  return {
    button,
    icon,
    notLoaded: NOT_LOADED,
    setDisplay(display) {
      const accent = parseColor(config.accent || display.accent) ?? DEFAULT_ACCENT;
      frame.style.setProperty("--accent", accent);
      frame.style.setProperty("--on-accent", readableOn(accent));
      return button.ariaLabel = config.launcher || display.launcher || OPEN_MESSAGES;
    },
    say(text) {
      note.textContent = text;
    },
  };
}

function icon(path: string): SVGElement {
  const [svg, shape] = ["svg", "path"].map((name) =>
    document.createElementNS("http://www.w3.org/2000/svg", name)
  ) as [
    SVGElement,
    SVGElement,
  ];
  svg.setAttribute("viewBox", "0 0 24 24");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}
