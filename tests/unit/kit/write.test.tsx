// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RichText } from "../../../kit/text/rich_text.tsx";
import { write } from "../../../kit/text/write.ts";

describe("a text that grows", () => {
  let root: HTMLElement;
  beforeEach(() => {
    root = document.body.appendChild(document.createElement("div"));
  });
  afterEach(() => {
    render(null, root);
    root.remove();
  });

  const grow = (text: string) =>
    act(async () => {
      render(<RichText text={text} isMarkdown />, root);
      await import("../../../kit/text/write.ts");
    });
  const textNodes = () => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found: Text[] = [];
    while (walker.nextNode()) found.push(walker.currentNode as Text);
    return found;
  };

  it("keeps the nodes of what was there, so that what is selected stays selected", async () => {
    await grow("The royal fern is **hardy**, and");
    await grow("The royal fern is **hardy**, and");
    const before = textNodes();
    expect(before.map(({ data }) => data)).toEqual(["The royal fern is ", "hardy", ", and"]);
    const changes: MutationRecord[] = [];
    const observer = new MutationObserver((records) => changes.push(...records));
    observer.observe(root, {
      subtree: true,
      childList: true,
      characterData: true,
      characterDataOldValue: true,
    });
    await grow("The royal fern is **hardy**, and likes");
    await grow("The royal fern is **hardy**, and likes wet *feet*.\n\n- Boston");
    changes.push(...observer.takeRecords());
    observer.disconnect();
    expect(textNodes().slice(0, 3)).toEqual(before);
    expect(before[2]?.data).toBe(", and likes wet ");
    expect(changes.flatMap(({ removedNodes }) => [...removedNodes])).toEqual([]);
  });

  it("gives a text node only what is new", () => {
    write(root, "The royal", false);
    const node = root.firstChild as Text;
    const given: [number, number, string][] = [];
    const replace = node.replaceData.bind(node);
    node.replaceData = (...change) => (given.push(change), replace(...change));
    node.appendData = (data) => node.replaceData(node.length, 0, data);
    write(root, "The royal fern");
    write(root, "The royal oak");
    write(root, "The royal oak");
    expect(given).toEqual([[9, 0, " fern"], [10, 4, "oak"]]);
    expect(root.firstChild).toBe(node);
    expect(root.textContent).toBe("The royal oak");
  });

  it("takes the place of whatever was there", () => {
    for (
      const text of [
        "a **b** c",
        "- a\n- b",
        "3. a\n4. b\n\n```\nx\n```",
        "1. a",
        "[a](https://a.example)",
        "[b](https://b.example)",
        "",
        "plain",
      ]
    ) {
      write(root, text, true);
      const fresh = document.createElement("div");
      write(fresh, text, true);
      expect(root.innerHTML).toBe(fresh.innerHTML);
    }
  });

  it("makes no element of what it says itself", () => {
    write(root, `<img src=x onerror=alert(1)> **<script>alert(1)</script>** \`<b>\``, true);
    expect(root.querySelectorAll("img, script, b")).toHaveLength(0);
    expect(root.textContent).toBe("<img src=x onerror=alert(1)> <script>alert(1)</script> <b>");
  });

  it("looks the same in the page as in a shadow root, with styles of its own once", () => {
    const shadow = root.attachShadow({ mode: "open" });
    for (const _ of [1, 2]) write(shadow.appendChild(document.createElement("div")), "**a**", true);
    expect(shadow.adoptedStyleSheets).toHaveLength(1);
  });
});
