export type Theme = "auto" | "light" | "dark";

/** What the script tag says. Everything but `agentId` has a default. */
export interface LoaderConfig {
  agentId: string;
  /** Origin of the Supabase project. */
  apiOrigin: string;
  userToken?: string;
  /** `#rgb` or `#rrggbb`; wins over the agent's own colour. */
  accent?: string;
  /** Accessible name of the launcher. */
  launcher?: string;
  theme?: Theme;
  /** BCP 47. */
  locale?: string;
  /** Where the launcher stands; absent: at the end of the line, so on the left of a right-to-left page. */
  position?: "left" | "right";
  zIndex: number;
  /** For browsers without constructable stylesheets under a CSP. */
  nonce?: string;
}

const DEFAULT_Z_INDEX = 2_147_483_000;

/** Reads the `data-*` options of the script tag; `null` when it names no agent. */
export function readConfig(script: HTMLScriptElement): LoaderConfig | null {
  const { agent, api, userToken, accent, launcher, theme, locale, position, zIndex, nonce } = script.dataset;
  if (!agent) return null;
  return {
    agentId: agent,
    apiOrigin: new URL(api || script.src).origin,
    userToken: userToken || undefined,
    accent,
    launcher,
    theme: theme === "light" || theme === "dark" || theme === "auto" ? theme : undefined,
    locale,
    position: position === "left" || position === "right" ? position : undefined,
    zIndex: Number(zIndex) || DEFAULT_Z_INDEX,
    nonce: nonce || script.nonce || undefined,
  };
}
