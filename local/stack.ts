import { fileURLToPath } from "node:url";
import { join } from "node:path";
import type { JWK } from "jose";
import type { Sql } from "postgres";
import { createPushKeys } from "../shared/push_keys.ts";
import { LOCAL_JWT_SECRET, LOCAL_PUBLISHABLE_KEY, LOCAL_SECRET_KEY } from "./config.ts";
import { openConnections } from "./connections.ts";
import { createAccessTokens } from "./auth/access_token.ts";
import { createAuthHandler } from "./auth/handler.ts";
import { createMailer } from "./auth/mailer.ts";
import { readAuthSettings } from "./auth/settings.ts";
import { type MailCatcher, startMailCatcher } from "./mail/catcher.ts";
import { FunctionPool } from "./functions/pool.ts";
import { createProxy } from "./proxy/proxy.ts";
import { createLocalKeys, type LocalKeys } from "./proxy/keys.ts";
import { readSigningKeys } from "./realtime/auth/signing_keys.ts";
import { createRealtime } from "./realtime/server.ts";
import { projectSettings } from "./realtime/settings.ts";
import { createRestHandler } from "./rest/handler.ts";
import { sendDue } from "./send_due.ts";
import { tendStore } from "./tend_store.ts";

export interface StackOptions {
  /** A provisioned database as `postgres`. */
  databaseUrl: string;
  /** The same as Realtime's role. */
  realtimeDatabaseUrl: string;
  /** 0 picks a free port. */
  port: number;
  /** Of the page that shows caught mails; 0 picks a free one. */
  mailPort: number;
  /** `host` or `host:port` that webhooks may reach although they are private; comma-separated. */
  allowPrivateWebhooks: string;
  /** Where the functions live; `supabase/functions` of this project. */
  functionsDir?: string;
  /** Boots a function when it is first called, and none before. */
  functionsOnDemand: boolean;
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
  mailUrl: string;
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FUNCTIONS = join(ROOT, "supabase/functions");
const SUPABASE_DIR = join(ROOT, "supabase");
const REST_CONNECTIONS = 10;
const AUTH_CONNECTIONS = 4;
const FILES_SETTLE_MS = 100;

/** Starts the proxy with everything behind it, on a database that is already there. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const keys = await createLocalKeys({
    publishable: LOCAL_PUBLISHABLE_KEY,
    secret: LOCAL_SECRET_KEY,
    jwtSecret: LOCAL_JWT_SECRET,
  });
  const sql = connections(options.databaseUrl, "authenticator", REST_CONNECTIONS);
  const stopTending = tendStore({ sql, log: options.log });
  const signingKeys = await readSigningKeys(SUPABASE_DIR);
  const realtime = createRealtime({
    databaseUrl: options.realtimeDatabaseUrl,
    keys: { secret: keys.jwtSecret, jwks: signingKeys },
    backoff: options.control ? { connectMs: 0, joinMs: 0 } : { connectMs: 2000, joinMs: 5000 },
    settings: projectSettings(Deno.env.get("HEDDLE_REALTIME")),
    logger: options.log,
  });

  // The functions' environment holds the proxy's port, and the proxy needs the functions: until it is made, requests wait.
  const proxy = Promise.withResolvers<Deno.ServeHandler<Deno.NetAddr>>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: options.port, onListen: () => undefined },
    async (request, info) => await (await proxy.promise)(request, info),
  );
  const apiUrl = `http://127.0.0.1:${server.addr.port}`;
  const functionsDir = options.functionsDir ?? FUNCTIONS;
  const mails = await startMailCatcher({ port: options.mailPort });
  const functions = new FunctionPool({
    directory: functionsDir,
    env: functionsEnv({ apiUrl, smtpPort: mails.smtpPort }, keys, options),
    log: options.log,
  });
  const auth = await startAuth(options, { apiUrl, mails, jwtSecret: keys.jwtSecret, signingKeys });
  await keepPushKeys(sql);
  proxy.resolve(createProxy({
    keys,
    functions,
    auth: auth.handle,
    rest: createRestHandler({ sql, schemas: ["public", "heddle_api"] }),
    realtime,
    widgetDir: join(ROOT, "dist/widget"),
    control: options.control,
  }));
  const stopSending = sendDue({ sql, apiUrl, secretKey: keys.secret, log: options.log });
  const unwatch = options.watch
    ? watchFiles([functionsDir, join(ROOT, "shared")], () => functions.reload())
    : () => undefined;
  await Promise.all([options.functionsOnDemand || functions.warm(), realtime.ready]);

  return {
    apiUrl,
    mailUrl: auth.mailUrl,
    async stop() {
      unwatch();
      await Promise.all([stopTending(), stopSending()]);
      await realtime.close();
      await Promise.all([functions.close(), server.shutdown()]);
      await Promise.all([auth.stop(), sql.end()]);
    },
  };
}

function functionsEnv(
  { apiUrl, smtpPort }: { apiUrl: string; smtpPort: number },
  keys: LocalKeys,
  options: StackOptions,
): Record<string, string> {
  return {
    SUPABASE_URL: apiUrl,
    SUPABASE_DB_URL: options.databaseUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }),
    SUPABASE_ANON_KEY: keys.anonJwt,
    SUPABASE_SERVICE_ROLE_KEY: keys.serviceRoleJwt,
    HEDDLE_ALLOW_PRIVATE_WEBHOOKS: options.allowPrivateWebhooks,
    HEDDLE_ADDRESS_HEADER: "x-forwarded-for",
    HEDDLE_SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    HEDDLE_MAIL_FROM: "chat@shop.example",
    ...options.functionsEnv,
  };
}

/** Auth, and what catches its mails. */
async function startAuth(
  { databaseUrl, log }: StackOptions,
  { apiUrl, mails, jwtSecret, signingKeys }: {
    apiUrl: string;
    mails: MailCatcher;
    jwtSecret: string;
    signingKeys: JWK[];
  },
) {
  const settings = await readAuthSettings(SUPABASE_DIR);
  const sql = connections(databaseUrl, "supabase_auth_admin", AUTH_CONNECTIONS);
  const authUrl = `${apiUrl}/auth/v1`;
  const seconds = settings.accessTokenSeconds;
  const tokens = createAccessTokens({ secret: jwtSecret, issuer: authUrl, seconds });
  const mailer = createMailer({ smtpPort: mails.smtpPort, authUrl });
  return {
    handle: createAuthHandler({ sql, settings, tokens, mailer, signingKeys, now: Date.now, log }),
    mailUrl: mails.url,
    async stop() {
      mailer.close();
      await Promise.all([mails.stop(), sql.end()]);
    },
  };
}

/** As `heddle install` does it in a project. */
async function keepPushKeys(sql: Sql): Promise<void> {
  const { publicKey, privateKey } = await createPushKeys();
  await sql.begin(async (tx) => {
    await tx`set local role service_role`;
    await tx`select heddle_api.keep_push_keys(${publicKey}, ${privateKey})`;
  });
}

/** Connections to the same database as a role that has the password of `postgres`. */
function connections(databaseUrl: string, role: string, max: number): Sql {
  const url = new URL(databaseUrl);
  url.username = role;
  return openConnections(url.href, { max });
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
