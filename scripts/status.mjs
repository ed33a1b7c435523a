import { parseArgs } from "node:util";
import { readAgent } from "./demo_agent.mjs";
import {
  answers,
  DATA_DIR_OPTION,
  folderOf,
  forDataDir,
  readStatus,
  runCommand,
  ScriptError,
  withCommands,
} from "./project.mjs";

const HELP = `npm run status [-- options]

Says whether Heddle runs here, and where.

  --json               print all of it as JSON, with the demo's key and secrets
  --data-dir FOLDER    of the npm start that is meant; default .heddle`;

runCommand(async () => {
  const values = readOptions();
  if (values.help) return console.log(withCommands(HELP)), 0;
  const dataDir = folderOf(values["data-dir"]);
  const { pid, ...status } = runningStatus(dataDir);
  if (!await answers(status.apiUrl)) {
    const what =
      `Heddle does not answer at ${status.apiUrl}: it was ended from outside. Start it again: npm start`;
    throw new ScriptError(forDataDir(what, dataDir));
  }
  const { secrets, tag } = await readAgent(status, status.agent.id);
  Object.assign(status.agent, secrets);
  if (values.json) {
    const restUrl = `${status.apiUrl}/functions/v1/api`;
    console.log(JSON.stringify({ ...status, restUrl, scriptTag: tag }, null, 2));
    return 0;
  }
  const where = `shop ${status.shopUrl}/, API ${status.apiUrl}`;
  console.log(forDataDir(
    `Heddle is up (process ${pid}): ${where}. All of it: npm run status -- --json\nScript tag: ${tag}`,
    dataDir,
  ));
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
  throw new ScriptError(forDataDir("Heddle is not running here. Start it: npm start", dataDir));
}
