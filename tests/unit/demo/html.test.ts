import { describe, expect, it } from "vitest";
import { html } from "../../../demo/pages/html.ts";

describe("the shop's html tag", () => {
  it("escapes text, in elements and in attributes", () => {
    const evil = `"><script>alert('&')</script>`;
    expect(html`<a title="${evil}">${evil}</a>`.text).not.toMatch(/<script|">\W*"/);
    expect(html`<b>${evil}</b>`.text).toBe(
      "<b>&#34;&#62;&#60;script&#62;alert(&#39;&#38;&#39;)&#60;/script&#62;</b>",
    );
  });

  it("keeps its own markup and joins lists", () => {
    expect(html`<ul>${["a", "b"].map((item) => html`<li>${item}</li>`)}</ul>`.text)
      .toBe("<ul><li>a</li><li>b</li></ul>");
  });

  it("leaves out what is absent, but not zero", () => {
    expect(html`${null}${undefined}${false}${0}`.text).toBe("0");
  });
});
