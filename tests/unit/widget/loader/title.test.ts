// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTitlePrefix } from "../../../../widget/loader/widget/title.ts";

describe("the title's prefix", () => {
  let title: ReturnType<typeof createTitlePrefix>;

  beforeEach(() => {
    document.title = "Shop";
    title = createTitlePrefix();
  });
  afterEach(() => title.set(0));

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

  it("leaves a title alone that it did not change", () => {
    document.title = "(2) Ways to water a fern";
    title.set(0);
    expect(document.title).toBe("(2) Ways to water a fern");
  });
});
