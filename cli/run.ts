import type { Command, Input, Output } from "./command.ts";
import { openProject } from "./connection/project.ts";
import { findTarget, namedTarget, type Target } from "./connection/target.ts";
import { Failure, Misuse } from "./errors.ts";
import { helpOf, overview } from "./help.ts";
import { progressOn } from "./output/progress.ts";
import { visible } from "./output/visible.ts";
import { findCommand, noCommand, readInput, topicOf } from "./parse.ts";
import type { Terminal } from "./terminal.ts";

/** Does what the words say. Returns the exit code: 0, 1 if it failed or found a fault, 2 if the words are wrong. */
export async function run(words: string[], terminal: Terminal): Promise<number> {
  try {
    return await runCommand(words, terminal);
  } catch (error) {
    terminal.notice(visible(error instanceof Failure ? error.message : Deno.inspect(error)));
    return error instanceof Failure ? error.exitCode : 1;
  }
}

async function runCommand(words: string[], terminal: Terminal): Promise<number> {
  const topic = topicOf(words);
  if (topic !== null) {
    terminal.print(overview(topic));
    return 0;
  }
  const found = findCommand(words);
  if (!found) throw new Misuse(`${noCommand(words)} See: npm run heddle -- --help`);
  const { command, rest } = found;
  const input = readInput(command, rest);
  if (input.flag("help")) {
    terminal.print(helpOf(command));
    return 0;
  }
  const target = targetOf(command, input, terminal);
  const project = openProject(target);
  const progress = progressOn(terminal.notice);
  try {
    const output: Output = await command.run({ input, target, project, terminal, progress });
    terminal.print(input.flag("json") ? JSON.stringify(output.json, null, 2) : visible(output.text));
    return output.failed ? 1 : 0;
  } finally {
    await project.close();
  }
}

function targetOf({ hostedOnly, partial, projectless }: Command, input: Input, { env }: Terminal): Target {
  if (projectless) return { local: false };
  const option = (name: string) => input.text(name);
  return hostedOnly ? namedTarget(option, env) : findTarget(option, env, { partial });
}
