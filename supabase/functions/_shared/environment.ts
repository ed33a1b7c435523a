/** What the functions are configured with. Read once per isolate. */
export interface Environment {
  supabaseUrl: string;
  /** Goes to browsers. */
  publishableKey: string;
  secretKey: string;
  /** What the session key is derived from. */
  sessionSecret: string;
  /** `host` or `host:port`: webhooks that may use http and private addresses. */
  privateWebhookHosts: string[];
  /** Header in which a trusted proxy names the client; `null`: addresses are not known. */
  addressHeader: string | null;
  /** Milliseconds for one try at an owner's webhook. */
  webhookTimeoutMs: number;
  /** Milliseconds for a whole tab call, retry included. */
  webhookBudgetMs: number;
}

let cached: Environment | undefined;

/** The environment. Throws, naming the variable, if one is missing or broken. */
export function environment(): Environment {
  cached ??= read();
  return cached;
}

function read(): Environment {
  const secretKey = keyOf("SUPABASE_SECRET_KEYS", "SUPABASE_SERVICE_ROLE_KEY");
  return {
    supabaseUrl: required("SUPABASE_URL").replace(/\/+$/, ""),
    publishableKey: keyOf("SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY"),
    secretKey,
    sessionSecret: Deno.env.get("HEDDLE_SESSION_SECRET") || secretKey,
    privateWebhookHosts: (Deno.env.get("HEDDLE_ALLOW_PRIVATE_WEBHOOKS") ?? "").split(",")
      .map((host) => host.trim().toLowerCase()).filter((host) => host !== ""),
    addressHeader: Deno.env.get("HEDDLE_ADDRESS_HEADER") || null,
    webhookTimeoutMs: milliseconds("HEDDLE_WEBHOOK_TIMEOUT_MS", 10_000),
    webhookBudgetMs: milliseconds("HEDDLE_WEBHOOK_BUDGET_MS", 12_000),
  };
}

function required(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`${name} must be set`);
  return value;
}

function milliseconds(name: string, standard: number): number {
  const text = Deno.env.get(name);
  if (!text) return standard;
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) {
    throw new Error(`${name} must be a positive number of milliseconds`);
  }
  return value;
}

/** A key of Supabase: the `default` of its JSON map, else the map's first, else the legacy variable. */
function keyOf(mapName: string, legacyName: string): string {
  const text = Deno.env.get(mapName);
  if (!text) return required(legacyName);
  const keys: unknown = JSON.parse(text);
  if (typeof keys === "object" && keys !== null) {
    const key = (keys as { default?: unknown }).default ?? Object.values(keys)[0];
    if (typeof key === "string" && key !== "") return key;
  }
  return required(legacyName);
}
