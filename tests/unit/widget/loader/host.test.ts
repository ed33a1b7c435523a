// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { createHost, type Host } from "../../../../widget/loader/host.ts";

const CONFIG = { agentId: "a", apiOrigin: "https://project.example" };
const hosts = () => document.querySelectorAll("heddle-widget");

describe("the widget's element", () => {
  let host: Host | undefined;
  afterEach(() => host?.remove());

  it("stands beside the body, and stays there when a router swaps that", async () => {
    host = createHost(CONFIG);
    const [element] = hosts();
    document.body.replaceWith(document.createElement("body"));
    document.body.replaceChildren();
    await new Promise(setImmediate);
    expect([...hosts()]).toEqual([element]);
    expect(element?.parentNode).toBe(document.documentElement);
  });

  it("comes back, once, when a router clears all away that it does not know", async () => {
    host = createHost(CONFIG);
    const [element] = hosts();
    for (let round = 0; round < 2; round++) {
      document.documentElement.replaceChildren(
        document.createElement("head"),
        document.createElement("body"),
      );
      await vi.waitFor(() => expect([...hosts()]).toEqual([element]));
    }
  });

  it("comes back when the whole document is another one", async () => {
    host = createHost(CONFIG);
    const [element] = hosts();
    for (let round = 0; round < 2; round++) {
      const other = document.createElement("html");
      other.append(document.createElement("head"), document.createElement("body"));
      document.documentElement.remove();
      document.append(other);
      await vi.waitFor(() => expect([...hosts()]).toEqual([element]));
    }
  });

  it("lets a page have its way that takes it out each time", async () => {
    let runs = 0;
    const script = new MutationObserver(() => {
      // A loop of microtasks would never let the test end.
      if (++runs > 500) return script.disconnect();
      for (const element of hosts()) element.remove();
    });
    script.observe(document.documentElement, { childList: true });
    host = createHost(CONFIG);
    await vi.waitFor(() => expect(hosts()).toHaveLength(0));
    await new Promise(setImmediate);
    script.disconnect();
    expect(runs).toBeLessThan(500);
  });

  it("tells what is inside that it was attached again", async () => {
    host = createHost(CONFIG);
    const onAttached = vi.fn();
    host.frame.addEventListener("attached", onAttached);
    hosts()[0]?.remove();
    await vi.waitFor(() => expect(onAttached).toHaveBeenCalledOnce());
  });

  it("stays away after its removal", async () => {
    host = createHost(CONFIG);
    host.remove();
    document.body.append(document.createElement("p"));
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
    expect(hosts()).toHaveLength(0);
  });

  it("stands on the left of a right-to-left page unless told otherwise", () => {
    document.documentElement.dir = "rtl";
    document.body.style.direction = "rtl";
    host = createHost(CONFIG);
    expect(host.frame.dataset.side).toBe("left");
    host.remove();
    host = createHost({ ...CONFIG, position: "right" });
    expect(host.frame.dataset.side).toBe("right");
    document.body.style.direction = "";
    document.documentElement.dir = "";
  });
});
