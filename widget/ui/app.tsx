import type { ReadonlySignal } from "@preact/signals-core";
import { useMemo } from "preact/hooks";
import type { Core } from "../core/types.ts";
import { FaceContext } from "./face.ts";
import type { Navigation } from "./navigation.ts";
import { Panel } from "./panel.tsx";
import type { Strings } from "./strings/en.ts";
import { createFormats } from "./text/format.ts";
import { useValue } from "./use_value.ts";

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
  const face = useMemo(
    () => ({ core, navigation, visible, close, strings, formats: createFormats(locale) }),
    [locale, strings],
  );
  return (
    <FaceContext.Provider value={face}>
      <Panel />
    </FaceContext.Provider>
  );
}
