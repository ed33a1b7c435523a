import type { Chunks } from "./chunks.ts";
import type { LoaderConfig } from "./config.ts";
import { type Commands, createWidget } from "./widget.ts";

/** Before the script has loaded: the page's stub, which only collects calls. Afterwards: the widget. */
export interface HeddleFunction {
  (command: string, ...args: unknown[]): void;
  /** Calls made before the script had loaded. */
  q?: ArrayLike<unknown>[];
  /** Lets a second script tag of the same page hand over; false if it wants another agent's widget. */
  adopt?: (config: LoaderConfig) => boolean;
}

declare global {
  var heddle: HeddleFunction | undefined;
}

/** Makes `window.heddle` live. A second call for the same agent only passes its user token on. */
export function install(config: LoaderConfig, chunks: Chunks): void {
  const former = globalThis.heddle;
  if (former?.adopt?.(config)) return;

  const widget = createWidget(config, chunks);
  let tagToken = config.userToken;

  const heddle: HeddleFunction = (command, ...args) => {
    if (!Object.hasOwn(widget, command)) {
      console.error(`heddle: there is no command "${command}".`);
      return;
    }
    // A page that declared it with `var` has made it undeletable.
    if (command === "shutdown" && !Reflect.deleteProperty(globalThis, "heddle")) {
      globalThis.heddle = undefined;
    }
    const run = widget[command as keyof Commands] as (...args: unknown[]) => void;
    run(...args);
  };
  heddle.adopt = (next) => {
    if (next.agentId !== config.agentId) {
      heddle("shutdown");
      return false;
    }
    if (next.userToken && next.userToken !== tagToken) widget.identify(next.userToken);
    if (!next.userToken && tagToken) widget.logout();
    tagToken = next.userToken;
    return true;
  };
  globalThis.heddle = heddle;

  for (const call of Array.from(former?.q ?? [])) {
    const [command, ...args] = Array.from(call);
    heddle(String(command), ...args);
  }
}
