import { Misuse } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

/** A connector's value as it was given: `-` stands for standard input, which no list of processes shows. */
export async function credential(given: string, terminal: Terminal): Promise<string> {
  if (given !== "-") return given;
  const value = (await terminal.readInput()).trim();
  if (value === "") {
    throw new Misuse("Standard input holds no credential: --value - < token.txt reads a file.");
  }
  return value;
}
