import type { ReadonlySignal } from "../../client/platform/signal.ts";
import { useMemo } from "preact/hooks";
import type { Core } from "../core/core.ts";
import { PanelContext } from "./panel_context.ts";
import type { Navigation } from "./navigation.ts";
import { Panel } from "./panel.tsx";
import type { Strings } from "../../kit/strings/en.ts";
import { createFormats } from "../../kit/text/format.ts";
import { TextContext } from "../../kit/text/text_context.ts";
import { useValue } from "../../kit/components/use_value.ts";

interface AppProps {
  core: Core;
  navigation: Navigation;
  language: ReadonlySignal<{ locale: string; strings: Strings }>;
  visible: ReadonlySignal<boolean>;
  close: () => void;
}

/** The panel in the visitor's language. */
export function App({ core, navigation, language, visible, close }: AppProps) {
  const { locale, strings } = useValue(language);
  const panel = useMemo(() => ({ core, navigation, visible, close }), []);
  const text = useMemo(() => ({ strings, formats: createFormats(locale) }), [locale, strings]);
  return (
    <PanelContext.Provider value={panel}>
      <TextContext.Provider value={text}>
        <Panel />
      </TextContext.Provider>
    </PanelContext.Provider>
  );
}
