import type { LoaderConfig } from "./config.ts";

/** What the loader knows from earlier pages. */
export interface Remembered {
  /** The launcher's looks, from the agent's settings. */
  accent?: string;
  launcher?: string;
  /** Set while somebody has a session here: an anonymous visitor's badge can then go live on the next page. */
  visitor?: "anonymous" | "identified";
}

/** Where storage is blocked every page is the first; the core reports that. */
export function recall({ agentId }: LoaderConfig): Remembered {
  try {
    return JSON.parse(localStorage.getItem(keyOf(agentId)) ?? "{}");
  } catch {
    return {};
  }
}

/** See `recall` for blocked storage. */
export function remember({ agentId }: LoaderConfig, remembered: Remembered): void {
  try {
    localStorage.setItem(keyOf(agentId), JSON.stringify(remembered));
  } catch {
    // Nothing depends on it: the next page asks the server again.
  }
}

function keyOf(agentId: string): string {
  return `heddle:${agentId}:loader`;
}
