// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { install } from "../../../../widget/loader/api.ts";
import type { Chunks } from "../../../../widget/loader/chunks.ts";
import type { LoaderConfig } from "../../../../widget/loader/config.ts";
import { createMemory } from "../../../../widget/loader/memory.ts";
import type { Widget, WidgetParts } from "../../../../widget/loader/widget/widget.ts";

const AGENT: LoaderConfig = { agentId: "agent-1", apiOrigin: "https://project.example" };
const memory = createMemory(AGENT);

/** Chunks whose widget only writes down what it is asked to do. */
function fakeChunks() {
  const calls: unknown[][] = [];
  const widget: Widget = {
    run: (...call) => void calls.push(call),
    start: () => void calls.push(["start"]),
    shutdown: () => void calls.push(["shutdown"]),
  };
  const core = vi.fn(() => Promise.resolve({ createWidget: (_: WidgetParts) => widget }));
  const ui = vi.fn(() => Promise.resolve({ mountPanel: vi.fn() }));
  return { calls, core, ui, chunks: { core, ui } as Chunks };
}

const hosts = () => document.querySelectorAll("heddle-widget");
const launcher = () => {
  const button = hosts()[0]?.shadowRoot?.querySelector<HTMLButtonElement>(".launcher");
  if (!button) throw new Error("There is no launcher.");
  return button;
};

function stub(...calls: unknown[][]) {
  const queue: unknown[][] = calls;
  globalThis.heddle = Object.assign(() => {}, { q: queue });
}

afterEach(() => {
  globalThis.heddle?.("shutdown");
  globalThis.heddle = undefined;
  localStorage.clear();
  sessionStorage.clear();
});

describe("the script tag", () => {
  it("shows a launcher and loads nothing for a first-time visitor", async () => {
    const { chunks, core, ui } = fakeChunks();
    install(AGENT, chunks);
    await whenIdleIsOver();
    expect(launcher().ariaLabel).toBe("Open messages");
    expect(core).not.toHaveBeenCalled();
    expect(ui).not.toHaveBeenCalled();
  });

  it("stores nothing for a first-time visitor, whatever the page does short of opening", async () => {
    install(AGENT, fakeChunks().chunks);
    launcher().dispatchEvent(new Event("pointerenter"));
    globalThis.heddle?.("on", "unread", () => {});
    globalThis.heddle?.("logout");
    globalThis.heddle?.("shutdown");
    await whenIdleIsOver();
    expect([localStorage.length, sessionStorage.length]).toEqual([0, 0]);
  });

  it("loads the core when idle for a visitor with a user token", async () => {
    const { chunks, calls } = fakeChunks();
    install({ ...AGENT, userToken: "token" }, chunks);
    await vi.waitFor(() => expect(calls).toEqual([["start"]]));
  });

  it("loads the core when idle for an anonymous visitor who has been here before", async () => {
    memory.remember({ visitor: "anonymous" });
    const { chunks, calls } = fakeChunks();
    install(AGENT, chunks);
    await vi.waitFor(() => expect(calls).toEqual([["start"]]));
  });

  it("waits for a visitor who was identified before to be identified again", async () => {
    memory.remember({ visitor: "identified" });
    const { chunks, core } = fakeChunks();
    install(AGENT, chunks);
    await whenIdleIsOver();
    expect(core).not.toHaveBeenCalled();
  });

  it("has the display that the agent had on the last page", () => {
    memory.remember({ accent: "#112233", launcher: "Ask us" });
    install(AGENT, fakeChunks().chunks);
    expect(launcher().ariaLabel).toBe("Ask us");
  });

  it("gets a head start when the pointer comes near, without starting anything", async () => {
    const { chunks, core, ui, calls } = fakeChunks();
    install(AGENT, chunks);
    launcher().dispatchEvent(new Event("pointerenter"));
    await whenIdleIsOver();
    expect(core).toHaveBeenCalledOnce();
    expect(ui).toHaveBeenCalledOnce();
    expect(calls).toEqual([]);
  });
});

describe("the command queue", () => {
  it("carries out calls made before the script had loaded, in their order", async () => {
    const onReady = () => {};
    stub(["on", "ready", onReady], ["open"]);
    const { chunks, calls } = fakeChunks();
    install(AGENT, chunks);
    await vi.waitFor(() => expect(calls).toEqual([["on", "ready", onReady], ["open"]]));
  });

  it("keeps listeners waiting until something needs the widget", async () => {
    const { chunks, calls, core } = fakeChunks();
    install(AGENT, chunks);
    const onUnread = () => {};
    globalThis.heddle?.("on", "unread", onUnread);
    await whenIdleIsOver();
    expect(core).not.toHaveBeenCalled();
    launcher().click();
    await vi.waitFor(() => expect(calls).toEqual([["on", "unread", onUnread], ["toggle"]]));
  });

  it("hands later calls straight on", async () => {
    const { chunks, calls } = fakeChunks();
    install(AGENT, chunks);
    globalThis.heddle?.("open");
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    globalThis.heddle?.("close");
    expect(calls).toEqual([["open"], ["close"]]);
  });

  it("loads the core to log out only where somebody was known", async () => {
    const nobody = fakeChunks();
    install(AGENT, nobody.chunks);
    globalThis.heddle?.("logout");
    await whenIdleIsOver();
    expect(nobody.core).not.toHaveBeenCalled();
    globalThis.heddle?.("shutdown");

    memory.remember({ visitor: "identified" });
    const somebody = fakeChunks();
    install(AGENT, somebody.chunks);
    globalThis.heddle?.("logout");
    await vi.waitFor(() => expect(somebody.calls).toEqual([["logout"]]));
  });

  it("hides and shows the launcher without loading anything", () => {
    const { chunks, core } = fakeChunks();
    install(AGENT, chunks);
    globalThis.heddle?.("hide");
    expect(launcher().hidden).toBe(true);
    globalThis.heddle?.("show");
    expect(launcher().hidden).toBe(false);
    expect(core).not.toHaveBeenCalled();
  });
});

describe("a core that cannot be loaded", () => {
  it("is said beside the launcher and to the page, and can be tried again", async () => {
    const { chunks, core, calls } = fakeChunks();
    core.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    const onError = vi.fn();
    install(AGENT, chunks);
    globalThis.heddle?.("on", "error", onError);
    launcher().click();
    await vi.waitFor(() =>
      expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: "network" }))
    );
    const note = hosts()[0]?.shadowRoot?.querySelector(".note");
    expect(note?.textContent).toContain("could not be loaded");

    launcher().click();
    await vi.waitFor(() => expect(calls).toEqual([["on", "error", onError], ["toggle"]]));
    expect(note?.textContent).toBe("");
  });
});

describe("loaded twice", () => {
  it("stays one widget", () => {
    const { chunks } = fakeChunks();
    install(AGENT, chunks);
    const heddle = globalThis.heddle;
    install(AGENT, fakeChunks().chunks);
    expect(hosts()).toHaveLength(1);
    expect(globalThis.heddle).toBe(heddle);
  });

  it("passes the user token of the second tag on", async () => {
    const { chunks, calls } = fakeChunks();
    install({ ...AGENT, userToken: "first" }, chunks);
    await vi.waitFor(() => expect(calls).toEqual([["start"]]));
    install({ ...AGENT, userToken: "first" }, chunks);
    install({ ...AGENT, userToken: "second" }, chunks);
    install(AGENT, chunks);
    expect(calls).toEqual([["start"], ["identify", "second"], ["logout"]]);
  });

  it("leaves an anonymous visitor in when a page is swapped for one with the same tag", async () => {
    memory.remember({ visitor: "anonymous" });
    localStorage.setItem("heddle:agent-1:visitor", "token");
    const { chunks, calls } = fakeChunks();
    install(AGENT, chunks);
    await vi.waitFor(() => expect(calls).toEqual([["start"]]));
    install(AGENT, chunks);
    expect(calls).toEqual([["start"]]);
    expect(localStorage.getItem("heddle:agent-1:visitor")).toBe("token");
  });

  it("stays when a tag of another agent comes later, and tells the page's author", async () => {
    const told = vi.spyOn(console, "error").mockImplementation(() => {});
    const { chunks, calls } = fakeChunks();
    install({ ...AGENT, userToken: "token" }, chunks);
    const first = [...hosts()];
    for (let round = 0; round < 2; round++) {
      install({ ...AGENT, agentId: "agent-2", userToken: "other" }, fakeChunks().chunks);
      await vi.waitFor(() => expect(calls).toEqual([["start"]]));
    }
    expect([...hosts()]).toEqual(first);
    expect(told.mock.calls).toEqual(Array(2).fill(["heddle: agent agent-1 is here already."]));
    told.mockRestore();
  });
});

describe("shutdown", () => {
  it("takes node and global away and stops the widget", async () => {
    const { chunks, calls } = fakeChunks();
    install({ ...AGENT, userToken: "token" }, chunks);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    globalThis.heddle?.("shutdown");
    expect(hosts()).toHaveLength(0);
    expect(globalThis.heddle).toBeUndefined();
    expect(calls.at(-1)).toEqual(["shutdown"]);
  });

  it.each(["null", "7", "{{{", "[]"])("shows its launcher where %s is stored of earlier pages", (stored) => {
    localStorage.setItem(memory.key, stored);
    install(AGENT, fakeChunks().chunks);
    expect(launcher().ariaLabel).toBe("Open messages");
  });

  it("forgets the visitor, so that whoever comes next on this browser is somebody else", () => {
    memory.remember({ accent: "#112233", visitor: "anonymous" });
    localStorage.setItem("heddle:agent-1:visitor", "token");
    sessionStorage.setItem("heddle:agent-1:session", "{}");
    install(AGENT, fakeChunks().chunks);
    globalThis.heddle?.("shutdown");
    expect(localStorage.getItem("heddle:agent-1:visitor")).toBeNull();
    expect(sessionStorage.length).toBe(0);
    expect(memory.recall()).toEqual({ accent: "#112233" });
  });

  it("ends a load that was still to come", async () => {
    const { chunks, core } = fakeChunks();
    install({ ...AGENT, userToken: "token" }, chunks);
    globalThis.heddle?.("shutdown");
    await whenIdleIsOver();
    expect(core).not.toHaveBeenCalled();
  });

  it("makes nothing of a core that arrives too late", async () => {
    const { chunks, calls } = fakeChunks();
    install(AGENT, chunks);
    globalThis.heddle?.("open");
    globalThis.heddle?.("shutdown");
    await whenIdleIsOver();
    expect(calls).toEqual([]);
  });
});

/** Later than whatever was put off until the page has nothing to do. */
function whenIdleIsOver(): Promise<void> {
  return new Promise((resolve) =>
    "requestIdleCallback" in globalThis ? requestIdleCallback(() => resolve()) : setTimeout(resolve, 5)
  );
}
