import { describe, expect, it } from "vitest";
import { host, origin, webhookUrl } from "../../../cli/commands/input.ts";

describe("what is typed becomes what is compared later:", () => {
  it.each([
    ["https://shop.example:443", "https://shop.example"],
    ["http://localhost:80", "http://localhost"],
    ["https://*.shop.example:443", "https://*.shop.example"],
    ["https://shop.example:8443", "https://shop.example:8443"],
    ["http://shop.example:443", "http://shop.example:443"],
  ])("the origin %s", (typed, sent) => expect(origin(typed)).toBe(sent));

  it.each([["SHOP.example:443", "shop.example"], ["shop.example:8443", "shop.example:8443"]])(
    "the host %s",
    (typed, bound) => expect(host(typed)).toBe(bound),
  );

  it.each([
    ["https://Müller.example:443/a b?t=1", "https://xn--mller-kva.example/a%20b?t=1"],
    [" https://shop.example/\nhook", "https://shop.example/hook"],
  ])("the webhook %s", (typed, called) => expect(webhookUrl(typed)).toBe(called));
});
