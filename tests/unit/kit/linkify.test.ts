// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { linkify, mailtoOf, type Readable } from "../../../kit/text/linkify.ts";
import { safeUrl, withoutOverrides } from "../../../kit/text/rich_text.tsx";

const links = (text: string) => linkify(text).filter(({ href }) => href);
const hrefs = (text: string) => links(text).map(({ href }) => href);

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

  it("end before a bar between them", () => {
    expect(hrefs("https://shop.example/a|https://shop.example/b| https://shop.example/c|d")).toEqual([
      "https://shop.example/a",
      "https://shop.example/b",
      "https://shop.example/c|d",
    ]);
  });

  it("are made of http and of www, which is taken for https", () => {
    expect(links("http://shop.example/a or www.shop.example/b.")).toEqual([
      { text: "http://shop.example/a", href: "http://shop.example/a" },
      { text: "www.shop.example/b", href: "https://www.shop.example/b" },
    ]);
  });

  it.each([
    ["Read “https://shop.example/returns”.", "https://shop.example/returns"],
    ["«https://shop.example/a»", "https://shop.example/a"],
    ["‘https://shop.example/b’", "https://shop.example/b"],
    ["„https://shop.example/c“", "https://shop.example/c"],
    ["‹https://shop.example/c›", "https://shop.example/c"],
    ["see https://shop.example/d…", "https://shop.example/d"],
    ["https://shop.example/d—that one", "https://shop.example/d"],
    ["請看 https://shop.example/e。謝謝", "https://shop.example/e"],
    ["见https://shop.example/f，然后回复我", "https://shop.example/f"],
    ["https://shop.example/g（说明）", "https://shop.example/g"],
    ["「https://shop.example/h」", "https://shop.example/h"],
    ["`https://shop.example/o`", "https://shop.example/o"],
    ["https://shop.example/p\u200bthen", "https://shop.example/p"],
    ["\u202ehttps://shop.example/moc.elgoog//:sptth", "https://shop.example/moc.elgoog//:sptth"],
    ["https://shop.example/a\u202emoc.elgoog", "https://shop.example/a"],
    ["https://shop.example/b\u2066moc.elgoog\u2069", "https://shop.example/b"],
    ["https://shop.example/c\u200f", "https://shop.example/c"],
    ["https://shop.example/c\u2060", "https://shop.example/c"],
    ["https://shop.example/d؟", "https://shop.example/d"],
    ["https://shop.example/d،", "https://shop.example/d"],
    ["https://shop.example/d۔", "https://shop.example/d"],
    ["https://shop.example/d।", "https://shop.example/d"],
    ["https://shop.example/d։", "https://shop.example/d"],
    ["https://shop.example/d።", "https://shop.example/d"],
    ["https://shop.example/d။", "https://shop.example/d"],
    ["**https://shop.example/q**", "https://shop.example/q"],
    ["[shop](https://shop.example/r)", "https://shop.example/r"],
    ["<https://shop.example/s>", "https://shop.example/s"],
    ["HTTPS://SHOP.EXAMPLE/t", "https://shop.example/t"],
  ])("in %s lead to %s", (text, href) => expect(hrefs(text)).toEqual([href]));

  it("that only a comma parts are two", () => {
    expect(hrefs("https://a.example/x,https://b.example;www.c.example")).toEqual([
      "https://a.example/x",
      "https://b.example/",
      "https://www.c.example/",
    ]);
    expect(hrefs("https://a.example/?to=https://b.example")).toEqual([
      "https://a.example/?to=https://b.example",
    ]);
  });

  it.each([
    ["https://shop.example/תל־אביב", "https://shop.example/%D7%AA%D7%9C%D6%BE%D7%90%D7%91%D7%99%D7%91"],
    ["https://shop.example/wiki/東京", "https://shop.example/wiki/%E6%9D%B1%E4%BA%AC"],
    ["https://shop.example/佐々木", "https://shop.example/%E4%BD%90%E3%80%85%E6%9C%A8"],
    ["https://shop.example/col·lecció", "https://shop.example/col%C2%B7lecci%C3%B3"],
    ["https://shop.example/a'b", "https://shop.example/a'b"],
  ])("keep other scripts: %s", (text, href) => expect(links(text)).toEqual([{ text, href }]));

  it.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://example.com",
    "https://",
    "http://",
    "www.",
    "www.x",
    "wwww.shop.example",
    "xhttps://shop.example",
    "https://[",
  ])("are never made of %s", (text) => expect(links(text)).toEqual([]));

  it("lose no character of the text", () => {
    const text = "<b>a</b> https://example.com/x 'y@z.example'\n… https://[ (www.a.b) 👋 end";
    expect(linkify(text).map((part) => part.text).join("")).toBe(text);
  });
});

describe("links that lead elsewhere than they seem to", () => {
  it.each([
    ["https://fern-and-fable.example@evil.example/", "evil.example"],
    ["https://fern-and-fable.example:443@evil.example/", "evil.example"],
    ["https://shop.community@shop.com/", "shop.com"],
    ["https://@evil.example/", "evil.example"],
    ["https://fern-and-fable.example\\@evil.example/", "fern-and-fable.example"],
    ["https://аpple.example/", "xn--pple-43d.example"],
    ["www.аpple.example", "www.xn--pple-43d.example"],
    ["https://xn--pple-43d.example/", "xn--pple-43d.example"],
    ["http://2130706433/", "127.0.0.1"],
    ["https://ſhop.example/", "shop.example"],
    ["https://evil%2eexample/", "evil.example"],
  ])("%s shows its host behind it: %s", (text, host) => {
    expect(links(text).map((link) => link.text)).toEqual([`${text} (${host})`]);
  });

  it.each([
    "https://Shop.Example/a@b",
    "https://shop.example:8443/?mail=a@b.example",
    "http://127.0.0.1:3000/",
    "https://[::1]/",
    "https://shop.example?a#b",
    "www.shop.example",
    "ada@shop.example",
  ])("are not what %s is", (text) => expect(links(text).map((link) => link.text)).toEqual([text]));
});

describe("mail addresses in text", () => {
  it.each([
    ["Write to maya+shop@example.co.uk!", "maya+shop@example.co.uk"],
    ["'ada@shop.example'", "ada@shop.example"],
    ["*ada@shop.example*.", "ada@shop.example"],
    ["mailto:ada@shop.example", "ada@shop.example"],
    ["Ada <ada@shop.example>, thanks", "ada@shop.example"],
    ["(ada@shop.example)", "ada@shop.example"],
    ["sean.o'brien@shop.example", "sean.o'brien@shop.example"],
    ["müller@shop.example", "müller@shop.example"],
    ["josé.garcía@shop.example", "josé.garcía@shop.example"],
    ["_ada@shop.example", "_ada@shop.example"],
    ["ada@shop.example\u200f", "ada@shop.example"],
    ["ada@shop.example؟", "ada@shop.example"],
    ["用户@shop.example", "用户@shop.example"],
  ])("%s is a link to %s", (text, address) => {
    expect(links(text)).toEqual([{ text: address, href: `mailto:${address}` }]);
  });

  it.each([["a&b@shop.example", "mailto:a%26b@shop.example"], [
    "x/y@shop.example",
    "mailto:x%2Fy@shop.example",
  ]])("%s is linked whole, its signs escaped", (text, href) => {
    expect(links(text)).toEqual([{ text, href }]);
  });

  it.each([
    ["ada@раypal.com", "xn--ypal-43d9g.com"],
    ["ada@bücher.example", "xn--bcher-kva.example"],
  ])("%s is followed by the host that it is of", (address, host) => {
    expect(links(address)).toEqual([{ text: `${address} (${host})`, href: `mailto:${address}` }]);
  });

  it("stand beside each other", () => {
    expect(hrefs("ada@shop.example,bob@shop.example;eve@shop.example")).toEqual([
      "mailto:ada@shop.example",
      "mailto:bob@shop.example",
      "mailto:eve@shop.example",
    ]);
  });

  it.each([
    "@ada",
    "ada@shop",
    "ada@@shop.example",
    "a@b@shop.example",
    ".ada@shop.example",
    "ada..lovelace@shop.example",
    "请写信至ada@shop.example",
    "preact@10.2.0",
    "ada@192.168.0.1",
    "ada@xn--a.example",
    `${"a".repeat(250)}@shop.example`,
  ])("none is made of a part of %s, which would be somebody else's", (text) => {
    expect(links(text)).toEqual([]);
  });
});

describe("a long text", () => {
  const unit = (text: string) => (length: number) => text.repeat(length / text.length + 1).slice(0, length);
  const behind = (start: string, text: string) => (length: number) =>
    start + unit(text)(length - start.length);

  it.each([
    ["letters", unit("A")],
    ["base64", unit("QUJD-_")],
    ["hexadecimal digits", unit("0f")],
    ["a URL and closing brackets", behind("https://shop.example/", ")")],
    ["a URL and opening brackets", behind("https://shop.example/", "(")],
    ["a URL and mixed punctuation", behind("https://shop.example/", ")].,")],
    ["mail addresses without a break", unit("a@b.c")],
    ["signs of mail addresses", unit("a.b-c+")],
    ["at signs", unit("@")],
    ["starts of URLs", unit("https://")],
    ["URLs parted by commas", unit("https://a.b/,")],
    ["h", unit("h")],
    ["www.", unit("www.")],
    ["quotes around an address", behind("'''", "'")],
    ["prose", unit("All is well, thanks. ")],
  ])("of %s is read in steps that grow with its length", (_, make) => {
    const growth = [12_500, 25_000, 50_000].map((length) => steps(make(2 * length)) / steps(make(length)));
    expect(Math.max(...growth)).toBeLessThanOrEqual(2.5);
    expect(steps(make(100_000))).toBeLessThan(20 * 100_000);
  });
});

/** Characters that are looked at; a piece that is cut out counts with its length. */
function steps(text: string): number {
  let count = 0;
  const counted: Readable = {
    length: text.length,
    charCodeAt: (index) => (count++, text.charCodeAt(index)),
    slice: (from, to) => (count += to - from, text.slice(from, to)),
  };
  linkify(counted);
  return count;
}

describe("addresses of pictures and files", () => {
  it("are taken when they are https", () => {
    expect(safeUrl("https://example.com/a.png")).toBe("https://example.com/a.png");
  });
  it.each(["javascript:alert(1)", "data:image/svg+xml,<svg/>", "blob:x", "/relative", ""])(
    "are left out when they are %s",
    (address) => expect(safeUrl(address)).toBeUndefined(),
  );
});

describe("a mail address that stands alone", () => {
  it("is linked as it is, with what mail programs take for more of the link escaped", () => {
    expect(mailtoOf("anna@shop.example")).toBe("mailto:anna@shop.example");
    expect(mailtoOf("a&b%3f@shop.example")).toBe("mailto:a%26b%253f@shop.example");
  });

  for (
    const none of [
      "anna@y.example?bcc=eve@z.example",
      "anna@y.example&body=x",
      "anna@y.example,eve@z.example",
      "anna@y.example eve@z.example",
      "Anna <anna@y.example>",
      "anna@y.example%0Abcc:eve@z.example",
      "\u202eanna@y.example",
      "anna",
      "",
    ]
  ) {
    it(`is not ${JSON.stringify(none)}`, () => expect(mailtoOf(none)).toBeUndefined());
  }
});

describe("a name or title", () => {
  it("keeps no sign that turns its direction or has no width", () => {
    const invisible = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069";
    for (const sign of invisible) {
      expect(withoutOverrides(`An${sign}na`), sign.codePointAt(0)?.toString(16)).toBe("Anna");
    }
  });

  it("keeps the joiners of Persian and of emoji", () => {
    for (
      const name of ["\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u{1f469}\u200d\u{1f4bb}"]
    ) {
      expect(withoutOverrides(name)).toBe(name);
    }
  });
});
