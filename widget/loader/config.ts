/** What the script tag says: `data-user-token` is `userToken`, and so on. Values are checked where they are used. */
export interface LoaderConfig {
  agentId: string;
  /** Origin of the Supabase project. */
  apiOrigin: string;
  userToken?: string;
  /** `#rgb` or `#rrggbb`; wins over the agent's own colour. */
  accent?: string;
  /** Accessible name of the launcher; wins over the agent's own. */
  launcher?: string;
  /** `light`, `dark` or `auto`. */
  theme?: string;
  /** BCP 47; without it the page's own, once the widget's code is there, if it speaks that. */
  locale?: string;
  /** `left` or `right`; else where lines end, so on the left of a right-to-left page. */
  position?: string;
  zIndex?: string;
  /** Where a visitor can sign in. */
  signInUrl?: string;
  /** `off`: the page's title stays as it is. */
  title?: string;
  /** Where the owner serves a worker that tells visitors of replies by push. */
  pushWorker?: string;
}

/** Reads the options of the script tag; `null` when it names no agent. */
export function readConfig(script: HTMLScriptElement): LoaderConfig | null {
  const { agent, api, ...options } = script.dataset;
  if (!agent) return null;
  return { ...options, agentId: agent.toLowerCase(), apiOrigin: new URL(api || script.src).origin };
}
