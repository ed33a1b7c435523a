/**
 * The embedded stack as a process. Speaks JSON lines on stdout: `{"step","ms"}` as it comes up, `{"ready"}` with
 * its addresses once it answers, `{"log"}` and `{"failed"}`. Ends on SIGINT, SIGTERM or the end of its standard input.
 */
import { parseArgs } from "node:util";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { API_PORT, DATABASE_PORT, LOCAL_PUBLISHABLE_KEY, LOCAL_SECRET_KEY, MAIL_PORT } from "./config.ts";
import { outliveLostConnections } from "./connections.ts";
import { addDemoBot, DEMO_AGENT, pointDemoAgentTo, setEventsKey, switchOnDemoRule } from "./demo_agent.ts";
import { removeCluster } from "./postgres/data_dir.ts";
import { REALTIME_ROLE, withLogin } from "./postgres/logins.ts";
import { provision } from "./postgres/provision.ts";
import { startPostgres } from "./postgres/server.ts";
import { SUPERUSER } from "./postgres/superuser.ts";
import { secretsIn, secretsNotice } from "./functions/secrets.ts";
import { startStack } from "./stack.ts";

const STOP_MS = 4000;
const ROOT = fileURLToPath(new URL("..", import.meta.url));

const { values: flags } = parseArgs({
  args: Deno.args,
  options: {
    port: { type: "string", default: String(API_PORT) },
    "database-port": { type: "string", default: String(DATABASE_PORT) },
    "mail-port": { type: "string", default: String(MAIL_PORT) },
    "data-dir": { type: "string", default: join(ROOT, ".heddle/postgres") },
    /** Begins with a new database. */
    fresh: { type: "boolean", default: false },
    "functions-dir": { type: "string" },
    "shop-url": { type: "string" },
    /** The shop's assistant answers in the demo agent's store tab. */
    "demo-bot": { type: "boolean", default: false },
    "allow-private-webhooks": { type: "string", default: "" },
    /** `NAME=value`, repeatable. */
    "function-env": { type: "string", multiple: true, default: [] },
    /** Hands the functions those of their secrets that this process has: not flags, which every local user could read. */
    "secrets-of-environment": { type: "boolean", default: false },
    /** Boots a function when it is first called, and none before. */
    "functions-on-demand": { type: "boolean", default: false },
    control: { type: "boolean", default: false },
    watch: { type: "boolean", default: false },
  },
});

/** A provisioned database, as two of its roles see it. The superuser is none of them: what a trigger or a policy runs has its rights. */
interface Database {
  /** As `postgres`. */
  databaseUrl: string;
  /** As Realtime's role. */
  realtimeDatabaseUrl: string;
}

const stoppers: (() => Promise<void>)[] = [];
let stopping = false;

async function stop(exitCode: number): Promise<never> {
  if (!stopping) {
    stopping = true;
    setTimeout(() => Deno.exit(1), STOP_MS); // a part that hangs must not keep the others
    for (const stopPart of stoppers.reverse()) await stopPart();
    Deno.exit(exitCode);
  }
  return new Promise(() => undefined);
}

function emit(event: Record<string, unknown>): void {
  console.log(JSON.stringify(event));
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const from = performance.now();
  emit({ step: name });
  const result = await work();
  emit({ step: name, ms: Math.round(performance.now() - from) });
  return result;
}

/** One that is there already: no Postgres is started then. Not flags, which every local user could read. */
function givenDatabase(): Database | null {
  const databaseUrl = Deno.env.get("HEDDLE_LOCAL_DATABASE_URL");
  const realtimeDatabaseUrl = Deno.env.get("HEDDLE_LOCAL_REALTIME_DATABASE_URL");
  return databaseUrl && realtimeDatabaseUrl ? { databaseUrl, realtimeDatabaseUrl } : null;
}

async function ownDatabase(): Promise<Database> {
  const server = await step(
    "postgres",
    async () => {
      if (flags.fresh) await removeCluster(flags["data-dir"]);
      return await startPostgres({ dataDir: flags["data-dir"], port: Number(flags["database-port"]) });
    },
  );
  stoppers.push(() => server.stop());
  server.exited.then(() => {
    if (stopping) return;
    emit({
      failed:
        "Postgres ended unexpectedly. Start again: npm start. If that happens again: npm start -- --fresh",
    });
    stop(1);
  });
  const { changed } = await step("migrations", () =>
    provision({
      adminUrl: server.url(SUPERUSER, "postgres"),
      database: "postgres",
      supabaseDir: join(ROOT, "supabase"),
    }));
  if (changed.length > 0) {
    emit({
      notice: `Migrations that were applied have changed since: ${
        changed.join(", ")
      }. To get them, begin with empty data: npm start -- --fresh`,
    });
  }
  return {
    databaseUrl: server.url("postgres", "postgres"),
    realtimeDatabaseUrl: server.url(REALTIME_ROLE, "postgres"),
  };
}

async function main(): Promise<void> {
  const database = givenDatabase() ?? await ownDatabase();
  const { "shop-url": shopUrl } = flags;
  if (shopUrl) await withLogin(database.databaseUrl, (sql) => pointDemoAgentTo(sql, shopUrl));
  if (shopUrl && flags["demo-bot"]) {
    await withLogin(database.databaseUrl, async (sql) => {
      await addDemoBot(sql, shopUrl);
      await switchOnDemoRule(sql);
    });
  }

  const { HEDDLE_DEMO_EVENTS_KEY: eventsKey } = process.env;
  if (eventsKey) await withLogin(database.databaseUrl, (sql) => setEventsKey(sql, eventsKey));

  const secrets = flags["secrets-of-environment"] ? secretsIn((name) => Deno.env.get(name)) : {};
  const notice = secretsNotice(secrets);
  if (notice !== null) emit({ notice });
  const stack = await step("functions", () =>
    startStack({
      ...database,
      port: Number(flags.port),
      mailPort: Number(flags["mail-port"]),
      allowPrivateWebhooks: flags["allow-private-webhooks"],
      functionsDir: flags["functions-dir"],
      functionsOnDemand: flags["functions-on-demand"],
      control: flags.control,
      watch: flags.watch,
      functionsEnv: { ...Object.fromEntries(flags["function-env"].map(nameAndValue)), ...secrets },
      log: (line) => emit({ log: line }),
    }));
  stoppers.push(() => stack.stop());

  emit({
    ready: {
      apiUrl: stack.apiUrl,
      mailUrl: stack.mailUrl,
      dbUrl: database.databaseUrl,
      publishableKey: LOCAL_PUBLISHABLE_KEY,
      secretKey: LOCAL_SECRET_KEY,
      agent: { ...DEMO_AGENT, eventsKey },
    },
  });
}

function nameAndValue(setting: string): [string, string] {
  const at = setting.indexOf("=");
  return [setting.slice(0, at), setting.slice(at + 1)];
}

for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => stop(0));
process.stdin.on("end", () => stop(0)).resume();

outliveLostConnections((line) => emit({ log: line }));
try {
  await main();
} catch (error) {
  emit({ failed: error instanceof Error ? error.message : String(error) });
  await stop(1);
}
