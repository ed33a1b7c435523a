import { describe, expect, it } from "vitest";
import { type Resolve, targetProblem } from "../../../../supabase/functions/_shared/net/target.ts";

const signal = new AbortController().signal;

const records: Record<string, string[]> = {
  "public.example": ["93.184.216.34", "2606:2800:220:1::1"],
  "private.example": ["10.0.0.7"],
  "mixed.example": ["93.184.216.34", "::1"],
  "empty.example": [],
};

const resolve: Resolve = (hostname) => {
  const addresses = records[hostname];
  return addresses ? Promise.resolve(addresses) : Promise.reject(new Error("no answer"));
};

async function outcome(url: string, privateHosts: string[] = []): Promise<string> {
  const problem = await targetProblem(new URL(url), { privateHosts, resolve }, signal);
  return problem?.kind ?? "allowed";
}

describe("a webhook's target", () => {
  it.each([
    ["https://public.example/hook?key=1", "allowed"],
    ["https://public.example:8443/", "allowed"],
    ["https://8.8.8.8/", "allowed"],
    ["https://[2606:4700:4700::1111]/", "allowed"],
    ["http://public.example/", "target_refused"],
    ["ftp://public.example/", "target_refused"],
    ["file:///etc/passwd", "target_refused"],
    ["https://user:secret@public.example/", "target_refused"],
    ["https://user@public.example/", "target_refused"],
    ["https://:secret@public.example/", "target_refused"],
    ["https://private.example/", "target_refused"],
    ["https://mixed.example/", "target_refused"],
    ["https://localhost/", "target_refused"],
    ["https://a.localhost./", "target_refused"],
    ["https://127.1/", "target_refused"],
    ["https://2130706433/", "target_refused"],
    ["https://0x7f000001/", "target_refused"],
    ["https://0177.0.0.1/", "target_refused"],
    ["https://169.254.169.254/latest/meta-data/", "target_refused"],
    ["https://[::1]/", "target_refused"],
    ["https://[::ffff:10.0.0.1]/", "target_refused"],
    ["https://[64:ff9b::7f00:1]/", "target_refused"],
    ["https://[fd00:ec2::254]/", "target_refused"],
    ["https://empty.example/", "unreachable"],
    ["https://unknown.example/", "unreachable"],
  ])("%s: %s", async (url, expected) => expect(await outcome(url)).toBe(expected));

  it("may be private and plain http where the deployment allows its host", async () => {
    expect(await outcome("http://127.0.0.1:4173/hook", ["127.0.0.1:4173"])).toBe("allowed");
    expect(await outcome("http://127.0.0.1:9999/hook", ["127.0.0.1"])).toBe("allowed");
    expect(await outcome("http://127.0.0.1:9999/hook", ["127.0.0.1:4173"])).toBe("target_refused");
    expect(await outcome("http://shop.internal/hook", ["shop.internal:80"])).toBe("allowed");
    expect(await outcome("https://shop.internal/hook", ["shop.internal:80"])).toBe("unreachable");
    expect(await outcome("https://shop.internal/hook", ["shop.internal:443"])).toBe("allowed");
    expect(await outcome("ftp://127.0.0.1/", ["127.0.0.1"])).toBe("target_refused");
  });

  it("says why its time ran out", async () => {
    const stopped = AbortSignal.abort(new Error("time is up"));
    const check = targetProblem(new URL("https://unknown.example/"), { privateHosts: [], resolve }, stopped);
    await expect(check).rejects.toThrow("time is up");
  });
});
