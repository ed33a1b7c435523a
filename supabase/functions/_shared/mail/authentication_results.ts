/** What a receiving server found out about a mail. All in lower case. */
export interface AuthenticationResult {
  /** Such as `dmarc`. */
  method: string;
  /** Such as `pass`. */
  result: string;
  /** Such as `header.from`; of several of a name the first. */
  properties: Map<string, string>;
}

/** The results of one header field Authentication-Results; `null` where it is not as RFC 8601, 2.2 has it. */
export function readAuthenticationResults(field: string): AuthenticationResult[] | null {
  const parts = partsOf(field.toLowerCase());
  if (parts === null) return null;
  // Microsoft's servers leave out their name.
  const isNamed = !parts[0]?.[0]?.includes("=");
  const results: AuthenticationResult[] = [];
  for (const [head, ...words] of isNamed ? parts.slice(1) : parts) {
    if (head === undefined || head === "none") continue;
    const [method = "", result, ...more] = head.split("=");
    if (result === undefined || more.length > 0) return null;
    results.push({ method: method.replace(/\/.*$/, ""), result, properties: propertiesOf(words) });
  }
  return results;
}

function propertiesOf(words: string[]): Map<string, string> {
  const properties = words.map((word) => word.split(/=(.*)/s, 2) as [string, string | undefined]);
  return new Map(properties.reverse().map(([name, value = ""]) => [name, value]));
}

/**
 * The words of each part between semicolons: without comments, and with what is quoted as a word or a piece of one. Nothing
 * within these divides or is read as a result: senders have a say in it. `null` where one of them does not end.
 */
function partsOf(field: string): string[][] | null {
  const parts: string[][] = [[]];
  let comments = 0;
  let isQuoted = false;
  let isApart = true;
  let previous = "";
  const add = (character: string) => {
    const words = parts.at(-1) ?? [];
    const last = words.at(-1);
    // Around "=" may be spaces.
    const isJoined = last !== undefined && (!isApart || character === "=" || previous === "=");
    if (isJoined) words[words.length - 1] = last + character;
    else words.push(character);
    isApart = false;
    previous = character;
  };
  for (let at = 0; at < field.length; at++) {
    const isEscaped = field[at] === "\\" && (comments > 0 || isQuoted);
    if (isEscaped) at++;
    const character = field[at] ?? "";
    if (comments > 0) comments += isEscaped ? 0 : character === "(" ? 1 : character === ")" ? -1 : 0;
    else if (character === '"' && !isEscaped) isQuoted = !isQuoted;
    else if (isQuoted) add(/[=\s;]/.test(character) ? "_" : character);
    else if (character === ")") return null;
    else if (character === "(" || /\s/.test(character)) {
      isApart = true;
      if (character === "(") comments = 1;
    } else if (character === ";") {
      parts.push([]);
      isApart = true;
    } else add(character);
  }
  return comments > 0 || isQuoted ? null : parts;
}
