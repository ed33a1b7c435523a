import type { TestStack } from "../../support/stack.ts";

interface Invocation {
  fn: string;
  status: number;
  /** Of a publish. */
  channels?: string[];
}

/** Every call of a function so far, preflights too: each writes one line into the log. */
export function invocations(stack: TestStack): Invocation[] {
  return stack.logs().split("\n").flatMap((line) => {
    if (!line.startsWith('{"log":')) return [];
    const { log } = JSON.parse(line);
    return log.startsWith("{") && log.includes('"fn":') ? [JSON.parse(log)] : [];
  });
}
