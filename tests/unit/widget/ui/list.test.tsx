// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeCore, type FakeCore, type FakeList } from "../../../support/fake_core.ts";
import { MESSAGES, minutesAgo, ORDERS, readySession, sampleItem } from "../../../support/sample_widget.ts";
import { doing, type MountedPanel, press, showPanel } from "./support.ts";

const ITEMS = {
  messages: [
    sampleItem({
      id: "1",
      title: "Ferns",
      preview: "Not too much water",
      unread: 2,
      timestamp: minutesAgo(3),
    }),
    sampleItem({ id: "2", title: "Ivy" }),
    sampleItem({ id: "3" }),
  ],
  orders: [sampleItem({ id: "o1", title: "Order #1042", status: "Shipped" })],
};

describe("a list", () => {
  let core: FakeCore;
  let panel: MountedPanel;
  const list = (id = "messages") => core.lists.get(id) as FakeList;
  const rows = () => [...panel.dialog.querySelectorAll<HTMLElement>(".row")];
  const focused = () => (panel.frame.getRootNode() as ShadowRoot).activeElement;
  const set = (changes: Partial<FakeList["state"]["value"]>) =>
    doing(() => {
      list().state.value = { ...list().state.value, ...changes };
    });

  beforeEach(async () => {
    core = createFakeCore({ session: readySession(), items: ITEMS });
    core.unreadByTab.value = { messages: 2 };
    panel = await showPanel(core);
  });
  afterEach(() => panel.unmount());

  it("is fetched when it is shown", () => {
    expect(list().opened).toBe(1);
    expect(core.lists.has("orders")).toBe(false);
  });

  it("shows title, preview, time and unread messages of each row", () => {
    const [first, , last] = rows();
    expect(first?.textContent).toContain("Ferns");
    expect(first?.textContent).toContain("Not too much water");
    expect(first?.textContent).toContain("2 unread");
    expect(first?.querySelector("time")).not.toBeNull();
    expect(last?.textContent).toContain("Conversation");
  });

  it("is one tab stop whose rows the arrow keys reach", async () => {
    expect(rows().map((row) => row.tabIndex)).toEqual([0, -1, -1]);
    rows()[0]?.focus();
    await doing(() => press(rows()[0] as HTMLElement, "ArrowDown"));
    expect(focused()).toBe(rows()[1]);
    expect(rows().map((row) => row.tabIndex)).toEqual([-1, 0, -1]);
    await doing(() => press(rows()[1] as HTMLElement, "End"));
    expect(focused()).toBe(rows()[2]);
    await doing(() => press(rows()[2] as HTMLElement, "ArrowDown"));
    expect(focused()).toBe(rows()[2]);
    await doing(() => press(rows()[2] as HTMLElement, "Home"));
    expect(focused()).toBe(rows()[0]);
  });

  it("changes with its tab, whose badge shows the unread count", async () => {
    const tabs = [...panel.dialog.querySelectorAll<HTMLElement>("[role=tab]")];
    expect(tabs[0]?.textContent).toContain("2 unread");
    await doing(() => tabs[1]?.click());
    expect(tabs[1]?.getAttribute("aria-selected")).toBe("true");
    expect(rows().map((row) => row.dataset.id)).toEqual(["o1"]);
    expect(list("orders").opened).toBe(1);
  });

  it("changes its tab with the arrow keys", async () => {
    const tabs = [...panel.dialog.querySelectorAll<HTMLElement>("[role=tab]")];
    tabs[0]?.focus();
    await doing(() => press(tabs[0] as HTMLElement, "ArrowRight"));
    expect(focused()).toBe(tabs[1]);
    expect(rows().map((row) => row.dataset.id)).toEqual(["o1"]);
  });

  it("has no tab bar when there is one tab", async () => {
    await doing(() => {
      core.session.value = readySession({ tabs: [MESSAGES] });
    });
    expect(panel.dialog.querySelector("[role=tablist]")).toBeNull();
  });

  it("shows grey shapes while it is loading", async () => {
    await set({ status: "loading", items: [] });
    expect(panel.find(".skeleton").getAttribute("aria-label")).toBe("Loading");
  });

  it("says why it failed and tries again", async () => {
    await set({
      status: "failed",
      items: [],
      problem: { code: "source_failed", message: "The webhook must answer." },
    });
    expect(panel.text()).toContain("Something went wrong.");
    await doing(() => panel.button("Try again").click());
    expect(list().opened).toBe(2);
  });

  it("keeps its rows when a later refetch fails, and says so", async () => {
    await set({ problem: { code: "network", message: "No answer came." } });
    expect(rows()).toHaveLength(3);
    expect(panel.text()).toContain("No connection.");
  });

  it("says only once that the connection is away", async () => {
    await set({ problem: { code: "network", message: "No answer came." } });
    await doing(() => {
      core.live.value = "offline";
    });
    expect(panel.text()).toContain("Reconnecting");
    expect(panel.text()).not.toContain("No connection.");
  });

  it("offers a conversation where there is none", async () => {
    await set({ items: [] });
    await doing(() => panel.button("Start a conversation").click());
    expect(core.threads).toHaveLength(1);
  });

  it("offers no conversation where none can be created", async () => {
    await doing(() => {
      core.session.value = readySession({ tabs: [{ ...MESSAGES, actions: ["get_items"] }, ORDERS] });
    });
    expect(panel.text()).not.toContain("New conversation");
  });

  it("loads more when there is more", async () => {
    const loadMore = vi.spyOn(list(), "loadMore");
    await set({ hasMore: true });
    expect(loadMore).toHaveBeenCalled();
  });
});

describe("a session", () => {
  it("that failed says why and is started again", async () => {
    const problem = { code: "origin_not_allowed", message: "The origin must be allowed." } as const;
    const core = createFakeCore({ session: { status: "failed", problem } });
    const panel = await showPanel(core);
    expect(panel.text()).toContain("Something went wrong.");
    await doing(() => panel.button("Try again").click());
    expect(core.calls).toEqual(["start"]);
    panel.unmount();
  });

  it("names the dialog after the agent", async () => {
    const panel = await showPanel(createFakeCore({ session: readySession() }));
    expect(panel.dialog.getAttribute("aria-label")).toBe("Fern & Fable");
    panel.unmount();
  });

  it("turns the panel around for a right-to-left language", async () => {
    const panel = await showPanel(createFakeCore({ session: readySession() }), { locale: "he" });
    expect(panel.dialog.dir).toBe("rtl");
    expect(panel.dialog.lang).toBe("he");
    panel.unmount();
  });
});
