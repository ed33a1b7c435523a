/** More are not worth telling apart. */
const MOST = 99;

/** How many there are, in three characters; empty for none. */
export function shortCount(count: number): string {
  return count > MOST ? `${MOST}+` : count > 0 ? String(count) : "";
}
