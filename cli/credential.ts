import { Misuse } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

/** Servers take headers of 8 KiB or more, all of them together. */
const LONGEST = 4096;

/** A connector's value as it was given: `-` stands for standard input, which no list of processes shows. */
export async function credential(given: string, terminal: Terminal): Promise<string> {
  const value = given === "-" ? (await terminal.readInput()).trim() : given;
  if (value === "") {
    throw new Misuse("Standard input holds no credential: --value - < token.txt reads a file.");
  }
  if (value.length > LONGEST) {
    throw new Misuse(
      `A credential of ${value.length} characters fits into no header: it is another file, perhaps.`,
    );
  }
  return value;
}
