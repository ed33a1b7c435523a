import { type ReadonlySignal, type Signal, signal } from "../../client/platform/emitter.ts";
import { render } from "preact";
import { createThreads } from "../core/threads.ts";
import type { Core } from "../core/core.ts";
import { createCover } from "./cover.ts";
import { readyToFill } from "./stages.ts";
import { createNavigation } from "./navigation.ts";
import { en, type Strings } from "../../kit/strings/en.ts";
import { directionOf, loadStrings, pickLocale } from "../../kit/strings/catalogue.ts";
import conditionsCss from "../../kit/styles/conditions.css?inline";
import listCss from "./styles/list.css?inline";
import panelCss from "./styles/panel.css?inline";
import partsCss from "../../kit/styles/parts.css?inline";
import screensCss from "./styles/screens.css?inline";
import threadCss from "../../kit/styles/thread.css?inline";
import { accentText } from "../../kit/theme/contrast.ts";
import { useMemo } from "preact/hooks";
import { PanelContext } from "./panel_context.ts";
import { Panel } from "./panel.tsx";
import { createFormats } from "../../kit/text/format.ts";
import { TextContext } from "../../kit/text/text_context.ts";
import { keepFocus } from "../../kit/components/keep_focus.ts";
import { useValue } from "../../kit/components/use_value.ts";

/** The page's choices; each wins over the agent's own. */
export interface PanelOptions {
  accent?: string;
  /** `light`, `dark` or `auto`. */
  theme?: string;
  /** BCP 47. */
  locale?: string;
  /** Where a visitor can sign in. */
  signInUrl?: string;
}

export interface PanelParts {
  /** The shadow root's element that everything visible stands in. */
  frame: HTMLElement;
  addStyles: (css: string) => void;
  core: Core;
  options: PanelOptions;
  onClose: () => void;
}

export interface Panel {
  /** Accessible name of what closes the panel. */
  readonly closeLabel: string;
  /** The former page of this browser tab had it open, and the visitor wants to see it there again. */
  wasOpen(): boolean;
  /** Shows the panel and moves the focus into it, unless that `keepsFocus` and can still be seen. */
  show(keepsFocus?: boolean): void;
  hide(): void;
  /** Puts the content into the frame. */
  fill(): void;
  /** The same, once the frame is on the screen. */
  fillSoon(): Promise<void>;
  unmount(): void;
}

/** Puts the panel, hidden, into the frame. */
export function mountPanel({ frame, addStyles, core, options, onClose }: PanelParts): Panel {
  addStyles(panelCss + screensCss + partsCss + listCss + threadCss + conditionsCss);
  const dialog = document.createElement("div");
  dialog.className = "panel";
  dialog.setAttribute("role", "dialog");
  dialog.tabIndex = -1;
  dialog.inert = true;
  frame.append(dialog);

  const visible = signal(false);
  const language = signal<Language>({ locale: "en", strings: en });
  core.useThreads(createThreads);
  const navigation = createNavigation(core);
  const cover = createCover(dialog, () => navigation.place.value ? navigation.back() : onClose());
  const stopLooks = keepLooks(dialog, core, options, language);
  let stopSpeaking: (() => void) | undefined;
  keepFocus(dialog);
  const { signInUrl } = options;
  const context = { core, navigation, visible, close: onClose, addStyles: once(addStyles), signInUrl };
  function draw(filled: boolean) {
    render(<App {...{ context, language, filled }} />, dialog);
  }
  draw(false);
  function fill() {
    if (stopSpeaking) return;
    stopSpeaking = speak(core, dialog, options, language);
    draw(true);
    // Not earlier: the content takes up what the former page showed.
    if (visible.value) navigation.keep(true);
  }

  return {
    get closeLabel() {
      return language.value.strings.close;
    },
    wasOpen: () => core.shown.read() !== null && (!cover.isFull() || isReload()),
    show(keepsFocus = false) {
      const covers = cover.isFull();
      dialog.inert = false;
      dialog.ariaModal = `${covers}`;
      // Without a layout in between there would be nothing to animate from.
      void dialog.offsetWidth;
      dialog.dataset.open = "";
      visible.value = true;
      if (stopSpeaking) navigation.keep(true);
      cover.begin();
      if (keepsFocus && !covers) return;
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
    fillSoon: () => readyToFill().then(fill),
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

interface Language {
  locale: string;
  strings: Strings;
}

/** Keeps the dialog's looks and name as the page and the agent want them. Returns what ends that. */
function keepLooks(dialog: HTMLElement, core: Core, options: PanelOptions, language: Signal<Language>) {
  return core.session.subscribe((session) => {
    const ready = session.status === "ready" ? session : undefined;
    dialog.dataset.theme = options.theme || ready?.display.theme;
    dialog.style.setProperty("--accent-text", accentText(options.accent || ready?.display.accent));
    dialog.setAttribute(
      "aria-label",
      ready?.display.title || ready?.agentName || language.value.strings.messages,
    );
  });
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

/** Keeps to the language that page and agent ask for. Returns what ends that. */
function speak(core: Core, dialog: HTMLElement, options: PanelOptions, language: Signal<Language>) {
  return core.session.subscribe((session) => {
    const locale = pickLocale(
      options.locale,
      session.status === "ready" ? session.display.locale : undefined,
    );
    dialog.lang = locale;
    dialog.dir = directionOf(locale);
    void loadStrings(locale).then((strings) => {
      language.value = { locale, strings };
    });
  });
}

interface AppProps {
  context: PanelContext;
  language: ReadonlySignal<Language>;
  filled: boolean;
}

/** The panel in the visitor's language. */
function App({ context, language, filled }: AppProps) {
  const { locale, strings } = useValue(language);
  const text = useMemo(() => ({ strings, formats: createFormats(locale) }), [locale, strings]);
  return (
    <PanelContext.Provider value={context}>
      <TextContext.Provider value={text}>
        <Panel filled={filled} />
      </TextContext.Provider>
    </PanelContext.Provider>
  );
}
