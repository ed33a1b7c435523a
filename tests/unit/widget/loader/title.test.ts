// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTitlePrefix } from "../../../../widget/loader/widget/title.ts";

/** Mutations have been observed. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("the title's prefix", () => {
  let title: ReturnType<typeof createTitlePrefix>;

  beforeEach(() => {
    document.title = "Shop";
    title = createTitlePrefix();
  });
  afterEach(() => title.end());

  it("tells how many messages are unread", () => {
    title.set(3);
    expect(document.title).toBe("(3) Shop");
    title.set(12);
    expect(document.title).toBe("(12) Shop");
  });

  it("goes when everything is read", () => {
    title.set(3);
    title.set(0);
    expect(document.title).toBe("Shop");
  });

  it("returns when the page changes its title", async () => {
    title.set(3);
    document.title = "Cart";
    await vi.waitFor(() => expect(document.title).toBe("(3) Cart"));
    title.set(0);
    expect(document.title).toBe("Cart");
  });

  it("is neither left over nor doubled when a router puts back a title that it had remembered", async () => {
    title.set(1);
    const remembered = document.title;
    expect(remembered).toBe("(1) Shop");
    title.set(0);
    expect(document.title).toBe("Shop");
    document.title = remembered;
    await vi.waitFor(() => expect(document.title).toBe("Shop"));
    title.set(1);
    document.title = remembered;
    await settled();
    expect(document.title).toBe("(1) Shop");
    title.set(2);
    document.title = remembered;
    await vi.waitFor(() => expect(document.title).toBe("(2) Shop"));
  });

  it.each(["title", "head"] as const)('works on pages with an element named "%s"', async (name) => {
    Object.defineProperty(document, name, { value: document.createElement("img"), configurable: true });
    const read = () => document.querySelector("title")?.textContent;
    const write = (text: string) => (document.querySelector("title") as HTMLElement).textContent = text;
    try {
      title.set(3);
      expect(read()).toBe("(3) Shop");
      write("Cart");
      await vi.waitFor(() => expect(read()).toBe("(3) Cart"));
      title.set(0);
      expect(read()).toBe("Cart");
    } finally {
      Reflect.deleteProperty(document, name);
    }
  });

  it("leaves a title alone that it did not change", () => {
    document.title = "(2) Ways to water a fern";
    title.set(0);
    expect(document.title).toBe("(2) Ways to water a fern");
  });
});
