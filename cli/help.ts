import type { Command, Option } from "./command.ts";
import { COMMANDS } from "./commands/index.ts";
import { NEEDS, TARGET_OPTIONS } from "./connection/target.ts";
import { HEDDLE, QUIET_HEDDLE, START } from "./installation/calls.ts";
import { LOCAL_COMMANDS } from "./installation/local_package.ts";

const COMMON: Record<string, Option> = {
  json: { type: "boolean", help: `print JSON (${QUIET_HEDDLE} … prints nothing else)` },
  help: { type: "boolean", help: "show this help" },
};

/** The options that a command takes, with those that every command takes. */
export function optionsOf({ options, needs }: Command): Record<string, Option> {
  return { ...options, ...NEEDS[needs].options, ...COMMON };
}

/** All commands, or those that begin with a word. */
export function overview(topic: string): string {
  const commands = [...COMMANDS, ...LOCAL_COMMANDS]
    .filter(({ name }) => topic === "" || name.startsWith(`${topic} `));
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `${HEDDLE} ${topic === "" ? "<command>" : `${topic} …`}

Manages Heddle in a Supabase project, or in the ${START} that runs here when no project is named.

${lines.join("\n")}

Which project
${described(TARGET_OPTIONS)}

Options of a command: ${HEDDLE} <command> --help; this version: ${HEDDLE} --version
Exit codes: 0 done, 1 failed or found a fault, 2 usage error, nothing was tried`;
}

export function helpOf(command: Command): string {
  const { name, summary, details, parameters, options, examples, needs } = command;
  const own = Object.keys(options).length > 0 ? `\n${described(options)}\n` : "";
  return `${[HEDDLE, name, ...parameters].join(" ")} [options]

${summary}.
${details === undefined ? "" : `\n${details}\n`}${own}
${needs === "nothing" ? "How to print" : "Which project, and how to print"}
${described({ ...NEEDS[needs].options, ...COMMON })}

For example
${examples.map((example) => `  ${HEDDLE} ${example}`).join("\n")}`;
}

function described(options: Record<string, Option>): string {
  const rows = Object.entries(options).map(([name, { value, help }]) =>
    [`--${name}${value ? ` ${value}` : ""}`, help] as const
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`).join("\n");
}
