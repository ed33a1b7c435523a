/** The A and AAAA records of a name, by the runtime's own resolver. */
export async function resolveAddresses(hostname: string, signal: AbortSignal): Promise<string[]> {
  const answers = await Promise.all([records(hostname, "A", signal), records(hostname, "AAAA", signal)]);
  return answers.flat();
}

async function records(hostname: string, type: "A" | "AAAA", signal: AbortSignal): Promise<string[]> {
  try {
    return await Deno.resolveDns(hostname, type, { signal });
  } catch (error) {
    // Also what a name with records of the other type only gives.
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
