/** An error whose message is all that the person at the terminal needs: what is wrong and what to do. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
