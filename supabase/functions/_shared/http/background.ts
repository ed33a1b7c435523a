import { describeError } from "./log.ts";

interface EdgeRuntime {
  waitUntil(work: Promise<unknown>): void;
}

/** Lets work outlive the answer. A failure is logged under the request's id and changes nothing else. */
export function inBackground(work: Promise<unknown>, task: string, requestId: string): void {
  const settled = work.catch((error: unknown) => {
    console.error(
      JSON.stringify({ at: new Date().toISOString(), requestId, task, error: describeError(error) }),
    );
  });
  // Supabase's runtime may end an isolate once it has answered; elsewhere the process lives on.
  (globalThis as { EdgeRuntime?: EdgeRuntime }).EdgeRuntime?.waitUntil(settled);
}
