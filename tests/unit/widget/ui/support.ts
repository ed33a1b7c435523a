import { act } from "preact/test-utils";
import { loadStrings } from "../../../../kit/strings/catalogue.ts";
import { mountPanel, type Panel, type PanelOptions } from "../../../../widget/ui/main.tsx";
import { painted } from "../../../../kit/components/painted.ts";
import type { FakeCore } from "../../../support/fake_core.ts";

// Motion takes no time here.
Element.prototype.animate = () => ({ finished: Promise.resolve() }) as unknown as Animation;

/** Nothing has a size here: what is drawn is in view. */
class ViewOfAll {
  readonly #callback: (
    changes: { target: Element; intersectionRatio: number; intersectionRect: { height: number } }[],
  ) => void;
  constructor(callback: IntersectionObserverCallback) {
    this.#callback = callback as never;
  }
  observe(target: Element) {
    this.#callback([{ target, intersectionRatio: 1, intersectionRect: { height: 20 } }]);
  }
  disconnect() {}
}
globalThis.IntersectionObserver = ViewOfAll as never;
document.hasFocus = () => true;
globalThis.requestAnimationFrame = (work) => Number(setTimeout(work));

export interface MountedPanel extends Panel {
  readonly frame: HTMLElement;
  readonly dialog: HTMLElement;
  /** The first element that matches; throws if there is none. */
  find<Found extends HTMLElement = HTMLElement>(selector: string): Found;
  /** The first button with that text or accessible name. */
  button(name: string): HTMLButtonElement;
  text(): string;
}

/** Puts a panel over the core into the page and shows it. */
export async function showPanel(
  core: FakeCore,
  options: PanelOptions = {},
  onClose = () => {},
): Promise<MountedPanel> {
  const host = document.createElement("div");
  document.body.append(host);
  const frame = document.createElement("div");
  host.attachShadow({ mode: "open" }).append(frame);
  const strings = await loadStrings(options.locale ?? "");
  const panel = mountPanel({ frame, addStyles() {}, core, options, strings, speak: loadStrings, onClose });
  await act(() => {
    panel.show();
    panel.fill();
  });
  // The list comes with the frame after that.
  await act(async () => void await painted());
  const dialog = frame.querySelector<HTMLElement>("[role=dialog]");
  if (!dialog) throw new Error("There is no dialog.");

  const find = <Found extends HTMLElement>(selector: string): Found => {
    const found = dialog.querySelector<Found>(selector);
    if (!found) throw new Error(`Nothing matches ${selector} in: ${dialog.textContent}`);
    return found;
  };

  return {
    get closeLabel() {
      return panel.closeLabel;
    },
    show: panel.show,
    wasOpen: panel.wasOpen,
    hide: panel.hide,
    fill: panel.fill,
    unmount() {
      panel.unmount();
      host.remove();
    },
    frame,
    dialog,
    find,
    button(name) {
      const all = [...dialog.querySelectorAll("button")];
      const found = all.find((button) => (button.getAttribute("aria-label") ?? button.textContent) === name);
      if (!found) throw new Error(`There is no button "${name}" in: ${dialog.textContent}`);
      return found;
    },
    text: () => dialog.textContent ?? "",
  };
}

/** Does something as a user would and waits until the panel has been drawn again. */
export async function doing(something: () => void): Promise<void> {
  await act(async () => {
    something();
    await new Promise((resolve) => setTimeout(resolve));
  });
  await act(async () => void await painted());
}

export function type(field: HTMLInputElement | HTMLTextAreaElement, text: string): void {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export function press(target: HTMLElement, key: string, init: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", {
    key,
    bubbles: true,
    cancelable: true,
    composed: true,
    ...init,
  });
  target.dispatchEvent(event);
  return event;
}
