/** What went wrong with a command, for programs that run it; see docs/heddle.md. */
export type CliErrorCode =
  /** What was typed is wrong: nothing was tried. */
  | "usage_error"
  /** No answer came, or it broke off. */
  | "unreachable"
  /** A key, a token or a database user may not do that. */
  | "access_denied"
  /** The project has no Heddle, or another version of it. */
  | "not_installed"
  /** An id names nothing. */
  | "not_found"
  /** The state of the project, or of this checkout, does not allow it. */
  | "conflict"
  /** The project refuses a value or a call. */
  | "rejected"
  /** A program that was started to help, such as Deno or the Supabase CLI, failed. */
  | "program_failed"
  /** The answer is not that of the service which was called. */
  | "unexpected_answer";

/** The only error that commands throw on purpose: its message says in one sentence what is wrong and what to do. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  /** What the process ends with. */
  get exitCode(): number {
    return this.code === "usage_error" ? 2 : 1;
  }

  toJSON(): { error: { code: CliErrorCode; message: string } } {
    return { error: { code: this.code, message: this.message } };
  }
}

/** That what was typed can't be done: the command was not tried. */
export function usageError(message: string): CliError {
  return new CliError("usage_error", message);
}

/** That an id names nothing, and where to look for one that does. */
export function notFound(
  what: "agent" | "bot" | "connector" | "key" | "operator" | "tab" | "webhook",
  id: string,
): CliError {
  return new CliError("not_found", `There is no ${what} ${id}: see ${what} list.`);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
