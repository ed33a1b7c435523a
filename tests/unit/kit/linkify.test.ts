// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { linkify, safeUrl } from "../../../kit/text/linkify.ts";

const links = (text: string) => linkify(text).filter(({ href }) => href);

describe("links in text", () => {
  it("are found within a sentence and leave its punctuation alone", () => {
    expect(linkify("See https://example.com/a?b=1, please.")).toEqual([
      { text: "See " },
      { text: "https://example.com/a?b=1", href: "https://example.com/a?b=1" },
      { text: ", please." },
    ]);
  });

  it("keep brackets that belong to them", () => {
    expect(links("(https://example.com/Fern_(plant))")).toEqual([
      { text: "https://example.com/Fern_(plant)", href: "https://example.com/Fern_(plant)" },
    ]);
  });

  it("are made of e-mail addresses", () => {
    expect(links("Write to maya+shop@example.co.uk!")).toEqual([
      { text: "maya+shop@example.co.uk", href: "mailto:maya+shop@example.co.uk" },
    ]);
  });

  it.each(["javascript:alert(1)", "http://example.com", "data:text/html,x", "ftp://example.com", "https://"])(
    "are never made of %s",
    (text) => expect(links(text)).toEqual([]),
  );

  it("lose no character of the text", () => {
    const text = "<b>a</b> https://example.com/x y@z.example\n… https://[ end";
    expect(linkify(text).map((part) => part.text).join("")).toBe(text);
  });
});

describe("addresses of pictures and files", () => {
  it("are taken when they are https", () => {
    expect(safeUrl("https://example.com/a.png")).toBe("https://example.com/a.png");
  });
  it.each(["javascript:alert(1)", "data:image/svg+xml,<svg/>", "blob:x", "/relative", ""])(
    "are left out when they are %s",
    (address) => expect(safeUrl(address)).toBeUndefined(),
  );
});
