import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  credentialHeader,
  host,
  inboxUrl,
  managementUrl,
  namedOrigin,
  origin,
  webhookUrl,
} from "../../../cli/commands/input.ts";
import { CONNECTOR_HOST_PATTERN, CREDENTIAL_HEADER_PATTERN } from "../../../shared/management.ts";

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
    ["https://shop.example", "https://shop.example/"],
    ["https://shop.example/team", "https://shop.example/team/"],
    ["https://shop.example/team/", "https://shop.example/team/"],
    ["https://shop.example/team/index.html", "https://shop.example/team/index.html"],
  ])("the inbox in a folder %s", (typed, opened) => expect(inboxUrl(typed)).toBe(opened));

  it.each([
    ["https://Müller.example:443/a b?t=1", "https://xn--mller-kva.example/a%20b?t=1"],
    [" https://shop.example/\nhook", "https://shop.example/hook"],
  ])("the webhook %s", (typed, called) => expect(webhookUrl(typed)).toBe(called));
});

describe("what can't be right is refused before anything is tried:", () => {
  it.each([
    ...["https://shop.example:99999", "https://shop.example:0", "https://shop.example:", "https://.."],
    ...["https://shop..example", "https://.shop.example", "https://-", "https://*.", "https://shop.example/"],
  ])(
    "the origin %s",
    (typed) => expect(() => origin(typed)).toThrow(`"${typed}" is not an origin, such as `),
  );

  it.each([
    ...["shop.example:99999", "shop.example:0", "shop.example:", "..", "-", ".example", "shop..example", ""],
    ...["https://shop.example", "shop.example/hook", "a b"],
  ])("the host %j", (typed) => expect(() => host(typed)).toThrow(/^--host must be host or host:port/));

  it.each(["localhost:8000", "127.0.0.1:65535", "[::1]:8000", "xn--mller-kva.example"])(
    "but not the host %s",
    (typed) => expect(host(typed)).toBe(typed),
  );

  it.each(["", "x key", "x-key:", "-x", "é", "x".repeat(65)])(
    "the header %j",
    (typed) => expect(() => credentialHeader(typed)).toThrow(/^--header must be the name of a header/),
  );
});

it("hosts and headers are checked as the database checks them", () => {
  const migration = (name: string) => readFileSync(`supabase/migrations/${name}.sql`, "utf8");
  expect(migration("20261120010000_agents")).toContain(`'${CONNECTOR_HOST_PATTERN.source}'`);
  expect(migration("20261120010000_agents")).toContain(
    `p_header ~ '${CREDENTIAL_HEADER_PATTERN.source}'`,
  );
});

describe("an origin that may embed the widget", () => {
  it.each([
    "https://*.com",
    "https://*.example",
    "https://*.co.uk",
    "https://*.com.au",
    "https://*.github.io",
    "https://*.vercel.app",
    "https://*.s3.amazonaws.com",
    "https://*.blob.core.windows.net",
    "https://*.r2.dev",
    "https://*.translate.goog",
    "https://*.googleusercontent.com",
    "https://*.lovable.app",
    "https://*.replit.app",
    "https://*.framer.app",
    "http://*.com:8080",
  ])("is not one that other people can have: %s", (text) => {
    expect(() => origin(text)).toThrow("would let other people's sites embed the widget");
    expect(namedOrigin(text)).toBe(text); // so that it can be removed
  });

  it.each(["https://*.", "https://*", "*", "https://*.*.example", "https://shop.*", "https://a..b", "null"])(
    "has the form of one: %s",
    (text) => expect(() => origin(text)).toThrow("is not an origin"),
  );

  it.each([
    "https://*.shop.example",
    "https://*.shop.co.uk",
    "https://*.shop.github.io",
    "http://*.localhost:5500",
    "http://localhost:5500",
  ])(
    "may be %s",
    (text) => expect(origin(text)).toBe(text),
  );
});

it.each(["http://api.supabase.com", "ftp://127.0.0.1", "http://127.0.0.1.evil.example"])(
  "an access token does not go to %s",
  (text) => expect(() => managementUrl(text)).toThrow("must be an https address"),
);
