import type { Theme } from "./config.ts";

/** How the launcher looks, from the agent's settings. */
export interface Looks {
  accent?: string;
  launcher?: string;
  theme?: Theme;
}

export interface Remembered {
  looks?: Looks;
  /** Set while somebody has a session here: an anonymous visitor's badge can then go live on the next page. */
  visitor?: "anonymous" | "identified";
}

export interface Memory {
  read(): Remembered;
  write(remembered: Remembered): void;
}

/** What the loader knows from earlier pages. Where storage is blocked it lives as long as the page. */
export function createMemory(agentId: string, onBlocked: () => void): Memory {
  const key = `heddle:${agentId}:loader`;
  let known: Remembered | undefined;

  return {
    read() {
      if (known) return known;
      known = {};
      try {
        const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
        if (stored && typeof stored === "object") known = stored;
      } catch (error) {
        // Broken JSON is as good as none; anything else means that storage is blocked.
        if (!(error instanceof SyntaxError)) onBlocked();
      }
      return known;
    },
    write(remembered) {
      known = remembered;
      try {
        localStorage.setItem(key, JSON.stringify(remembered));
      } catch {
        onBlocked();
      }
    },
  };
}
