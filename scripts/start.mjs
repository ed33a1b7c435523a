import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { readAgent } from "./demo_agent.mjs";
import { lockFolder } from "./folder_lock.mjs";
import { ensureInstalled } from "./install.mjs";
import { createLog } from "./log_file.mjs";
import { npmAbove } from "./npm_above.mjs";
import { claimPorts, namingPort, PORT_OPTIONS, portsFrom } from "./ports.mjs";
import { progress, seconds } from "./progress.mjs";
import {
  DATA_DIR_OPTION,
  denoProgram,
  folderOf,
  forDataDir,
  IS_CHECKOUT,
  keepOutOfGit,
  readStatus,
  removeStatus,
  runCommand,
  ScriptError,
  withCommands,
  writeStatus,
} from "./project.mjs";
import { readyTable } from "./ready_table.mjs";
import { ensureOperators } from "./demo_operators.mjs";
import { ensureInboxBuilt } from "./ensure_inbox.mjs";
import { ensureWidgetBuilt } from "./ensure_widget.mjs";
import { serveInbox } from "./serve_inbox.mjs";

const HELP = `npm start [-- options]

Starts Heddle, its demo shop and the operators' inbox on this machine: Postgres, the Supabase API proxy, Auth, Realtime, the
edge functions, a gateway.

  --fresh              begin with an empty database
  --api-port N         default 54321
  --database-port N    default 54322
  --mail-port N        default 54324, where mails are caught
  --shop-port N        default 4173
  --inbox-port N       default 5174, where operators answer
  --gateway-port N     default 54330, where servers and apps subscribe to events
  --data-dir FOLDER    where data, log and status are kept; default .heddle`;

/** How long the parts of a start that was killed may take to end. */
const LEFTOVERS_MS = 10_000;
const PARENT_CHECK_MS = 500;
const TETHERED = denoProgram("scripts/tethered");

const STEP_NAMES = {
  postgres: "Starting Postgres",
  migrations: "Applying migrations",
  functions: "Starting the functions",
};

runCommand(async () => {
  const from = performance.now();
  const options = readOptions();
  if (options.help) return console.log(withCommands(HELP)), 0;
  try {
    await start(options, from);
  } catch (error) {
    if (error instanceof ScriptError) error.message = forDataDir(error.message, options.dataDir);
    throw error;
  }
});

/**
 * Starts all parts; rejects when one of them ends.
 * @param {ReturnType<typeof readOptions>} options
 * @param {number} from when the command began, in milliseconds
 */
async function start(options, from) {
  refuseSecondStart(options.dataDir);
  keepOutOfGit(options.dataDir);
  const ports = await choosePorts(options);
  const { apiPort, databasePort, mailPort, shopPort, inboxPort, gatewayPort } = ports;
  await ensureInstalled();
  await ensureWidgetBuilt();
  const inboxDir = await ensureInboxBuilt();

  const { Part } = await import("./part.mjs"); // finds Deno among the packages, which were just installed
  const log = createLog(join(options.dataDir, "heddle.log"), console.error);
  /** @type {InstanceType<typeof Part>[]} */
  const parts = [];
  stopOnSignals(parts, options.dataDir);

  try {
    const shopUrl = `http://127.0.0.1:${shopPort}`;
    const stack = new Part("The local stack", [
      denoProgram("local/main"),
      "--watch",
      `--port=${apiPort}`,
      `--database-port=${databasePort}`,
      `--mail-port=${mailPort}`,
      `--data-dir=${join(options.dataDir, "postgres")}`,
      ...(options.fresh ? ["--fresh"] : []),
      `--shop-url=${shopUrl}`,
      "--demo-bot",
      `--allow-private-webhooks=${allowedWebhookHosts()}`,
      `--function-env=HEDDLE_INBOX_URL=http://127.0.0.1:${inboxPort}/`,
      "--secrets-of-environment",
    ], {
      env: { HEDDLE_DEMO_EVENTS_KEY: keptEventsKey(options.dataDir) },
      log,
      onNotice: (text) => console.log(`  ! ${forDataDir(text, options.dataDir)}`),
      onStep: showSteps(),
    });
    parts.push(stack);
    const { agent, ...addresses } = await stack.event("ready");
    const { tabs, webhookSecret, connectorToken, botSecret, eventsKey, ...publicAgent } = agent;

    const shop = new Part("The shop", [TETHERED, denoProgram("demo/main")], {
      env: {
        SHOP_PORT: String(shopPort),
        SHOP_DATABASE_URL: shopDatabase(addresses.dbUrl),
        HEDDLE_API_URL: addresses.apiUrl,
        HEDDLE_AGENT_ID: agent.id,
        HEDDLE_API_KEY: agent.apiKey,
        HEDDLE_SIGNING_SECRET: agent.signingSecret,
        HEDDLE_WEBHOOK_SECRET: webhookSecret,
        HEDDLE_CONNECTOR_TOKEN: connectorToken,
        HEDDLE_BOT_SECRET: botSecret,
      },
      log: (line) => log(`shop: ${line}`),
    });
    parts.push(shop);
    const gateway = new Part("The gateway", [TETHERED, denoProgram("gateway/main")], {
      env: gatewayEnv({ ...addresses, port: gatewayPort }),
      log: (line) => log(`gateway: ${line}`),
    });
    parts.push(gateway);
    const gatewayListens = gateway.event("listening");
    await progress("Starting the shop", shop.event("listening"));
    const gatewayUrl = `http://127.0.0.1:${await progress("Starting the gateway", gatewayListens)}`;

    const inbox = await startInbox({ ...addresses, dir: inboxDir, port: inboxPort, agentId: agent.id });

    const status = { ...addresses, shopUrl, ...inbox, gatewayUrl, agent: publicAgent, tabs, eventsKey };
    writeStatus(options.dataDir, status);
    const { tag } = await readAgent(addresses, agent.id);
    console.log(readyTable(status, {
      tag,
      took: seconds(performance.now() - from),
      log: relative(process.cwd(), join(options.dataDir, "heddle.log")),
    }));
    await Promise.race([stack.crashed, shop.crashed, gateway.crashed]);
  } catch (error) {
    await stopAll(parts, options.dataDir);
    throw await namingPort(error, ports);
  }
}

/**
 * What the gateway is told.
 * @param {{ apiUrl: string, dbUrl: string, publishableKey: string, port: number }} options
 */
function gatewayEnv({ apiUrl, dbUrl, publishableKey, port }) {
  return {
    HEDDLE_GATEWAY_PORT: String(port),
    HEDDLE_GATEWAY_NAMES: "127.0.0.1,localhost,[::1],host.docker.internal",
    SUPABASE_DB_URL: dbUrl,
    SUPABASE_URL: apiUrl,
    SUPABASE_PUBLISHABLE_KEY: publishableKey,
  };
}

/**
 * Serves the operators' app; it ends with this process.
 * @param {{ apiUrl: string, publishableKey: string, secretKey: string, dir: string, port: number, agentId: string }} options
 */
async function startInbox({ apiUrl, publishableKey, secretKey, dir, port, agentId }) {
  const operators = await ensureOperators({ apiUrl, secretKey, agentId });
  const { url } = await serveInbox({
    dir,
    port,
    url: apiUrl,
    publishableKey,
    command: IS_CHECKOUT ? "npm run heddle --" : undefined,
  });
  return { inboxUrl: url, operators };
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: "boolean", short: "h", default: false },
        fresh: { type: "boolean", default: false },
        ...PORT_OPTIONS,
        ...DATA_DIR_OPTION,
      },
    });
    return {
      help: values.help,
      fresh: values.fresh,
      ...portsFrom(values),
      dataDir: folderOf(values["data-dir"]),
    };
  } catch (error) {
    if (error instanceof ScriptError) throw error;
    throw new ScriptError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

/**
 * The key with which the demo's events are read. It is this data folder's alone: a page that is open meanwhile could use one
 * that everybody knows.
 * @param {string} dataDir
 */
function keptEventsKey(dataDir) {
  const file = join(dataDir, "events_key");
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(file, `hdl_local_${randomBytes(24).toString("base64url")}`, { mode: 0o600 });
  }
  return readFileSync(file, "utf8").trim();
}

/**
 * Takes the data folder for this process. Throws if another start has it, up or not, answering or not.
 * @param {string} dataDir
 */
function refuseSecondStart(dataDir) {
  const pid = lockFolder(dataDir);
  if (pid === null) return;
  const status = readStatus(dataDir);
  const state = status?.pid === pid
    ? `runs from this folder: ${status.shopUrl} (process ${pid})`
    : `starts from this folder (process ${pid})`;
  throw new ScriptError(`Heddle already ${state}. Stop it with Ctrl-C there, or: kill ${pid}`);
}

/**
 * The ports to use. What a start that was killed has left behind lets go of its own within seconds, its Postgres at the latest
 * when the next one is started on the same data.
 * @param {Record<import("./ports.mjs").PortName, number> & { dataDir: string }} options
 */
async function choosePorts({ dataDir, databasePort, ...ports }) {
  const wasKilled = existsSync(join(dataDir, "postgres/postmaster.pid"));
  if (!wasKilled) return await claimPorts({ ...ports, databasePort });
  const claimed = await claimPorts({ ...ports, databasePort: 0 }, LEFTOVERS_MS);
  return { ...claimed, databasePort: databasePort || claimed.databasePort };
}

/** Webhooks to servers of this machine, and to what the environment names besides. */
function allowedWebhookHosts() {
  const { HEDDLE_ALLOW_PRIVATE_WEBHOOKS: further } = process.env;
  return ["127.0.0.1", "localhost", ...(further ? [further] : [])].join(",");
}

/** @param {string} dbUrl */
function shopDatabase(dbUrl) {
  const url = new URL(dbUrl);
  url.pathname = "/shop";
  return url.href;
}

/** Turns the stack's step events into progress lines. */
function showSteps() {
  /** @type {Map<string, () => void>} */
  const done = new Map();
  return (/** @type {string} */ step, /** @type {number | undefined} */ ms) => {
    if (ms !== undefined) return done.get(step)?.();
    progress(
      STEP_NAMES[/** @type {keyof typeof STEP_NAMES} */ (step)] ?? step,
      new Promise((resolve) => done.set(step, () => resolve(undefined))),
    );
  };
}

/**
 * Ends all parts in order on Ctrl-C, on a supervisor's signal, and with npm.
 * @param {import("./part.mjs").Part[]} parts
 * @param {string} dataDir
 */
function stopOnSignals(parts, dataDir) {
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    console.log("\nStopping …");
    await stopAll(parts, dataDir);
    console.log("Stopped.");
    process.exit(0);
  };
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, stop);
  // The terminal or the supervisor that reads this may have ended first.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", stop);
  const isNpmThere = npmAbove();
  if (isNpmThere !== null) setInterval(() => isNpmThere() || stop(), PARENT_CHECK_MS).unref();
}

/**
 * @param {import("./part.mjs").Part[]} parts
 * @param {string} dataDir
 */
async function stopAll(parts, dataDir) {
  for (const part of [...parts].reverse()) await part.stop();
  removeStatus(dataDir);
}
