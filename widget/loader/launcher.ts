const SVG = "http://www.w3.org/2000/svg";
const BUBBLE =
  "M12 3.5c-5 0-9 3.4-9 7.7 0 2.4 1.3 4.6 3.3 6-.1 1-.5 2.1-1.3 3.1 1.6-.2 3-.8 4.2-1.7.9.2 1.8.3 2.8.3 5 0 9-3.4 9-7.7s-4-7.7-9-7.7Z";
const CLOSE = "m6 9.5 6 6 6-6";
const MOST_SHOWN = 99;

export interface Launcher {
  readonly element: HTMLButtonElement;
  setLabel(label: string): void;
  setUnread(count: number): void;
  setOpen(open: boolean): void;
  setBusy(busy: boolean): void;
  setVisible(visible: boolean): void;
  /** A sentence beside the launcher, such as why it could not open; `""` takes it away. */
  say(text: string): void;
}

/** The round button. Plain DOM: it is all that most visitors ever load. */
export function createLauncher(frame: HTMLElement): Launcher {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "launcher";
  button.setAttribute("aria-haspopup", "dialog");
  button.setAttribute("aria-expanded", "false");
  const badge = document.createElement("span");
  badge.className = "count";
  badge.setAttribute("aria-hidden", "true");
  button.append(icon(BUBBLE), icon(CLOSE), badge);
  const note = document.createElement("div");
  note.className = "note";
  note.setAttribute("role", "status");
  frame.append(note, button);

  let label = "";
  let unread = 0;

  function draw() {
    badge.textContent = unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread > 0 ? `${unread}` : "";
    button.setAttribute("aria-label", unread > 0 ? `${label} (${unread})` : label);
  }

  return {
    element: button,
    setLabel(next) {
      label = next;
      draw();
    },
    setUnread(count) {
      unread = count;
      draw();
    },
    setOpen(open) {
      button.setAttribute("aria-expanded", `${open}`);
    },
    setBusy(busy) {
      button.setAttribute("aria-busy", `${busy}`);
    },
    setVisible(visible) {
      button.hidden = !visible;
    },
    say(text) {
      note.textContent = text;
    },
  };
}

function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}
