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

/** That an id names nothing, and where to look for one that does. */
export function noSuch(what: "agent" | "connector" | "key" | "tab", id: string): Failure {
  return new Failure(`There is no ${what} ${id}: see ${what} list.`);
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
