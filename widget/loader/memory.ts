import type { LoaderConfig } from "./config.ts";

/** What the loader knows from earlier pages. */
export interface Remembered {
  /** The launcher's looks, from the agent's settings. */
  accent?: string;
  launcher?: string;
  /** Set while somebody has a session here: an anonymous visitor's badge can then go live on the next page. */
  visitor?: "anonymous" | "identified";
}

/** What the pages of this browser keep for the loader. */
export interface Memory {
  /** Where it stands in local storage. */
  readonly key: string;
  /** Where storage is blocked every page is the first; the core reports that. */
  recall(): Remembered;
  /** See `recall` for blocked storage. */
  remember(remembered: Remembered): void;
  /**
   * Drops all that is stored of the visitor, the core's part too: a log-out often leaves the page before the core could
   * be loaded.
   */
  forgetVisitor(): void;
}

export function createMemory({ agentId }: Pick<LoaderConfig, "agentId">): Memory {
  /** What every key of the widget begins with (core/session/store.ts). */
  const prefix = `heddle:${agentId}:`;
  const key = `${prefix}loader`;

  function recall(): Remembered {
    try {
      return Object(JSON.parse(localStorage.getItem(key) as string));
    } catch {
      return {};
    }
  }

  function remember(remembered: Remembered) {
    try {
      localStorage.setItem(key, JSON.stringify(remembered));
    } catch {
      // Nothing depends on it: the next page asks the server again.
    }
  }

  return {
    key,
    recall,
    remember,
    forgetVisitor() {
      const { accent, launcher } = recall();
      try {
        for (const area of [sessionStorage, localStorage]) {
          for (const key of Object.keys(area)) if (key.startsWith(prefix)) area.removeItem(key);
        }
      } catch {
        // Blocked storage holds nothing.
      }
      // A page on which nobody was known is left without a trace.
      if (accent || launcher) remember({ accent, launcher });
    },
  };
}
