/** An error whose message is one sentence for the person at the terminal: what is wrong and what to do. */
export class Failure extends Error {
  override readonly name: string = "Failure";
  /** What the process ends with. */
  readonly exitCode: number = 1;
}

/** A `Failure` of what was typed: nothing was tried. */
export class Misuse extends Failure {
  override readonly name = "Misuse";
  override readonly exitCode = 2;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
