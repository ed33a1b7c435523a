import type { Resolve } from "./target.ts";

/** The part of `Deno` that asks the name servers. */
export interface NameRuntime {
  resolveDns(query: string, recordType: "A" | "AAAA", options: { signal: AbortSignal }): Promise<string[]>;
  errors: { NotFound: new () => Error };
}

/** Finds the A and AAAA records of a name, by the runtime's own resolver. */
export function createResolve({ resolveDns, errors }: NameRuntime): Resolve {
  async function records(hostname: string, type: "A" | "AAAA", signal: AbortSignal): Promise<string[]> {
    try {
      return await resolveDns(hostname, type, { signal });
    } catch (error) {
      // Also what a name with records of the other type only gives.
      if (error instanceof errors.NotFound) return [];
      throw error;
    }
  }

  return async (hostname, signal) => {
    const answers = await Promise.all([records(hostname, "A", signal), records(hostname, "AAAA", signal)]);
    return answers.flat();
  };
}
