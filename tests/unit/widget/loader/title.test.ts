// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
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

  describe("and a page that changes its title meanwhile", () => {
    /** A page's script that answers every change of the title at once. */
    function onChange(change: (title: string) => string) {
      let runs = 0;
      const script = new MutationObserver(() => {
        if (++runs > 500) return script.disconnect();
        const changed = change(document.title);
        if (changed !== document.title) document.title = changed;
      });
      script.observe(document.head, { childList: true, subtree: true, characterData: true });
      onTestFinished(() => script.disconnect());
      return () => runs;
    }

    /** How often the prefix writes the title from here on. */
    function countWrites() {
      let writes = 0;
      const write = Reflect.set;
      const spy = vi.spyOn(Reflect, "set").mockImplementation((...args) => {
        // A loop of microtasks would never let the test end.
        if (++writes > 500) throw new Error("The title is written for ever.");
        return write(...args);
      });
      onTestFinished(() => spy.mockRestore());
      return () => writes;
    }

    it.each(["", "   ", "\n"])("writes once where the page has the title %j", async (empty) => {
      const writes = countWrites();
      title.set(2);
      await settled();
      document.title = empty;
      await vi.waitFor(() => expect(document.title).toBe("(2)"));
      await settled();
      expect(writes()).toBe(2);
      title.set(3);
      expect(document.title).toBe("(3)");
      title.set(0);
      expect(document.title).toBe("");
    });

    it("writes once in front of a title with spaces around it", async () => {
      document.title = "  Shop \n";
      const writes = countWrites();
      title.set(2);
      await settled();
      expect([document.title, writes()]).toEqual(["(2) Shop", 1]);
      title.set(0);
      expect(document.title).toBe("Shop");
    });

    it("gives up, until there is news, where a script takes the prefix away each time", async () => {
      const runs = onChange((text) => text.replace(/^\(\d+\) */, ""));
      title.set(2);
      await settled();
      expect(document.title).toBe("Shop");
      expect(runs()).toBeLessThan(10);
      document.title = "Cart";
      await settled();
      expect(document.title).toBe("Cart");
      expect(runs()).toBeLessThan(20);
    });

    it("gives up where a script answers each change with another title", async () => {
      let place = 0;
      const runs = onChange((text) => text.startsWith("(") ? `Shop ${place++}` : text);
      title.set(2);
      await settled();
      expect(runs()).toBeLessThan(50);
    });

    it("gives up where a script puts back a prefix that is over", async () => {
      title.set(2);
      await settled();
      const runs = onChange(() => "(2) Shop");
      title.set(0);
      await settled();
      expect(runs()).toBeLessThan(10);
    });

    it("comes back, however often, where the page sets the same title from time to time", async () => {
      const time = vi.spyOn(performance, "now");
      onTestFinished(() => time.mockRestore());
      title.set(2);
      for (let minute = 1; minute < 20; minute++) {
        time.mockReturnValue(minute * 60_000);
        document.title = "Shop";
        await settled();
        expect(document.title).toBe("(2) Shop");
      }
    });

    it("keeps to a title that moves all the time", async () => {
      const time = vi.spyOn(performance, "now");
      onTestFinished(() => time.mockRestore());
      title.set(2);
      for (let step = 1; step < 200; step++) {
        time.mockReturnValue(step * 100);
        document.title = `Sale ${step}`;
        await settled();
        expect(document.title).toBe(`(2) Sale ${step}`);
      }
    });
  });

  it("says nothing in a document without a head", () => {
    const read = Reflect.get;
    const spy = vi.spyOn(Reflect, "get").mockImplementation((...args) =>
      args[1] === "head" ? null : read(...args)
    );
    onTestFinished(() => spy.mockRestore());
    expect(() => title.set(2)).not.toThrow();
  });

  it("leaves a title alone that it did not change", () => {
    document.title = "(2) Ways to water a fern";
    title.set(0);
    expect(document.title).toBe("(2) Ways to water a fern");
  });
});
