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

/**
 * Drops all that is stored of the visitor, the core's part too: a log-out often leaves the page before the core could
 * be loaded.
 */
export function forgetVisitor(config: LoaderConfig): void {
  const { accent, launcher } = recall(config);
  try {
    for (const area of [sessionStorage, localStorage]) {
      for (const key of Object.keys(area)) if (key.startsWith(prefixOf(config.agentId))) area.removeItem(key);
    }
  } catch {
    // Blocked storage holds nothing.
  }
  // A page on which nobody was known is left without a trace.
  if (accent || launcher) remember(config, { accent, launcher });
}

function keyOf(agentId: string): string {
  return `${prefixOf(agentId)}loader`;
}

/** What every key of the widget begins with (core/session/store.ts). */
function prefixOf(agentId: string): string {
  return `heddle:${agentId}:`;
}
