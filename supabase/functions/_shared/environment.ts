/** Heddle's version, as webhooks see it; the same as in package.json. */
export const VERSION = "0.1.0";

/** What the functions are configured with. */
export interface Environment {
  supabaseUrl: string;
  /** Where browsers and mail programs reach the functions: not always the same in a self-hosted project. */
  publicUrl: string;
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
  /** Milliseconds for the answers of bots in one call of a function, which its runtime must not end before. */
  answerLimitMs: number;
  /** Milliseconds in which whoever asked a bot may come and read along; then it is written without a reader. */
  readerGraceMs: number;
}

type Get = (name: string) => string | undefined;

let cached: Environment | undefined;

/** The environment, read once per isolate. Throws, naming the variable, if one is missing or broken. */
export function environment(): Environment {
  cached ??= readEnvironment((name) => Deno.env.get(name));
  return cached;
}

/** Reads the environment through `get`. Throws, naming the variable, if one is missing or broken. */
export function readEnvironment(get: Get): Environment {
  const secretKey = keyOf(get, "SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY");
  const supabaseUrl = required(get, "SUPABASE_URL");
  return {
    supabaseUrl: withoutSlash(supabaseUrl),
    publicUrl: withoutSlash(get("HEDDLE_PUBLIC_URL") || get("SUPABASE_PUBLIC_URL") || supabaseUrl),
    publishableKey: keyOf(get, "SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY"),
    secretKey,
    sessionSecret: get("HEDDLE_SESSION_SECRET") || secretKey,
    privateWebhookHosts: (get("HEDDLE_ALLOW_PRIVATE_WEBHOOKS") ?? "").split(",")
      .map((host) => host.trim().toLowerCase()).filter((host) => host !== ""),
    addressHeader: headerName(get, "HEDDLE_ADDRESS_HEADER"),
    webhookTimeoutMs: milliseconds(get, "HEDDLE_WEBHOOK_TIMEOUT_MS", 10_000),
    webhookBudgetMs: milliseconds(get, "HEDDLE_WEBHOOK_BUDGET_MS", 12_000),
    answerLimitMs: milliseconds(get, "HEDDLE_ANSWER_LIMIT_MS", 140_000),
    readerGraceMs: milliseconds(get, "HEDDLE_READER_GRACE_MS", 1_500),
  };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

function required(get: Get, name: string): string {
  const value = get(name);
  if (!value) throw new Error(`${name} must be set`);
  return value;
}

/** A name that no header can have would make every request fail, and only there. */
function headerName(get: Get, name: string): string | null {
  const value = get(name) || null;
  if (value !== null && !/^[\w!#$%&'*+.^`|~-]+$/.test(value)) {
    throw new Error(`${name} must be the name of a header`);
  }
  return value;
}

function milliseconds(get: Get, name: string, standard: number): number {
  const text = get(name);
  if (!text) return standard;
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) {
    throw new Error(`${name} must be a positive number of milliseconds`);
  }
  return value;
}

/** The parser's own message would quote the text, which holds keys. */
function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${name} must be JSON`);
  }
}

/**
 * A key of Supabase: the `default` of the JSON map that hosted projects set (`…_KEYS`), else the map's first, else the one that
 * self-hosted projects set (`…_KEY`), else the legacy variable.
 */
function keyOf(get: Get, name: string, legacyName: string): string {
  return keyInMap(get, `${name}S`) ?? (get(name) || required(get, legacyName));
}

function keyInMap(get: Get, name: string): string | null {
  const text = get(name);
  if (!text) return null;
  const keys = parsed(text, name);
  if (typeof keys !== "object" || keys === null) return null;
  const key = (keys as { default?: unknown }).default ?? Object.values(keys)[0];
  return typeof key === "string" && key !== "" ? key : null;
}
