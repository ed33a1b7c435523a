import { parseArgs } from "node:util";
import type { Command, Input } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";
import { messageOf, Misuse } from "./errors.ts";
import { optionsOf } from "./help.ts";

/** The command that the words name, and what follows it; `null` if they name none. */
export function findCommand(words: string[]): { command: Command; rest: string[] } | null {
  for (const command of COMMANDS) {
    const name = command.name.split(" ");
    if (name.every((word, index) => words[index] === word)) {
      return { command, rest: words.slice(name.length) };
    }
  }
  return null;
}

/** What help is asked about: `agent` for the commands that begin so, `""` for all; `null` if it is no such question. */
export function topicOf(words: string[]): string | null {
  const [first, ...rest] = words.filter((word) => !["--help", "-h", "help"].includes(word));
  if (first === undefined) return "";
  return rest.length === 0 && isTopic(first) ? first : null;
}

/** Why the words name no command, with those that they may have meant. */
export function noCommand(words: string[]): string {
  const [first = ""] = words;
  if (first.startsWith("-")) return `The command comes before its options: "${first}" is none.`;
  if (!isTopic(first)) return `"${words.slice(0, 2).join(" ")}" is no command.`;
  const known = COMMANDS.map(({ name }) => name).filter((name) => name.startsWith(`${first} `));
  return `"${words.slice(0, 2).join(" ")}" is no command: there are ${known.join(", ")}.`;
}

function isTopic(word: string): boolean {
  return COMMANDS.some(({ name }) => name.startsWith(`${word} `));
}

/** Reads what follows a command's name; throws a `Failure` that says what is wrong with it. */
export function readInput(command: Command, words: string[]): Input {
  const { values, positionals } = parsed(command, words);
  const input: Input = {
    positionals,
    text: (option) => typeof values[option] === "string" ? values[option] : undefined,
    texts: (option) => {
      const value = values[option];
      return Array.isArray(value) ? value.map(String) : [];
    },
    flag: (option) => values[option] === true,
  };
  if (!input.flag("help")) checkPositionals(command, positionals);
  return input;
}

function parsed(command: Command, words: string[]) {
  try {
    const options = Object.entries(optionsOf(command)).map(([name, { type, multiple }]) =>
      [name, { type, multiple: multiple ?? false, ...(name === "help" ? { short: "h" } : {}) }] as const
    );
    return parseArgs({ args: words, options: Object.fromEntries(options), allowPositionals: true });
  } catch (error) {
    throw new Misuse(`${explained(messageOf(error))} See: npm run heddle -- ${command.name} --help`);
  }
}

/** What Node says of the words, in a sentence. */
function explained(message: string): string {
  const [, option] = /^Option '(--[\w-]+)[^']*' argument is ambiguous/.exec(message) ?? [];
  if (option) return `${option} has no value; one that begins with a dash is written ${option}=-…`;
  // It may go on with how to pass such a word as a positional argument, which no command needs.
  return `${message.split(". To specify")[0]?.replace(/\.$/, "")}.`;
}

function checkPositionals({ name, parameters }: Command, given: string[]): void {
  const endless = parameters.at(-1)?.endsWith("…") ?? false;
  if (given.length === parameters.length || (endless && given.length > parameters.length)) return;
  const wanted = ["npm run heddle --", name, ...parameters].join(" ");
  const extra = given.length > parameters.length
    ? `"${given[parameters.length]}" is too much`
    : "Something is missing";
  throw new Misuse(`${extra}: ${wanted}`);
}
