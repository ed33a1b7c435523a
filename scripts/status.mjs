import { parseArgs } from "node:util";
import {
  answers,
  DATA_DIR_OPTION,
  DEFAULT_DATA_DIR,
  folderOf,
  readStatus,
  runCommand,
  ScriptError,
} from "./project.mjs";

const HELP = `npm run status [-- options]

Says whether Heddle runs here, and where.

  --json               print all of it as JSON, with the demo's key and secrets
  --data-dir FOLDER    of the npm start that is meant; default .heddle`;

runCommand(async () => {
  const values = readOptions();
  if (values.help) return console.log(HELP), 0;
  const dataDir = folderOf(values["data-dir"]);
  const { pid, ...status } = runningStatus(dataDir);
  if (!await answers(status.apiUrl)) {
    throw new ScriptError(
      `Heddle does not answer at ${status.apiUrl}: it was ended from outside. Start it again: npm start${
        optionsFor(dataDir, " --")
      }`,
    );
  }
  Object.assign(status.agent, await currentSecrets(status.dbUrl, status.agent.id));
  if (values.json) console.log(JSON.stringify(status, null, 2));
  else {console.log(
      `Heddle is up (process ${pid}): shop ${status.shopUrl}/, API ${status.apiUrl}. All of it: npm run status -- --json${
        optionsFor(dataDir)
      }`,
    );}
  return 0;
});

function readOptions() {
  try {
    return parseArgs({
      options: {
        help: { type: "boolean", short: "h", default: false },
        json: { type: "boolean", default: false },
        ...DATA_DIR_OPTION,
      },
    }).values;
  } catch (error) {
    throw new ScriptError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}

/** @param {string} dataDir */
function runningStatus(dataDir) {
  const status = readStatus(dataDir);
  if (status) return status;
  throw new ScriptError(`Heddle is not running here. Start it: npm start${optionsFor(dataDir, " --")}`);
}

/**
 * What a suggested command needs to mean the same folder; nothing for the default one.
 * @param {string} dataDir
 */
function optionsFor(dataDir, before = "") {
  return dataDir === DEFAULT_DATA_DIR ? "" : `${before} --data-dir ${dataDir}`;
}

/**
 * The secrets as they are now: they may have been rotated since the start.
 * @param {string} dbUrl
 * @param {string} agentId
 * @returns {Promise<{ signingSecret: string, webhookSecret: string }>}
 */
async function currentSecrets(dbUrl, agentId) {
  const { default: postgres } = await import("postgres");
  const sql = postgres(dbUrl, { max: 1, onnotice: () => undefined });
  const [row] = await sql`
    select signing_current, webhook_current from heddle.agent_secrets where agent_id = ${agentId}`;
  await sql.end({ timeout: 1 });
  return { signingSecret: row?.signing_current, webhookSecret: row?.webhook_current };
}
