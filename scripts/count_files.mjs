/**
 * Counts the files that somebody has to read to follow a request: those with a function that V8 saw executed, in the browser and in
 * the edge functions. `node scripts/count_files.mjs [--files]`, with `--files` their names too. Exit code 1: more than there should be.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createServer } from "vite";
import { buildWidget } from "./build_widget.mjs";
import { Part } from "./part.mjs";
import { claimPorts } from "./ports.mjs";
import { ROOT, runCommand, ScriptError } from "./project.mjs";

/** @typedef {{ url: string, functions: { ranges: { startOffset: number, count: number }[] }[] }} Script as V8's profiler tells it */
/** @typedef {{ apiUrl: string, shopUrl: string, agent: { apiKey: string } }} Heddle */

const OURS = /^(?:client|kit|widget|shared|supabase\/functions)\//;
const LIMITS = { browser: 46, click: 32, publish: 15 };
const QUIET_MS = 2000;
const SHOPPER = "ada";
/** Behind a function's name: answers what was executed since the last call. */
const COVERAGE_PATH = "_coverage";

runCommand(async () => {
  const unknown = process.argv.slice(2).find((word) => word !== "--files");
  if (unknown !== undefined) {
    throw new ScriptError(`Unknown option "${unknown}". Usage: node scripts/count_files.mjs [--files]`);
  }
  const folder = mkdtempSync(join(tmpdir(), "heddle-count-files-"));
  /** @type {(() => Promise<void>)[]} */
  const stoppers = [() => rm(folder, { recursive: true, force: true })];
  try {
    await buildWidget({ outDir: join(folder, "widget"), further: { minify: false, sourcemap: true } });
    const heddle = await startHeddle(folder, stoppers);
    const { files: browser, call } = await clickRow(heddle, join(folder, "widget"), stoppers);
    const click = await executedBy(heddle, () => send(call));
    const publish = await executedBy(heddle, () => send(publishing(heddle, call)));
    return report({ browser, click, publish });
  } finally {
    for (const stop of stoppers.reverse()) await stop();
  }
});

/** @param {Record<keyof typeof LIMITS, string[]>} counted */
function report(counted) {
  const titles = {
    browser: "from a click on a row to its first entry, in the browser",
    click: "for the same click, in the functions",
    publish: "for a publish, in the functions",
  };
  const names = /** @type {(keyof typeof LIMITS)[]} */ (Object.keys(LIMITS));
  for (const name of names) {
    const files = counted[name];
    console.log(`${files.length} files (at most ${LIMITS[name]}) ${titles[name]}`);
    if (process.argv.includes("--files")) console.log(files.map((file) => `  ${file}`).join("\n"));
  }
  return names.every((name) => counted[name].length > 0 && counted[name].length <= LIMITS[name]) ? 0 : 1;
}

/**
 * The local stack with functions that tell their coverage, and the demo shop before it.
 * @param {string} folder
 * @param {(() => Promise<void>)[]} stoppers
 * @returns {Promise<Heddle>}
 */
async function startHeddle(folder, stoppers) {
  /** @type {string[]} */
  const lines = [];
  const log = (/** @type {string} */ line) => lines.push(line);
  const { shopPort } = await claimPorts({
    apiPort: 0,
    databasePort: 0,
    mailPort: 0,
    shopPort: 0,
    inboxPort: 0,
    gatewayPort: 0,
  });
  const shopUrl = `http://127.0.0.1:${shopPort}`;
  const stack = new Part("The local stack", [
    "local/main.ts",
    "--port=0",
    "--mail-port=0",
    "--database-port=0",
    `--data-dir=${join(folder, "postgres")}`,
    `--functions-dir=${coveredFunctions(folder)}`,
    `--shop-url=${shopUrl}`,
    "--allow-private-webhooks=127.0.0.1",
  ], { log });
  stoppers.push(() => stack.stop());
  const { apiUrl, dbUrl, agent } = await stack.event("ready");
  const shopDatabase = new URL(dbUrl);
  shopDatabase.pathname = "/shop";
  const shop = new Part("The shop", ["scripts/tethered.ts", "demo/main.ts"], {
    env: {
      SHOP_PORT: String(shopPort),
      SHOP_DATABASE_URL: shopDatabase.href,
      HEDDLE_API_URL: apiUrl,
      HEDDLE_AGENT_ID: agent.id,
      HEDDLE_API_KEY: agent.apiKey,
      HEDDLE_SIGNING_SECRET: agent.signingSecret,
      HEDDLE_WEBHOOK_SECRET: agent.webhookSecret,
      HEDDLE_CONNECTOR_TOKEN: agent.connectorToken,
    },
    log,
  });
  stoppers.push(() => shop.stop());
  await shop.event("listening");
  return { apiUrl, shopUrl, agent };
}

/**
 * A folder of functions, each the deployed one under V8's profiler.
 * @param {string} folder
 */
function coveredFunctions(folder) {
  const deployed = join(ROOT, "supabase/functions");
  const names = readdirSync(deployed, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("_")).map(({ name }) => name);
  for (const name of names) {
    const entry = JSON.stringify(pathToFileURL(join(deployed, name, "index.ts")).href);
    mkdirSync(join(folder, "functions", name), { recursive: true });
    writeFileSync(
      join(folder, "functions", name, "index.ts"),
      `import { Session } from "node:inspector/promises";
const { default: deployed } = await import(${entry});
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
export default {
  async fetch(request) {
    if (!new URL(request.url).pathname.endsWith("/${COVERAGE_PATH}")) return await deployed.fetch(request);
    return Response.json((await session.post("Profiler.takePreciseCoverage")).result);
  },
};
`,
    );
  }
  return join(folder, "functions");
}

/**
 * The files of the functions in which something was executed during a call, which is made once before to warm everything up.
 * @param {Heddle} heddle
 * @param {() => Promise<void>} call
 */
async function executedBy({ apiUrl }, call) {
  const take = async () => {
    const names = readdirSync(join(ROOT, "supabase/functions")).filter((name) =>
      /^[a-z]/.test(name) && !name.includes(".")
    );
    const answers = await Promise.all(
      names.map((name) => fetch(`${apiUrl}/functions/v1/${name}/${COVERAGE_PATH}`)),
    );
    return /** @type {Script[]} */ ((await Promise.all(answers.map((answer) => answer.json()))).flat());
  };
  await call();
  await delay(QUIET_MS); // what a call leaves to be done after its answer
  await take();
  await call();
  const executed = (await take()).filter(({ functions }) => functions.some(({ ranges }) => ranges[0]?.count));
  return ours(executed.filter(({ url }) => url.startsWith("file:")).map(({ url }) => fileURLToPath(url)));
}

/** @param {Request} call */
async function send(call) {
  const answer = await fetch(call.clone());
  if (!answer.ok) throw new Error(`${call.url} answered ${answer.status}: ${await answer.text()}`);
}

/**
 * A publish for the visitor and the conversation of a click.
 * @param {Heddle} heddle
 * @param {Request & { itemId: string }} call
 */
function publishing({ apiUrl, agent }, { itemId }) {
  return new Request(`${apiUrl}/functions/v1/realtime-publish`, {
    method: "POST",
    headers: { "x-api-key": agent.apiKey, "content-type": "application/json" },
    body: JSON.stringify({ endUserId: SHOPPER, conversationId: itemId }),
  });
}

/**
 * Opens the shop and its chat, clicks on the first conversation, and returns the sources in which something was executed until its
 * first entry was there, with the call that the click made.
 * @param {Heddle} heddle
 * @param {string} widgetDir
 * @param {(() => Promise<void>)[]} stoppers
 */
async function clickRow({ shopUrl }, widgetDir, stoppers) {
  const browser = await launchBrowser(stoppers);
  const context = await browser.newContext();
  await context.grantPermissions(["local-network-access"]);
  await context.request.post(`${shopUrl}/sign-in`, { form: { shopper: SHOPPER } });
  const page = await context.newPage();
  await page.route("**/storage/v1/object/public/heddle/**", async (route) => {
    const [, path = ""] = new URL(route.request().url()).pathname.split("/public/heddle/");
    await route.fulfill({
      body: readFileSync(join(widgetDir, path)),
      contentType: "text/javascript",
      headers: { "access-control-allow-origin": "*" },
    });
  });
  const profiler = await context.newCDPSession(page);
  await profiler.send("Profiler.enable");
  await profiler.send("Profiler.startPreciseCoverage", { callCount: true, detailed: false });

  await page.goto(shopUrl);
  await page.getByRole("button", { name: /^Open messages/ }).click();
  const row = page.getByRole("dialog").getByRole("listitem").getByRole("button").first();
  await row.waitFor();
  await page.waitForTimeout(QUIET_MS); // the socket opens, and the list's channel is joined
  const { paused } = await stopAtFirstEntry(page, profiler);
  await profiler.send("Profiler.takePreciseCoverage");
  const request = page.waitForRequest(/\/functions\/v1\/tab-action$/);
  const clicked = row.click();
  await paused;
  const { result } = await profiler.send("Profiler.takePreciseCoverage");
  await profiler.send("Debugger.disable");
  await clicked;
  const { itemId, ...call } = await repeated(await request);
  await browser.close(); // an open page would make calls of its own
  return {
    files: ours(sourcesOf(result, widgetDir)),
    call: Object.assign(new Request(call.url, call), { itemId }),
  };
}

/**
 * Makes the page stop as soon as the first entry stands in the document, so that nothing later is counted.
 * @param {import("playwright-core").Page} page
 * @param {import("playwright-core").CDPSession} profiler
 * @returns {Promise<{ paused: Promise<void> }>}
 */
async function stopAtFirstEntry(page, profiler) {
  await profiler.send("Debugger.enable");
  /** @type {Promise<void>} */
  const paused = new Promise((resolve) => profiler.once("Debugger.paused", () => resolve()));
  await page.evaluate(() => {
    const root = [...document.querySelectorAll("*")].find((element) => element.shadowRoot)?.shadowRoot;
    if (!root) throw new Error("The page has no widget.");
    const observer = new MutationObserver(() => {
      if (!root.querySelector("[role=log] .bubble")) return;
      observer.disconnect();
      // deno-lint-ignore no-debugger
      debugger;
    });
    observer.observe(root, { subtree: true, childList: true });
  });
  return { paused };
}

/**
 * The browser of the tests, whose module is TypeScript.
 * @param {(() => Promise<void>)[]} stoppers
 * @returns {Promise<import("playwright-core").Browser>}
 */
async function launchBrowser(stoppers) {
  const loader = await createServer({
    root: ROOT,
    configFile: false,
    logLevel: "error",
    appType: "custom",
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  });
  stoppers.push(() => loader.close());
  const module = await loader.ssrLoadModule("/tests/support/browser.ts");
  const browser = await module.launchBrowser();
  stoppers.push(() => browser.close());
  return browser;
}

/**
 * What it takes to make a browser's call again.
 * @param {import("playwright-core").Request} request
 */
async function repeated(request) {
  const headers = await request.allHeaders();
  const body = request.postData() ?? "";
  return {
    url: request.url(),
    method: "POST",
    headers: Object.fromEntries(["authorization", "content-type"].map((name) => [name, headers[name] ?? ""])),
    body,
    itemId: String(JSON.parse(body).itemId),
  };
}

/**
 * The source files of the functions in built scripts that were executed.
 * @param {Script[]} scripts
 * @param {string} widgetDir
 */
function sourcesOf(scripts, widgetDir) {
  return scripts.flatMap(({ url, functions }) => {
    const [, path] = url.split("/public/heddle/");
    if (path === undefined) return [];
    const file = join(widgetDir, path);
    const text = readFileSync(file, "utf8");
    const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")));
    return functions.map(({ ranges }) => ranges[0])
      // A range from the start is the script itself, executed as it was loaded.
      .filter((range) => range !== undefined && range.count > 0 && range.startOffset > 0)
      .map((range) => {
        const before = text.slice(0, range?.startOffset).split("\n");
        const entry = map.findEntry(before.length - 1, before.at(-1)?.length ?? 0);
        return "originalSource" in entry ? resolve(dirname(file), entry.originalSource) : "";
      });
  });
}

/** @param {string[]} files @returns {string[]} sorted, from the project's folder, each once */
function ours(files) {
  return [...new Set(files.map((file) => relative(ROOT, file)))].filter((file) => OURS.test(file)).sort();
}
