import { describe, expect, it } from "vitest";
import { markdown } from "../../../kit/text/markdown.ts";
import type { RichNode } from "../../../kit/text/rich_node.ts";

/** As HTML would have it, to be read here; attributes other than addresses and starts are left out. */
function drawn(nodes: readonly RichNode[]): string {
  return nodes.map((node) => {
    if (typeof node === "string") return node;
    const { href, start } = node.attributes ?? {};
    const attributes = [href && ` href=${href}`, start && start !== "1" && ` start=${start}`].filter(Boolean);
    return `<${node.tag}${attributes.join("")}>${drawn(node.children)}</${node.tag}>`;
  }).join("");
}

const read = (text: string) => drawn(markdown(text));
const tagsIn = (nodes: readonly RichNode[]): string[] =>
  nodes.flatMap((node) => typeof node === "string" ? [] : [node.tag, ...tagsIn(node.children)]);
const textIn = (nodes: readonly RichNode[]): string =>
  nodes.map((node) => typeof node === "string" ? node : textIn(node.children)).join("");
const hrefsIn = (nodes: readonly RichNode[]): string[] =>
  nodes.flatMap((node) =>
    typeof node === "string"
      ? []
      : [...node.attributes?.href ? [node.attributes.href] : [], ...hrefsIn(node.children)]
  );

describe("Markdown", () => {
  it.each([
    ["Hello **bold** and *italic*", "<p>Hello <strong>bold</strong> and <em>italic</em></p>"],
    [
      "__bold__ _italic_ ***both***",
      "<p><strong>bold</strong> <em>italic</em> <em><strong>both</strong></em></p>",
    ],
    ["**bold *and italic***", "<p><strong>bold <em>and italic</em></strong></p>"],
    ["**需要。**后面", "<p><strong>需要。</strong>后面</p>"],
    ["run `npm **start**` now", "<p>run <code>npm **start**</code> now</p>"],
    ["`` a`b ``", "<p><code>a`b</code></p>"],
    ["one\ntwo\n\nthree", "<p>one\ntwo</p><p>three</p>"],
    ["one\r\ntwo\r\n\r\nthree", "<p>one\ntwo</p><p>three</p>"],
    ["## Care\nWater it.", "<p><strong>Care</strong></p><p>Water it.</p>"],
    ["- a\n- **b**", "<ul><li>a</li><li><strong>b</strong></li></ul>"],
    ["We have:\n* a\n+ b", "<p>We have:</p><ul><li>a</li><li>b</li></ul>"],
    ["1. a\n2) b", "<ol><li>a</li><li>b</li></ol>"],
    ["3. c\n4. d", "<ol start=3><li>c</li><li>d</li></ol>"],
    ["1. a\n\n2. b\n\nThat is all.", "<ol><li>a</li><li>b</li></ol><p>That is all.</p>"],
    ["1. a\n   - x\n   - y\n2. b", "<ol><li>a<ul><li>x</li><li>y</li></ul></li><li>b</li></ol>"],
    ["- a\n\t1. x\n\t- y\n- b", "<ul><li>a<ol><li>x</li></ol><ul><li>y</li></ul></li><li>b</li></ul>"],
    ["- a\n  goes on\n\n  and on", "<ul><li>a\ngoes on<p>and on</p></li></ul>"],
    [
      "- a\n  ```\n  code\n    in\n  ```\n- b",
      "<ul><li>a<pre><code>code\n  in</code></pre></li><li>b</li></ul>",
    ],
    ["It began in\n1987. Then", "<p>It began in\n1987. Then</p>"],
    [
      "```js\nif (a < b) `x`;\n\n# no\n```\nafter",
      "<pre><code>if (a < b) `x`;\n\n# no</code></pre><p>after</p>",
    ],
    [
      "[our **shop**](https://shop.example/a_(b)?c=*d*)",
      "<p><a href=https://shop.example/a_(b)?c=*d*>our <strong>shop</strong></a></p>",
    ],
    [`[shop](<https://shop.example/> "The shop")`, "<p><a href=https://shop.example/>shop</a></p>"],
    ["**[shop](https://shop.example/)**", "<p><strong><a href=https://shop.example/>shop</a></strong></p>"],
    ["[write](mailto:a@shop.example)", "<p><a href=mailto:a@shop.example>write</a></p>"],
    ["![fern](https://shop.example/f.png)", "<p><a href=https://shop.example/f.png>fern</a></p>"],
    [
      "**https://shop.example/_a_b_**",
      "<p><strong><a href=https://shop.example/_a_b>https://shop.example/_a_b</a>_</strong></p>",
    ],
    ["write to a@shop.example", "<p>write to <a href=mailto:a@shop.example>a@shop.example</a></p>"],
  ])("%j", (text, wanted) => expect(read(text)).toBe(wanted));

  it.each([
    "snake_case_name and a__init__b is a_file_",
    "5 * 3 * 2 = 30, 2 ** 3",
    "\\*not\\* \\`this\\`",
    "**not closed, `nor this, [nor](that",
    "****",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert)",
    "[a](java\\tscript:alert)",
    "[a](data:text/html,x)",
    "[a](vbscript:x) [b](file:///etc/passwd) [c](blob:x)",
    "[a](//evil.example) [b](/relative) [c](#here)",
    "[](https-is-not-here)",
    "<b>bold</b> <img src=x onerror=alert(1)> <script>alert(1)</script> &amp;",
    "> quoted | a | b |",
  ])("leaves the characters of %j", (text) => {
    expect(tagsIn(markdown(text)).filter((tag) => tag !== "p")).toEqual([]);
    expect(textIn(markdown(text))).toBe(text.replaceAll(/\\([*`])/g, "$1"));
  });

  it("says where a link leads whose label reads as another address", () => {
    expect(textIn(markdown("[bank.example](https://evil.example/a)"))).toBe("bank.example (evil.example)");
    expect(textIn(markdown("[https://bank.example](https://bank.example.evil.example)")))
      .toBe("https://bank.example (bank.example.evil.example)");
    expect(textIn(markdown("[bank.example](https://user@xn--bnk-5na.example)"))).toContain(
      "(xn--bnk-5na.example)",
    );
    expect(textIn(markdown("[a@bank.example](mailto:x@evil.example)"))).toContain("(mailto:x@evil.example)");
    expect(textIn(markdown("[a@bank.example](mailto:a@bank.example?cc=x@evil.example)"))).toContain("?cc=");
  });

  it.each([
    ["[https://bank.example](https://nk.example/login)", "nk.example"],
    ["[https://bank.example/e.co/login](https://e.co)", "e.co"],
    ["[https://e.co:443@bank.example](https://e.co)", "e.co"],
    ["[https://e.co.bank.example](https://e.co)", "e.co"],
    ["[e.co, that is bank.example](https://e.co)", "e.co"],
    ["[bank*.*example](https://evil.example)", "evil.example"],
    ["[bank.\u200bexample](https://evil.example)", "evil.example"],
    ["[bank.**ex**ample](https://evil.example)", "evil.example"],
    ["[bank\u2024example](https://evil.example)", "evil.example"],
    ["[bank\\.example](https://evil.example)", "evil.example"],
    ["[https://bаnk.example](https://xn--bnk-5cd.example)", "xn--bnk-5cd.example"],
  ])("says where %j leads", (text, host) => {
    expect(textIn(markdown(text)).endsWith(` (${host})`)).toBe(true);
  });

  it.each([
    ["[shop.example/ferns](https://shop.example/ferns)", "shop.example/ferns"],
    ["[**Shop.Example**](https://shop.example/ferns)", "Shop.Example"],
    ["[https://shop.example](https://shop.example/ferns)", "https://shop.example"],
    ["[ada@shop.example](mailto:ada@shop.example)", "ada@shop.example"],
    ["[our ferns](https://shop.example/ferns)", "our ferns"],
  ])("does not repeat where %j leads", (text, shown) => expect(textIn(markdown(text))).toBe(shown));

  it("opens links apart from the page, without a way back to it", () => {
    const [paragraph] = markdown("[shop](https://shop.example/)");
    expect(paragraph).toMatchObject({
      children: [{
        attributes: { target: "_blank", rel: "noopener nofollow", title: "https://shop.example/" },
      }],
    });
  });

  it("changes only the end of what was read while a text grows", () => {
    const text =
      "We have **two** ferns:\n\n1. `Boston`\n2. [Royal](https://shop.example)\n\n```\ncode\n```\nBye *now*.";
    const whole = markdown(text);
    for (let length = 0; length <= text.length; length++) {
      const nodes = markdown(text.slice(0, length));
      expect(nodes.slice(0, -2)).toEqual(whole.slice(0, Math.max(0, nodes.length - 2)));
    }
  });

  it.each([
    ["marks", "*"],
    ["separate marks", "*a "],
    ["pairs of marks", "*a* _b "],
    ["closing marks", "_a *b* "],
    ["brackets", "["],
    ["open links", "[a]("],
    ["labels", "[a]"],
    ["addresses", "[a](https://a.example/(b)"],
    ["backticks", "`a``b```"],
    ["lists within lists", "- "],
    ["hashes", "# "],
    ["spaces", " "],
    ["backslashes", "\\"],
    ["items", "- a\n"],
    ["deeper items", "- a\n  - b\n"],
    ["fences", "```\n"],
    ["quotes", '[a](https://a.example "'],
  ])("reads 50 kB of %s in time, and no deeper than is safe to draw", (_, piece) => {
    const text = `x ${piece.repeat(50_000 / piece.length)}`;
    const before = process.cpuUsage();
    const nodes = markdown(text);
    // Time of the processor, whoever else uses it.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(3000);
    const depthOf = (all: readonly RichNode[]): number =>
      all.reduce(
        (most, node) => typeof node === "string" ? most : Math.max(most, 1 + depthOf(node.children)),
        0,
      );
    expect(depthOf(nodes)).toBeLessThan(30);
    for (const href of hrefsIn(nodes)) expect(href).toMatch(/^https:/);
  });

  it("reads ever deeper lists", () => {
    const text = Array.from({ length: 300 }, (_, depth) => `${" ".repeat(depth * 2)}- ${depth}`).join("\n");
    expect(tagsIn(markdown(text)).filter((tag) => tag === "li")).toHaveLength(300);
    expect(tagsIn(markdown(text)).filter((tag) => tag === "ul")).toHaveLength(8);
  });
});
