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

  it("is folded where it is very long, until all of it is asked for, and the focus stays with it", async () => {
    const shown = () => root.querySelector("span")?.firstChild?.textContent ?? "";
    const show = (text: string) =>
      act(async () => {
        render(
          <div data-entry="1">
            <RichText text={text} />
          </div>,
          root,
        );
        await import("../../../kit/text/write.ts");
      });
    const lines = Array.from({ length: 9000 }, (_, n) => `line ${n}`);
    await show(lines.join("\n"));
    await show(lines.join("\n") + "!");
    expect(shown().trim().split("\n")).toEqual(lines.slice(0, 25));
    const button = root.querySelector("button") as HTMLButtonElement;
    expect(button.textContent).toBe("Show all of it");
    button.focus();
    await act(() => button.click());
    expect(root.textContent).toBe(`${lines.join("\n")}!`);
    expect(document.activeElement).toBe(root.firstChild);
    // It stays so when it is changed.
    await show(lines.join("\n") + "?");
    expect(root.textContent).toBe(`${lines.join("\n")}?`);
  });

  it.each([
    ["one endless line", "a".repeat(20_000), 25 * 80],
    ["long lines", `${"b".repeat(400)}\n`.repeat(30), 5 * 401],
    ["nothing but line breaks", "\n".repeat(500), 25],
  ])("is folded where it is %s", (_, text, length) => {
    write(root, text);
    expect(root.querySelector("button")).not.toBeNull();
    expect(Math.abs((root.firstChild?.textContent?.length ?? 0) - length)).toBeLessThanOrEqual(1);
  });

  it.each([
    ["60 lines", "a\n".repeat(60)],
    ["as much as stands on 60 lines", "a".repeat(60 * 80)],
  ])("is not folded where it is %s", (_, text) => {
    write(root, text);
    expect(root.querySelector("button")).toBeNull();
    expect(root.textContent).toBe(text);
  });

  it("is not folded where it has been seen to grow", () => {
    root.dataset.status = "streaming";
    const place = root.appendChild(document.createElement("div"));
    write(place, "a\n".repeat(100), true);
    delete root.dataset.status;
    write(place, "a\n".repeat(101), true);
    expect(place.querySelector("button")).toBeNull();
    const other = root.appendChild(document.createElement("div"));
    write(other, "a\n".repeat(101), true);
    expect(other.querySelector("button")?.parentElement).toBe(other);
  });

  it("looks the same in the page as in a shadow root, with styles of its own once", () => {
    const shadow = root.attachShadow({ mode: "open" });
    for (const _ of [1, 2]) write(shadow.appendChild(document.createElement("div")), "**a**", true);
    expect(shadow.adoptedStyleSheets).toHaveLength(1);
  });
});

describe("a text that would turn its own letters round", () => {
  const OVERRIDDEN = "open \u202egnp.exe\u202c, \u202aleft\u202c and \u202bright";

  it.each([
    ["overrides and embeddings", OVERRIDDEN, "open gnp.exe, left and right"],
    ["isolates that nobody ends", "\u2067a \u2066b\u2069\nc\u2069 \u2068d", "a \u2066b\u2069\nc d"],
    ["isolates that end", "for \u2068\u0622\u062f\u0627\u2069: 3", "for \u2068\u0622\u062f\u0627\u2069: 3"],
    [
      "marks and joiners",
      "\u200f\u0645\u06cc\u200c\u0631\u0648\u0645\u200e!",
      "\u200f\u0645\u06cc\u200c\u0631\u0648\u0645\u200e!",
    ],
  ])("shows %s as they stand", (_, text, shown) => {
    for (const isMarkdown of [false, true]) {
      const root = document.createElement("div");
      write(root, text, isMarkdown);
      expect(root.textContent).toBe(
        isMarkdown ? shown.replace("\n", root.querySelector("br") ? "" : "\n") : shown,
      );
    }
  });

  it("does so before what shows it right has loaded", async () => {
    const root = document.body.appendChild(document.createElement("div"));
    render(<RichText text={OVERRIDDEN} />, root);
    const seen = () => root.textContent;
    expect(seen()).toBe("open gnp.exe, left and right");
    await act(async () => void await import("../../../kit/text/write.ts"));
    expect(seen()).toBe("open gnp.exe, left and right");
    render(null, root);
    root.remove();
  });

  it("is quickly done with, however many there are", () => {
    const root = document.createElement("div");
    write(root, "\u2067".repeat(60_000) + "a");
    expect(root.textContent).toBe("a");
  });
});
