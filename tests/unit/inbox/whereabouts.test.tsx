// @vitest-environment happy-dom
import { render } from "preact";
import { expect, test } from "vitest";
import { Whereabouts } from "../../../inbox/ui/details/whereabouts.tsx";
import type { Visitor } from "../../../inbox/core/records.ts";

/** Terms and what is said of them. */
function facts(page: Visitor["page"]): Record<string, string> {
  const element = document.createElement("dl");
  render(<Whereabouts page={page} />, element);
  const terms = [...element.querySelectorAll("dt")];
  return Object.fromEntries(
    terms.map(({ textContent, nextElementSibling }) => [textContent, nextElementSibling?.textContent ?? ""]),
  );
}

test("of a visitor without a page nothing is said", () => {
  expect(facts(null)).toEqual({});
  expect(facts({})).toEqual({});
  expect(facts({ title: "\u202e", url: "" })).toEqual({});
});

test("what a visitor's browser says is read without signs that turn it", () => {
  expect(facts({ timeZone: "Europe/\u202eBerlin" })).toEqual({ "Local time": "Europe/Berlin" });
});

test.each([
  ["en-US", "American English"],
  ["en-US@posix", "American English"],
  ["de_AT.UTF-8", "Austrian German"],
  ["pt_BR", "Brazilian Portuguese"],
  ["zh-Hant", "Traditional Chinese"],
])("of the locale %s the language is named", (locale, name) => {
  expect(facts({ locale })).toEqual({ Language: name });
});

test.each(["C", "POSIX", "C.UTF-8", "@", "xed", "null", "not a language", "\u2067x\u202eed\u2069"])(
  "of %j, which is no language with a name, nothing is said",
  (locale) => {
    expect(facts({ locale })).toEqual({});
  },
);

test.each([
  [{ title: "Ferns", url: "https://shop.example/ferns" }, "Fernsshop.example"],
  [{ title: "https://shop.example/", url: "https://evil.example/" }, "https://shop.example/evil.example"],
  [{ url: "https://shop.example/ferns" }, "https://shop.example/ferns"],
  [{ title: "\u200b", url: "https://shop.example/ferns" }, "https://shop.example/ferns"],
  [{ url: "https://shop.example@evil.example/" }, "https://shop.example@evil.example/evil.example"],
  [{ url: "https://\u0430pple.example/" }, "https://\u0430pple.example/xn--pple-43d.example"],
])("the page %j is shown with the host that it leads to", (page, shown) => {
  expect(facts(page).Page).toBe(shown);
});
