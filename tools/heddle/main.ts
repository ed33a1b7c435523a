/** `npm run heddle -- <command>`: one line of stdout is JSON with --json; errors are one sentence on stderr. */
import process from "node:process";
import type { Output } from "./command.ts";
import { openProject } from "./connection/project.ts";
import { findTarget } from "./connection/target.ts";
import { Failure } from "./failure.ts";
import { helpOf, overview } from "./help.ts";
import { findCommand, readInput } from "./parse.ts";

async function run(words: string[]): Promise<number> {
  if (words.length === 0 || words[0] === "--help" || words[0] === "help") return print(overview());
  const found = findCommand(words);
  if (!found) {
    throw new Failure(`"${words.slice(0, 2).join(" ")}" is no command. See: npm run heddle -- --help`);
  }
  const { command, rest } = found;
  const input = readInput(command, rest);
  if (input.flag("help")) return print(helpOf(command));
  const target = findTarget((name) => input.text(name), process.env);
  const project = openProject(target);
  try {
    const output: Output = await command.run({ input, target, project });
    print(input.flag("json") ? JSON.stringify(output.json, null, 2) : output.text);
    return output.failed ? 1 : 0;
  } finally {
    await project.close();
  }
}

function print(text: string): number {
  console.log(text);
  return 0;
}

try {
  Deno.exit(await run(Deno.args));
} catch (error) {
  console.error(error instanceof Failure ? error.message : error);
  Deno.exit(1);
}
