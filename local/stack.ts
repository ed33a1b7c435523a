import { fileURLToPath } from "node:url";
import { join } from "node:path";
import postgres from "postgres";
import { LOCAL_JWT_SECRET, LOCAL_PUBLISHABLE_KEY, LOCAL_SECRET_KEY, reconnectDelay } from "./config.ts";
import { FunctionPool } from "./functions/pool.ts";
import { createProxy } from "./proxy/proxy.ts";
import { createLocalKeys, type LocalKeys } from "./proxy/keys.ts";
import { readSigningKeys } from "./realtime/auth/signing_keys.ts";
import { createRealtime } from "./realtime/server.ts";
import { settingsFrom } from "./realtime/settings.ts";
import { createRestHandler } from "./rest/handler.ts";

export interface StackOptions {
  /** A provisioned database as `postgres`. */
  databaseUrl: string;
  /** The same as Realtime's role. */
  realtimeDatabaseUrl: string;
  /** 0 picks a free port. */
  port: number;
  /** `host` or `host:port` that webhooks may reach although they are private; comma-separated. */
  allowPrivateWebhooks: string;
  /** Where the functions live; `supabase/functions` of this project. */
  functionsDir?: string;
  /** Mounts the test controls. */
  control: boolean;
  /** Reloads functions when their files change. */
  watch: boolean;
  /** Further environment of the functions. */
  functionsEnv: Record<string, string>;
  log(line: string): void;
}

export interface Stack {
  apiUrl: string;
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FUNCTIONS = join(ROOT, "supabase/functions");
const REST_CONNECTIONS = 10;
const FILES_SETTLE_MS = 100;

/** Starts the proxy with everything behind it, on a database that is already there. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const keys = await createLocalKeys({
    publishable: LOCAL_PUBLISHABLE_KEY,
    secret: LOCAL_SECRET_KEY,
    jwtSecret: LOCAL_JWT_SECRET,
  });
  const sql = postgres(asAuthenticator(options.databaseUrl), {
    max: REST_CONNECTIONS,
    backoff: reconnectDelay,
    onnotice: () => undefined,
  });
  const realtime = createRealtime({
    databaseUrl: options.realtimeDatabaseUrl,
    keys: { secret: keys.jwtSecret, jwks: await readSigningKeys(join(ROOT, "supabase")) },
    backoff: options.control ? { connectMs: 0, joinMs: 0 } : { connectMs: 2000, joinMs: 5000 },
    settings: settingsFrom(Deno.env.get("HEDDLE_REALTIME")),
    logger: options.log,
  });

  // The functions' environment holds the proxy's port, and the proxy needs the functions.
  const port = options.port || freePort();
  const apiUrl = `http://127.0.0.1:${port}`;
  const functionsDir = options.functionsDir ?? FUNCTIONS;
  const functions = new FunctionPool({
    directory: functionsDir,
    env: functionsEnv(apiUrl, keys, options),
    log: options.log,
  });
  const handle = createProxy({
    keys,
    functions,
    rest: createRestHandler({ sql, schemas: ["public", "heddle_api"] }),
    realtime,
    widgetDir: join(ROOT, "dist/widget"),
    control: options.control,
  });
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => undefined }, handle);
  const unwatch = options.watch
    ? watchFiles([functionsDir, join(ROOT, "shared")], () => functions.reload())
    : () => undefined;
  await Promise.all([functions.warm(), realtime.ready]);

  return {
    apiUrl,
    async stop() {
      unwatch();
      await realtime.close();
      await Promise.all([functions.close(), server.shutdown()]);
      await sql.end({ timeout: 1 });
    },
  };
}

function functionsEnv(apiUrl: string, keys: LocalKeys, options: StackOptions): Record<string, string> {
  return {
    SUPABASE_URL: apiUrl,
    SUPABASE_DB_URL: options.databaseUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }),
    SUPABASE_ANON_KEY: keys.anonJwt,
    SUPABASE_SERVICE_ROLE_KEY: keys.serviceRoleJwt,
    HEDDLE_ALLOW_PRIVATE_WEBHOOKS: options.allowPrivateWebhooks,
    HEDDLE_ADDRESS_HEADER: "x-forwarded-for",
    ...options.functionsEnv,
  };
}

/** The same database as PostgREST's role, which has the password of `postgres`. */
function asAuthenticator(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.username = "authenticator";
  return url.href;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Calls `changed` once a burst of file changes below `paths` has settled. Returns the function that ends it. */
function watchFiles(paths: string[], changed: () => void): () => void {
  const watcher = Deno.watchFs(paths);
  let timer: ReturnType<typeof setTimeout> | undefined;
  (async () => {
    for await (const { kind } of watcher) {
      if (kind === "access") continue;
      clearTimeout(timer);
      timer = setTimeout(changed, FILES_SETTLE_MS);
    }
  })();
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
