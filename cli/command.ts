import type { Project } from "./connection/project.ts";
import type { Target } from "./connection/target.ts";
import type { Progress } from "./output/progress.ts";
import type { Terminal } from "./terminal.ts";

export interface Option {
  type: "string" | "boolean";
  multiple?: boolean;
  /** What stands for the value in the help. */
  value?: string;
  help: string;
}

/** What the person typed, checked against the command's options. */
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
  /** What a person reads. */
  text: string;
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
  /** Whether it is for hosted projects alone: it then never falls back to the `npm start` that runs here. */
  hostedOnly?: boolean;
  /** Whether it makes do with whatever is named of a project. */
  partial?: boolean;
  /** Whether it speaks to no project at all. */
  projectless?: boolean;
  run(context: Context): Promise<Output>;
}
