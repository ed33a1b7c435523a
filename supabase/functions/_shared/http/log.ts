import type { ErrorCode } from "../../../../shared/errors.ts";
import type { CallNotes } from "./call.ts";

/** One request. Secrets, tokens, whole channel names and webhook URLs never appear. */
export interface LogLine extends CallNotes {
  /** ISO 8601. */
  at: string;
  requestId: string;
  fn: string;
  status: number;
  code?: ErrorCode;
  ms: number;
  /** What went wrong inside, for whoever runs the functions. */
  error?: string;
}

/** Writes one JSON line, as Supabase's log drain reads it. */
export function writeLog(line: LogLine): void {
  console.log(JSON.stringify(line));
}

/** An unexpected error as a log may show it: webhook URLs can be secrets, so URLs are cut after their host. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.stack ?? `${error}` : String(error);
  return text.replace(/\b(https?:\/\/)(?:[^\s/@]*@)?([^\s/?#]+)[^\s)]*/g, "$1$2/…").slice(0, 4000);
}
