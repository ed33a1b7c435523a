import { describe, expect, it } from "vitest";
import { addressHash } from "../../../../supabase/functions/_shared/auth/caller.ts";

const hash = (value: string | null, addressHeader: string | null = "x-forwarded-for", secretKey = "s") =>
  addressHash(new Request("http://x/", { headers: value === null ? {} : { "x-forwarded-for": value } }), {
    addressHeader,
    secretKey,
  });

describe("the hash of a client's address", () => {
  it("is not known without a trusted header that holds an address", () => {
    expect(hash("1.2.3.4", null)).toBeNull();
    expect(hash(null)).toBeNull();
    expect(hash("unknown")).toBeNull();
  });

  it("is of what the trusted proxy wrote, not of what the client put before it", () => {
    expect(hash("9.9.9.9, 1.2.3.4")).toBe(hash("1.2.3.4"));
    expect(hash("1.2.3.4")).toMatch(/^[0-9a-f]{64}$/);
  });

  it("can't be made without the key", () =>
    expect(hash("1.2.3.4")).not.toBe(hash("1.2.3.4", undefined, "t")));
});
