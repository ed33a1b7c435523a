import { inspect } from "node:util";
import { inDataDir } from "../shared/printed_command.mjs";
import type { Command, Input, Output, Terminal } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";
import { openProject } from "./connection/project.ts";
import { NEEDS } from "./connection/target.ts";
import { CliError, usageError } from "./errors.ts";
import { helpOf, optionsOf, overview } from "./help.ts";
import { HEDDLE } from "./installation/calls.ts";
import { installedVersion } from "./installation/place.ts";
import { progressOn } from "./output/progress.ts";
import { json, visible } from "./output/text.ts";
import { findCommand, readInput, topicOf, unknownCommand } from "./parse.ts";

/** Runs the command that the arguments name. Returns the exit code: 0, 1 if it failed or found a fault, 2 for a usage error. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  return await reported(args, terminal, () => runCommand(args, terminal));
}

/** Does what the arguments ask for, and says why it failed if it does. Returns the exit code. */
export async function reported(
  args: string[],
  terminal: Terminal,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CliError)) {
      terminal.notice(visible(inspect(error)));
      return 1;
    }
    error.message = withDataDir(error.message, dataDirIn(args));
    if (args.includes("--json")) terminal.print(json(error));
    terminal.notice(visible(error.message));
    return error.exitCode;
  }
}

async function runCommand(args: string[], terminal: Terminal): Promise<number> {
  if (args[0] === "--version") {
    terminal.print(installedVersion());
    return 0;
  }
  const topic = topicOf(args);
  if (topic !== null) {
    terminal.print(overview(topic));
    return 0;
  }
  const found = findCommand(args);
  if (!found) throw usageError(`${unknownCommand(args)} See: ${HEDDLE} --help`);
  const { command, rest } = found;
  const input = readInput(command, rest);
  if (input.flag("help")) {
    terminal.print(helpOf(command));
    return 0;
  }
  const output = await runWith(command, input, terminal);
  terminal.print(
    input.flag("json") || output.text === undefined
      ? json(output.json)
      : visible(withDataDir(output.text, input.text("data-dir"))),
  );
  return output.failed ? 1 : 0;
}

async function runWith(command: Command, input: Input, terminal: Terminal): Promise<Output> {
  const target = NEEDS[command.needs].find(input.text, terminal.env);
  const project = openProject(target);
  try {
    return await command.run({ input, target, project, terminal, progress: progressOn(terminal.notice) });
  } finally {
    await project.close();
  }
}

/** The folder of `--data-dir`, also where the arguments can't be read otherwise. */
function dataDirIn(args: string[]): string | undefined {
  const at = args.findIndex((word) => /^--data-dir(?:=|$)/.test(word));
  return at < 0 ? undefined : args[at]?.split("=").slice(1).join("=") || args[at + 1];
}

/** A text whose commands name the same `npm start` as the command that prints it. */
function withDataDir(text: string, dataDir: string | undefined): string {
  if (!dataDir) return text;
  const takers = COMMANDS.filter((command) => "data-dir" in optionsOf(command)).map(({ name }) => name);
  return inDataDir(text, dataDir, takers);
}
