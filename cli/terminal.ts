/** Where a command reads and writes; tests bring their own. */
export interface Terminal {
  env: Record<string, string | undefined>;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** The result, on standard output. */
  print(text: string): void;
  /** Progress, warnings and errors, on standard error. */
  notice(text: string): void;
}
