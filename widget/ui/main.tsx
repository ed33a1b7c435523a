import { signal } from "../../client/platform/emitter.ts";
import { render } from "preact";
import { createThreads } from "../core/threads.ts";
import type { Core } from "../core/core.ts";
import { createCover } from "./cover.ts";
import { createNavigation } from "./navigation.ts";
import conditionsCss from "../../kit/styles/conditions.css?inline";
import listCss from "./styles/list.css?inline";
import panelCss from "./styles/panel.css?inline";
import partsCss from "../../kit/styles/parts.css?inline";
import screensCss from "./styles/screens.css?inline";
import threadCss from "../../kit/styles/thread.css?inline";
import { accentText } from "../../kit/theme/contrast.ts";
import { painted } from "../../kit/components/painted.ts";
import { PanelContext } from "./panel_context.ts";
import { Panel } from "./panel.tsx";
import { ENGLISH, type Language, languageOf } from "../../kit/text/language.ts";
import { en, type LoadStrings, type Strings } from "../../kit/strings/en.ts";
import { TextContext } from "../../kit/text/text_context.ts";

const FIELDS = "iframe,select,textarea,input:not([type=button],[type=submit],[type=reset],[type=image])";

/** The page's choices; each wins over the agent's own. */
export interface PanelOptions {
  accent?: string;
  /** `light`, `dark` or `auto`. */
  theme?: string;
  /** BCP 47: of the script tag, or of the page. */
  locale?: string;
  /** Where a visitor can sign in. */
  signInUrl?: string;
  agentId?: string;
  /** Where the owner serves a worker that tells visitors of replies. */
  pushWorker?: string;
}

export interface PanelParts {
  /** The shadow root's element that everything visible stands in. */
  frame: HTMLElement;
  addStyles: (css: string) => void;
  core: Core;
  options: PanelOptions;
  /** Words of the page's language, if they are there and not English. */
  strings?: Strings;
  /** Loads the words of another language, and has the launcher speak it. */
  speak: LoadStrings;
  onClose: () => void;
}

export interface Panel {
  /** Accessible name of what closes the panel. */
  readonly closeLabel: string;
  /** The former page of this browser tab had it open, and the visitor wants to see it there again. */
  wasOpen(): boolean;
  /**
   * Shows the panel and moves the focus into it, unless that `keepsFocus`, or somebody may be writing in the page, and can still be
   * seen. The content comes once the frame is on the screen.
   */
  show(keepsFocus?: boolean, onFilled?: () => void): void;
  hide(): void;
  /** Puts the content into the frame at once. */
  fill(): void;
  unmount(): void;
}

/** Puts the panel, hidden, into the frame. */
export function mountPanel(
  { frame, addStyles, core, options, strings = en, speak, onClose }: PanelParts,
): Panel {
  addStyles(panelCss + screensCss + partsCss + listCss + threadCss + conditionsCss);
  const dialog = document.createElement("div");
  dialog.className = "panel";
  dialog.setAttribute("role", "dialog");
  dialog.tabIndex = -1;
  dialog.inert = true;
  frame.append(dialog);

  const visible = signal(false);
  let language: Language = { ...ENGLISH, strings };
  const words = () => language.strings;
  let isFilled = false;
  core.useThreads((setup) => createThreads(setup, () => dialog.lang));
  const navigation = createNavigation(core);
  const cover = createCover(dialog, () => navigation.place.value ? navigation.back() : onClose());
  const stopLooks = keepLooks(dialog, core, options, words);
  let stopSpeaking: (() => void) | undefined;
  const context = { core, navigation, visible, close: onClose, addStyles: once(addStyles), options };
  function draw() {
    render(<App context={context} language={{ ...language }} filled={isFilled} />, dialog);
  }
  draw();
  function take(next: Language) {
    dialog.lang = next.locale;
    dialog.dir = next.direction;
    language = next;
    isFilled = true;
    draw();
    // Not earlier: the content takes up what the former page showed.
    if (visible.value) navigation.keep(true);
  }
  function fill() {
    if (stopSpeaking) return;
    stopSpeaking = followLanguage(core, options, speak, take);
    // Where it can't be loaded only keys miss it, after what had the focus is gone, and who drops a file.
    import("./comforts.ts").then((module) => module.addComforts(dialog, core, words, draw), () => {});
  }

  return {
    get closeLabel() {
      return words().close;
    },
    wasOpen: () => core.shown.read() !== null && (!cover.isFull() || isReload()),
    show(keepsFocus = false, onFilled = () => {}) {
      const covers = cover.isFull();
      dialog.inert = false;
      dialog.ariaModal = `${covers}`;
      // Without a layout in between there would be nothing to animate from.
      void dialog.offsetWidth;
      dialog.dataset.open = "";
      visible.value = true;
      if (isFilled) navigation.keep(true);
      cover.begin();
      void painted().then(fill).then(onFilled);
      if (!covers && (keepsFocus || isFieldInUse())) return;
      const field = dialog.querySelector<HTMLElement>(".over");
      (field ?? dialog).focus({ preventScroll: true });
    },
    hide() {
      visible.value = false;
      navigation.keep(false);
      cover.pause();
      delete dialog.dataset.open;
      dialog.inert = true;
    },
    fill,
    unmount() {
      stopLooks();
      stopSpeaking ??= stopLooks;
      stopSpeaking();
      cover.end();
      navigation.drop();
      render(null, dialog);
      dialog.remove();
    },
  };
}

/** Keeps the dialog's looks and name as the page and the agent want them. Returns what ends that. */
function keepLooks(
  dialog: HTMLElement,
  core: Core,
  options: PanelOptions,
  words: () => Strings,
) {
  return core.session.subscribe((session) => {
    const ready = session.status === "ready" ? session : undefined;
    dialog.dataset.theme = options.theme || ready?.display.theme;
    dialog.style.setProperty("--accent-text", accentText(options.accent || ready?.display.accent));
    dialog.setAttribute(
      "aria-label",
      ready?.display.title || ready?.agentName || words().messages,
    );
  });
}

/** Whether somebody may be writing in the page. What has the focus inside a frame cannot be known. */
function isFieldInUse(): boolean {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element instanceof HTMLElement && (element.isContentEditable || element.matches(FIELDS));
}

/** After a link or the browser's Back the visitor wants to see the page, not a panel that covers it. */
function isReload(): boolean {
  const [entry] = performance.getEntriesByType("navigation");
  return (entry as PerformanceNavigationTiming | undefined)?.type === "reload";
}

/** Adds each style sheet once. */
function once(addStyles: (css: string) => void): (css: string) => void {
  const added = new Set<string>();
  return (css) => {
    if (!added.has(css)) addStyles(css);
    added.add(css);
  };
}

/** Hands over the language that the page asks for, else the agent, whenever there is a session. Returns what ends that. */
function followLanguage(
  core: Core,
  options: PanelOptions,
  speak: LoadStrings,
  take: (language: Language) => void,
) {
  let ended = false;
  const stop = core.session.subscribe((session) => {
    const ready = session.status === "ready" ? session : undefined;
    // Until then nothing is shown of the content, and what takes long can be done.
    if (!ready && session.status !== "failed") return void languageOf(speak, options.locale);
    const next = languageOf(speak, options.locale, ready?.display.locale);
    if (next instanceof Promise) next.then((loaded) => ended || take(loaded));
    else take(next);
  });
  return () => {
    ended = true;
    stop();
  };
}

interface AppProps {
  context: PanelContext;
  language: Language;
  filled: boolean;
}

/** The panel in the visitor's language, each time a new object: then whatever shows a text or a time is drawn again. */
function App({ context, language, filled }: AppProps) {
  return (
    <PanelContext.Provider value={context}>
      <TextContext.Provider value={language}>
        <Panel filled={filled} />
      </TextContext.Provider>
    </PanelContext.Provider>
  );
}
