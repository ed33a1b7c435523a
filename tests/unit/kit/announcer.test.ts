// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ThreadEntry } from "../../../client/sync/pending.ts";
import { announce } from "../../../kit/conversation/announcer.ts";
import { en } from "../../../kit/strings/en.ts";
import { sampleEntry } from "../../support/sample_widget.ts";

const THEIRS = { role: "operator", name: "Maya" } as const;
const OWN = { role: "visitor" } as const;

const entry = (id: string, author: ThreadEntry["author"] = THEIRS, more: Partial<ThreadEntry> = {}) =>
  sampleEntry({ id, body: `text ${id}`, author, ...more });

let region: HTMLElement;
beforeEach(() => {
  vi.useFakeTimers();
  region = document.createElement("div");
});
afterEach(() => void vi.useRealTimers());

function said(...entries: ThreadEntry[]): string | null {
  const textOf = ({ author, body }: ThreadEntry) => author.role === "visitor" ? "" : body;
  announce(region, { entries, ready: true, textOf }, en);
  return region.textContent;
}

describe("what came while nobody was told", () => {
  it("is announced in whole, not its last message alone", () => {
    said(entry("1"));
    expect(said(entry("1"), entry("2"), entry("3"))).toBe("text 2\ntext 3");
  });

  it("is announced also with an own message after it", () => {
    said(entry("1"));
    expect(said(entry("1"), entry("2"), entry("3", OWN))).toBe("text 2");
  });

  it("is announced without the signs of the Markdown that bots write, of others as it was written", () => {
    const body = "**Yes**, see [the list](https://shop.example/list):\n\n- `fern`\n- *moss*";
    said(entry("1"));
    expect(said(entry("1"), entry("2", { role: "bot" }, { body }), entry("3", THEIRS, { body: "2**3" })))
      .toBe("Yes, see the list:\n\n- fern\n- moss\n2**3");
  });

  it("is announced by number where it is much", () => {
    said(entry("1"));
    expect(said(entry("1"), entry("2"), entry("3"), entry("own", OWN), entry("4"), entry("5")))
      .toBe("4 new messages");
  });

  it("goes from the page as soon as one of it is deleted", () => {
    said(entry("1"));
    said(entry("1"), entry("2"), entry("3"));
    expect(said(entry("1"), entry("3"))).toBe("");
  });
});

it("what is there at first, and older messages that are read in above, are no news", () => {
  expect(said(entry("2"), entry("3"))).toBe("");
  expect(said(entry("0"), entry("1"), entry("2"), entry("3"))).toBe("");
});

it("the first message of an empty thread is announced", () => {
  said();
  expect(said(entry("1"))).toBe("text 1");
});

it("a message that grows is announced once it is whole, with what came after it", () => {
  said(entry("1"));
  expect(said(entry("1"), entry("2", THEIRS, { status: "streaming" }))).toBe("");
  expect(said(entry("1"), entry("2"), entry("3"))).toBe("text 2\ntext 3");
});

it("it does not stay in the page", () => {
  said();
  said(entry("1"));
  vi.advanceTimersByTime(5000);
  expect(region.textContent).toBe("");
});
