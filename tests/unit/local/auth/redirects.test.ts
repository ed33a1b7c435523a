import { describe, expect, it } from "vitest";
import { isAllowed, redirectOf } from "../../../../local/auth/redirects.ts";

const rules = {
  siteUrl: "https://chat.example.com",
  redirectUrls: [
    "https://*.preview.example.com/**",
    "https://app.example.com/{inbox,settings}/?",
    "http://localhost:5174/**",
    "com.example.app://callback",
  ],
};

describe("a page is allowed", () => {
  it.each([
    "https://chat.example.com",
    "https://chat.example.com/any/path?x=1#y",
    "https://CHAT.example.com/",
    "https://a.preview.example.com/deep/er/path",
    "https://app.example.com/inbox/1",
    "https://app.example.com/settings/2#fragment",
    "http://localhost:5174/inbox",
    "http://127.0.0.1:9999/",
    "http://[::1]:9999/",
    "com.example.app://callback",
  ])("%s", (url) => expect(isAllowed(url, rules)).toBe(true));
});

describe("a page is not allowed", () => {
  it.each([
    "",
    "https://evil.example/",
    "http://chat.example.com/",
    "https://chat.example.com:8443/",
    "https://chat.example.com.evil.example/",
    "https://chat.example.com@evil.example/",
    "https://evil.example\\@chat.example.com/",
    "https://evil.example#@chat.example.com/",
    "https:/\\evil.example/",
    "https:evil.example",
    "//evil.example",
    "\thttps://chat.example.com/",
    "https://chat.example.com/\r\nset-cookie:x=y",
    "https://a.b.preview.example.com/",
    "https://evil.example/.preview.example.com/",
    "https://app.example.com/inbox/12",
    "https://app.example.com/other/1",
    "http://localhost:5175/inbox",
    "http://2130706433/",
    "http://10.0.0.1/",
    "http://[fe80::1]/",
    "https://ex_ample.com/",
    "javascript:alert(1)",
    "javascript://127.0.0.1/%0aalert(1)",
    "data:text/html,x",
    "com.example.app://other",
  ])("%j", (url) => expect(isAllowed(url, rules)).toBe(false));
});

it("a site on this machine allows its pages on any port", () => {
  const local = { siteUrl: "http://localhost:5174", redirectUrls: [] };
  expect(isAllowed("http://localhost:8080/x", local)).toBe(true);
  expect(isAllowed("https://localhost:8080/x", local)).toBe(false);
});

it("what a request wants comes first, then the page it comes from, then the site", () => {
  const request = (query: string, headers: Record<string, string> = {}) =>
    redirectOf(new Request(`https://project.example/auth/v1/otp${query}`, { headers }), rules);
  const referer = "https://app.example.com/inbox/1";
  expect(request("?redirect_to=http://localhost:5174/x", { referer })).toBe("http://localhost:5174/x");
  expect(request("?redirect_to=https://evil.example", { referer })).toBe(referer);
  expect(request("", { referer: "https://evil.example" })).toBe(rules.siteUrl);
});
