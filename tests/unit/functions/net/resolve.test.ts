import { describe, expect, it } from "vitest";
import { createResolve } from "../../../../supabase/functions/_shared/net/target.ts";

class NotFound extends Error {}

/** Asks a resolver that has these records. */
function resolve(byType: Partial<Record<"A" | "AAAA", string[] | Error>>): Promise<string[]> {
  const ask = createResolve({
    errors: { NotFound },
    resolveDns(_, type) {
      const found = byType[type] ?? new NotFound();
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    },
  });
  return ask("shop.example", new AbortController().signal);
}

describe("a host's addresses", () => {
  it("are those of both families", async () => {
    const addresses = await resolve({ A: ["93.184.216.34"], AAAA: ["2606:2800:220:1::1"] });
    expect(addresses).toEqual(["93.184.216.34", "2606:2800:220:1::1"]);
  });

  it("may be of one family only, or none", async () => {
    expect(await resolve({ A: ["93.184.216.34"] })).toEqual(["93.184.216.34"]);
    expect(await resolve({ AAAA: ["2606:2800:220:1::1"] })).toEqual(["2606:2800:220:1::1"]);
    expect(await resolve({})).toEqual([]);
  });

  it("are not known while a family's answer is missing: it might be a private one", async () => {
    await expect(resolve({ A: ["93.184.216.34"], AAAA: new Error("timed out") })).rejects.toThrow(
      "timed out",
    );
  });
});
