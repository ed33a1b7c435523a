import type { Sql } from "postgres";
import { inject } from "vitest";
import { DEMO_AGENT, setEventsKey } from "../../local/demo_agent.ts";
import { createDatabase, type DatabaseCluster } from "./database.ts";
import { freePort } from "./listen.ts";
import { runDeno } from "./process.ts";

/** Of the demo's organisation, with the scopes of the log of events. */
const EVENTS_KEY = "hdl_test_key_for_the_events_of_fern_and_fable";

export interface TestStack {
  apiUrl: string;
  /** Where the mails of the stack are caught. */
  mailUrl: string;
  /** The database as its superuser. */
  sql: Sql;
  dbUrl: string;
  publishableKey: string;
  secretKey: string;
  agent: { id: string; apiKey: string; signingSecret: string; webhookSecret: string };
  /** Of the demo's organisation, for the event log. */
  eventsKey: string;
  /** `store` only with `storeTab: true`. */
  tabs: { messaging: string; default: string; store: string };
  /** Only with `demo: true`. */
  shopUrl: string;
  /**
   * Kills the shop, only with `demo: true`, waits for `meanwhile`, and starts it again at the same address; from then
   * on it signs with the signing secret that `meanwhile` resolves to, if any.
   */
  restartShop(meanwhile: () => Promise<string | void>): Promise<void>;
  /** Realtime's test controls: answers with the parsed JSON. */
  realtime(command?: Record<string, unknown>): Promise<unknown>;
  /** Process id of the stack, whose children the functions are. */
  pid: number;
  /** All that stack and shop printed. */
  logs(): string;
  stop(): Promise<void>;
}

/** Where the functions are run from, if not from their sources: the tests of HTTP pass with the bundles, too. */
export const FUNCTIONS_DIR = process.env.HEDDLE_TEST_FUNCTIONS;

type Ready = Pick<TestStack, "apiUrl" | "mailUrl" | "publishableKey" | "secretKey">;

interface TestStackOptions {
  /** Starts the demo shop beside it. */
  demo?: boolean;
  /** The shop's assistant answers in the store tab. */
  bot?: boolean;
  /** Where the demo agent's webhooks go, when no shop is started. */
  ownerUrl?: string;
  /** Where Heddle's database is; the shop's is always in the cluster that all tests share. */
  cluster?: DatabaseCluster;
  /** Leaves the demo agent its store tab, which few tests count on. */
  storeTab?: boolean;
  /** Further environment of the functions. */
  functionsEnv?: Record<string, string>;
}

/** A whole Heddle on a database and ports of its own. */
export async function startStack(options: TestStackOptions = {}): Promise<TestStack> {
  const database = await createDatabase(options.cluster);
  const shopPort = options.demo ? await freePort() : 0;
  const shopUrl = options.demo ? `http://127.0.0.1:${shopPort}` : options.ownerUrl ?? "";
  const stack = runDeno([
    "local/main.ts",
    "--port=0",
    "--mail-port=0",
    "--control",
    // Few tests call all of them.
    "--functions-on-demand",
    "--allow-private-webhooks=127.0.0.1",
    ...(shopUrl ? [`--shop-url=${shopUrl}`] : []),
    ...(options.bot ? ["--demo-bot"] : []),
    ...(FUNCTIONS_DIR ? [`--functions-dir=${FUNCTIONS_DIR}`] : []),
    ...Object.entries(options.functionsEnv ?? {}).map(([name, value]) => `--function-env=${name}=${value}`),
  ], database.env);
  const ready = await stack.event<Ready>("ready");
  if (!options.storeTab) await database.sql`delete from heddle.tabs where id = ${DEMO_AGENT.tabs.store}`;
  let signingSecret: string = DEMO_AGENT.signingSecret;
  const start = () => startShop(shopPort, ready.apiUrl, database.name, signingSecret);
  let shop = options.demo ? await start() : null;
  const { tabs, ...agent } = DEMO_AGENT;
  await setEventsKey(database.sql, EVENTS_KEY);

  return {
    ...ready,
    sql: database.sql,
    dbUrl: database.url,
    agent,
    eventsKey: EVENTS_KEY,
    tabs,
    shopUrl,
    async realtime(command) {
      const answer = await fetch(`${ready.apiUrl}/_local/realtime`, {
        method: command ? "POST" : "GET",
        headers: { "content-type": "application/json" },
        body: command && JSON.stringify(command),
      });
      const body = await answer.json();
      if (!answer.ok) throw new Error(`realtime control: ${JSON.stringify(body)}`);
      return body;
    },
    async restartShop(meanwhile) {
      shop?.child.kill("SIGKILL");
      try {
        signingSecret = await meanwhile() ?? signingSecret;
      } finally {
        shop = await start();
      }
    },
    pid: stack.child.pid ?? 0,
    logs: () => [stack.output(), shop?.output() ?? ""].join("\n"),
    async stop() {
      await shop?.stop();
      await stack.stop();
      await database.drop();
    },
  };
}

async function startShop(port: number, apiUrl: string, name: string, signingSecret: string) {
  const url = new URL(inject("adminUrl"));
  url.pathname = `/${name}_shop`;
  const shop = runDeno(["scripts/tethered.ts", "demo/main.ts"], {
    SHOP_PORT: String(port),
    SHOP_DATABASE_URL: url.href,
    HEDDLE_API_URL: apiUrl,
    HEDDLE_AGENT_ID: DEMO_AGENT.id,
    HEDDLE_API_KEY: DEMO_AGENT.apiKey,
    HEDDLE_SIGNING_SECRET: signingSecret,
    HEDDLE_WEBHOOK_SECRET: DEMO_AGENT.webhookSecret,
    HEDDLE_CONNECTOR_TOKEN: DEMO_AGENT.connectorToken,
    HEDDLE_BOT_SECRET: DEMO_AGENT.botSecret,
  });
  await shop.event("listening");
  return shop;
}
