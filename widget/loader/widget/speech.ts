import { loadStrings } from "../../../kit/strings/catalogue.ts";
import type { Strings } from "../../../kit/strings/en.ts";
import type { Core } from "../../core/core.ts";
import { OPEN_MESSAGES } from "../launcher.ts";
import type { LauncherState } from "./launcher_display.ts";
import type { WidgetParts } from "./widget.ts";

/**
 * Loads the words of a locale's language and has the widget speak it, the launcher on later pages from the beginning. Without
 * such words, or where they can't be loaded, all stays as it is.
 */
export async function speak(
  locale: string,
  core: Pick<Core, "session" | "on">,
  { config, launcher, memory }: Pick<WidgetParts, "config" | "launcher" | "memory">,
  launcherState: LauncherState,
): Promise<Strings | undefined> {
  const strings = await loadStrings(locale);
  const words = strings?.launcher;
  if (!words) return undefined;

  function name(): void {
    const { value } = core.session;
    // A name that the owner has chosen stays.
    if (value.status !== "ready" || value.display.launcher !== OPEN_MESSAGES) return;
    const named = { accent: value.display.accent, launcher: words?.open };
    launcherState.setDisplay(named);
    memory.remember({ ...memory.recall(), ...named });
  }

  config.locale ||= locale;
  launcher.notLoaded = words.notLoaded;
  if (launcher.button.ariaExpanded === "true") launcherState.setOpen(strings.close);
  name();
  core.on("ready", name);
  return strings;
}
