import type { ErrorCode } from "../../../../shared/errors.ts";
import { beginningOf } from "../../../../shared/text.ts";

/** What an endpoint learns about a request on the way, for its log line. Nothing secret belongs here. */
export interface CallNotes {
  agentId?: string;
  /** Broadcast targets, their signatures cut off. */
  channels?: string[];
  /** Milliseconds that the owner's webhook took. */
  sourceMs?: number;
  /** How broadcasts went to Realtime. */
  route?: "rest" | "database";
  /** Milliseconds that Realtime took. */
  realtimeMs?: number;
}

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

/**
 * An unexpected error as a log may show it: webhook URLs can be secrets, so URLs are cut after their host.
 */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.stack ?? `${error}` : String(error);
  return beginningOf(text.replace(/\b(https?:\/\/)(?:[^\s/@]*@)?([^\s/?#]+)[^\s)]*/g, "$1$2/…"), 4000);
}

/** Lets work outlive the answer. A failure is logged under the request's id and changes nothing else. */
export function inBackground(work: Promise<unknown>, task: string, requestId: string): void {
  const settled = work.catch((error: unknown) => {
    console.error(
      JSON.stringify({ at: new Date().toISOString(), requestId, task, error: describeError(error) }),
    );
  });
  // Supabase's runtime may end an isolate once it has answered; elsewhere the process lives on.
  if (typeof EdgeRuntime !== "undefined") void EdgeRuntime.waitUntil(settled);
}
