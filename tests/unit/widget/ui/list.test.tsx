// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeCore, type FakeCore, type FakeList } from "../../../support/fake_core.ts";
import { MESSAGES, minutesAgo, ORDERS, readySession, sampleItem } from "../../../support/sample_widget.ts";
import { placeKey } from "../../../../widget/core/outboxes.ts";
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

  it("says which last words are the visitor's own", async () => {
    const items = [
      sampleItem({ id: "1", title: "Ferns", preview: "Thank you!", previewRole: "visitor" }),
      sampleItem({ id: "2", title: "Ivy", preview: "Any time.", previewRole: "operator" }),
      sampleItem({ id: "3", title: "Moss", preview: "", previewRole: "visitor" }),
    ];
    await set({ items });
    expect(rows().map((row) => row.querySelector(".row-preview")?.textContent))
      .toEqual(["You: Thank you!", "Any time.", ""]);
  });

  it("says where the last words were deleted", async () => {
    await set({ items: [sampleItem({ id: "1", previewRole: "visitor" }), sampleItem({ id: "2" })] });
    expect(rows().map((row) => row.querySelector(".row-preview")?.textContent))
      .toEqual(["This message was deleted.", ""]);
  });

  it("says where a message was not sent or is a draft, and has a row for the conversation that could not begin", async () => {
    await doing(() => {
      core.notSent.value = new Map([
        [placeKey("messages", "1"), { text: "How much", isDraft: true }],
        [placeKey("messages", "2"), { text: "Too wet?", isDraft: false }],
        [placeKey("messages", null), { text: "Do you sell moss?", isDraft: false }],
      ]);
    });
    expect(rows().map((row) => [".row-preview", ".chip"].map((part) => row.querySelector(part)?.textContent)))
      .toEqual([
        ["Do you sell moss?", "Not sent"],
        ["How much", "Draft"],
        ["Too wet?", "Not sent"],
        ["", undefined],
      ]);
    const marked = rows().filter((row) => row.textContent?.includes("Not sent"));
    expect(marked.map((row) => row.querySelector(".row-title")?.textContent)).toEqual([
      "New conversation",
      "Ivy",
    ]);
    await doing(() => marked[0]?.click());
    expect(core.threads).toHaveLength(1);
    expect(panel.find("textarea")).toBeDefined();
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
    await vi.waitFor(() => expect(loadMore).toHaveBeenCalled());
  });
});

describe("a list of 1,000 rows", () => {
  const ITEM_COUNT = 1000;
  let panel: MountedPanel;
  let core: FakeCore;
  const rows = () => [...panel.dialog.querySelectorAll<HTMLElement>(".row")];
  const positions = () => rows().map((row) => Number(row.closest("li")?.getAttribute("aria-posinset")));
  const focused = () => (panel.frame.getRootNode() as ShadowRoot).activeElement as HTMLElement;
  const scrollTo = (row: number) =>
    doing(() => {
      panel.find(".scroll").scrollTop = row * 72;
      panel.find(".scroll").dispatchEvent(new Event("scroll"));
    });
  const pressed = (key: string) => doing(() => press(focused(), key));

  beforeEach(async () => {
    const messages = Array.from({ length: ITEM_COUNT }, (_, index) => sampleItem({ id: `${index + 1}` }));
    core = createFakeCore({ session: readySession(), items: { messages } });
    panel = await showPanel(core);
  });
  afterEach(() => panel.unmount());

  it("has at most 80 in the document at any scroll position, those in view among them", async () => {
    for (let first = 0; first < ITEM_COUNT; first += 111) {
      await scrollTo(first);
      expect(rows().length).toBeLessThanOrEqual(80);
      const inView = Array.from({ length: Math.min(12, ITEM_COUNT - first) }, (_, row) => first + row + 1);
      expect(positions()).toEqual(expect.arrayContaining(inView));
    }
  });

  it("gives each its place in the whole list", async () => {
    await scrollTo(500);
    let above = 0;
    for (const row of rows()) {
      const li = row.closest("li") as HTMLElement;
      above += Number.parseFloat(li.style.marginTop || "0") / 72;
      expect([row.dataset.id, li.getAttribute("aria-posinset")]).toEqual([`${above + 1}`, `${above + 1}`]);
      expect(li.getAttribute("aria-setsize")).toBe("1000");
      above++;
    }
    expect(panel.find(".rows").style.minHeight).toBe(`${ITEM_COUNT * 72}px`);
  });

  it("doesn't say how many there are while there are more", async () => {
    await doing(() => {
      const { state } = core.lists.get("messages") as FakeList;
      state.value = { ...state.value, hasMore: true, loadingMore: true };
    });
    expect(panel.find(".rows li").getAttribute("aria-setsize")).toBe("-1");
  });

  it("is walked through by keys beyond what stands in the document", async () => {
    rows()[0]?.focus();
    await pressed("End");
    expect(focused().dataset.id).toBe("1000");
    await pressed("ArrowUp");
    expect(focused().dataset.id).toBe("999");
    await pressed("Home");
    expect(focused().dataset.id).toBe("1");
    for (let step = 0; step < 90; step++) await pressed("ArrowDown");
    expect(focused().dataset.id).toBe("91");
    expect(rows().filter((row) => row.tabIndex === 0)).toEqual([focused()]);
  });

  it("keeps the focused row where it is while others are scrolled into view", async () => {
    await scrollTo(300);
    rows().find((row) => row.dataset.id === "305")?.focus();
    await scrollTo(900);
    expect(focused().dataset.id).toBe("305");
    await pressed("ArrowDown");
    expect(focused().dataset.id).toBe("306");
    await scrollTo(0);
    expect(focused().dataset.id).toBe("306");
    expect(positions()).toEqual([...positions()].sort((a, b) => a - b));
  });

  it("takes no focus that a key has not moved", async () => {
    rows()[0]?.focus();
    await pressed("Home");
    const elsewhere = panel.find<HTMLElement>(".compose");
    elsewhere.focus();
    await scrollTo(500);
    expect(focused()).toBe(elsewhere);
  });

  it("has the focus on the opened row again after the way back", async () => {
    await scrollTo(700);
    await doing(() => rows().find((row) => row.dataset.id === "707")?.click());
    await doing(() => panel.button("Back").click());
    expect(focused().dataset.id).toBe("707");
  });

  it("shows what is left when it becomes short", async () => {
    await scrollTo(900);
    await doing(() => {
      const { state } = core.lists.get("messages") as FakeList;
      state.value = { ...state.value, items: state.value.items.slice(0, 3) };
    });
    await scrollTo(0);
    expect(positions()).toEqual([1, 2, 3]);
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

  it.each(["anonymous_not_allowed", "invalid_user_token"] as const)(
    "that failed with %s leads to the sign-in",
    async (code) => {
      const core = createFakeCore({ session: { status: "failed", problem: { code, message: "" } } });
      const panel = await showPanel(core, { signInUrl: "/sign-in" });
      expect(panel.find("a.button").getAttribute("href")).toBe("/sign-in");
      expect(panel.find("a.button").textContent).toBe("Sign in");
      await doing(() => {
        core.session.value = { status: "failed", problem: { code: "network", message: "" } };
      });
      expect(panel.dialog.querySelector("a")).toBeNull();
      panel.unmount();

      const without = await showPanel(core);
      await doing(() => {
        core.session.value = { status: "failed", problem: { code, message: "" } };
      });
      expect(without.dialog.querySelector("a")).toBeNull();
      without.unmount();
    },
  );

  it("names the dialog after the agent", async () => {
    const panel = await showPanel(createFakeCore({ session: readySession() }));
    expect(panel.dialog.getAttribute("aria-label")).toBe("Fern & Fable");
    panel.unmount();
  });

  it("turns the panel around for a right-to-left language", async () => {
    const panel = await showPanel(createFakeCore({ session: readySession() }), { locale: "he" });
    await vi.waitFor(() => expect(panel.dialog.dir).toBe("rtl"));
    expect(panel.dialog.lang).toBe("he");
    panel.unmount();
  });
});
