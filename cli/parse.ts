import { parseArgs } from "node:util";
import { lowercaseUuid } from "../shared/ids.ts";
import type { Command, Input } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";
import { messageOf, usageError } from "./errors.ts";
import { optionsOf } from "./help.ts";
import { HEDDLE } from "./installation/calls.ts";

/** The command that the arguments name, and what follows it; `null` if they name none. */
export function findCommand(args: string[]): { command: Command; rest: string[] } | null {
  for (const command of COMMANDS) {
    const name = command.name.split(" ");
    if (name.every((word, index) => args[index] === word)) {
      return { command, rest: args.slice(name.length) };
    }
  }
  return null;
}

/** Whose overview is asked for: `agent` for the commands that begin so, `""` for all; `null` if none is. */
export function topicOf(args: string[]): string | null {
  const [first, ...rest] = args.filter((word) => !["--help", "-h", "help"].includes(word));
  if (first === undefined) return "";
  return rest.length === 0 && isTopic(first) ? first : null;
}

/** Why the arguments name no command, with similar commands. */
export function unknownCommand(args: string[]): string {
  const [first = ""] = args;
  if (first.startsWith("-")) return `The command comes before its options: "${first}" is not a command.`;
  if (!isTopic(first)) return `"${args.slice(0, 2).join(" ")}" is not a command.`;
  const known = COMMANDS.map(({ name }) => name).filter((name) => name.startsWith(`${first} `));
  return `"${args.slice(0, 2).join(" ")}" is not a command: there are ${known.join(", ")}.`;
}

function isTopic(word: string): boolean {
  return COMMANDS.some(({ name }) => name.startsWith(`${word} `));
}

/** Reads what follows a command's name. Throws a usage error. */
export function readInput(command: Command, args: string[]): Input {
  const { values, positionals } = parsed(command, args);
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

function parsed(command: Command, args: string[]) {
  try {
    const options = Object.entries(optionsOf(command)).map(([name, { type, multiple }]) =>
      [name, { type, multiple: multiple ?? false, ...(name === "help" ? { short: "h" } : {}) }] as const
    );
    return parseArgs({ args, options: Object.fromEntries(options), allowPositionals: true });
  } catch (error) {
    throw usageError(`${explained(messageOf(error))} See: ${HEDDLE} ${command.name} --help`);
  }
}

/** Node's message as one sentence. */
function explained(message: string): string {
  const [, option] = /^Option '(--[\w-]+)[^']*' argument is ambiguous/.exec(message) ?? [];
  if (option) return `${option} has no value; one that begins with a dash is written ${option}=-…`;
  // It may continue with how to pass it as a positional argument, which no command needs.
  return `${message.split(". To specify")[0]?.replace(/\.$/, "")}.`;
}

function checkPositionals({ name, parameters }: Command, given: string[]): void {
  const endless = parameters.at(-1)?.endsWith("…") ?? false;
  if (given.length === parameters.length || (endless && given.length > parameters.length)) return;
  const wanted = [HEDDLE, name, ...parameters].join(" ");
  const problem = given.length > parameters.length
    ? `"${given[parameters.length]}" is one argument too many`
    : missing(parameters, given);
  throw usageError(`${problem}: ${wanted}`);
}

/** Names the parameters that no argument fits; if that does not tell which, those at the end. */
function missing(parameters: string[], given: string[]): string {
  const rest = [...given];
  const unfilled = parameters.filter((parameter) => {
    const [next] = rest;
    if (next === undefined || !fits(parameter, next)) return true;
    rest.shift();
    return false;
  });
  const names = rest.length > 0 ? parameters.slice(given.length) : unfilled;
  return `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} missing`;
}

function fits(parameter: string, text: string): boolean {
  const name = parameter.replace(/^<|>.*$/g, "");
  if (name.endsWith("-id")) return lowercaseUuid.safeParse(text.toLowerCase()).success;
  return !name.includes("|") || name.split("|").includes(text);
}
