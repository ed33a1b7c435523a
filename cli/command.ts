import type { Project } from "./connection/project.ts";
import type { Need, Target } from "./connection/target.ts";
import type { Progress } from "./output/progress.ts";

/** Environment variables. */
export type Env = Record<string, string | undefined>;

/** Where a command reads and writes; tests bring their own. */
export interface Terminal {
  env: Env;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** The result, on standard output. */
  print(text: string): void;
  /** Progress, warnings and errors, on standard error. */
  notice(text: string): void;
}

export interface Option {
  type: "string" | "boolean";
  multiple?: boolean;
  /** The value's placeholder in the help. */
  value?: string;
  help: string;
}

/** The arguments of a command, checked against its options. */
export interface Input {
  /** What follows the command's name, one for each of its `parameters`. */
  positionals: string[];
  text(option: string): string | undefined;
  texts(option: string): string[];
  flag(option: string): boolean;
}

export interface Output {
  /** What `--json` prints. */
  json: unknown;
  /** What a person reads; the same as with `--json` where there is none. */
  text?: string;
  /** Whether the command found a fault: it then ends with exit code 1. */
  failed?: boolean;
}

export interface Context {
  input: Input;
  target: Target;
  /** The project's functions in schema `heddle_api`. */
  project: Project;
  terminal: Terminal;
  progress: Progress;
}

export interface Command {
  /** As it is typed: `agent create`. */
  name: string;
  summary: string;
  /** What else its help says, below the summary. */
  details?: string;
  /** Positional arguments as the help shows them; a last one that ends with `…` takes one or more. */
  parameters: string[];
  options: Record<string, Option>;
  examples: string[];
  /** What it needs of a project. */
  needs: Need;
  run(context: Context): Promise<Output>;
}
