// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from "vitest";
import { loadStrings } from "../../../../kit/strings/catalogue.ts";
import { mountPanel, type Panel, type PanelOptions } from "../../../../widget/ui/main.tsx";
import { doing, showPanel } from "./support.ts";
import { createFakeCore, type FakeCore, type FakeList } from "../../../support/fake_core.ts";
import { MESSAGES, readySession, sampleItem } from "../../../support/sample_widget.ts";

const PROBLEM = { code: "source_rejected", message: "We are closed." } as const;

let panel: Panel;
afterEach(() => {
  panel.unmount();
  vi.unstubAllGlobals();
});

function showFrame(core: FakeCore, onClose = () => {}, options: PanelOptions = {}): HTMLElement {
  const frame = document.createElement("div");
  document.body.append(frame);
  panel = mountPanel({ frame, addStyles() {}, core, options, speak: loadStrings, onClose });
  panel.show();
  return frame;
}

it("shows the panel's frame, which can be closed, before its content", async () => {
  const items = { [MESSAGES.id]: [sampleItem({ id: "1", title: "Too dark?" })] };
  const core = createFakeCore({ session: readySession(), items });
  const onClose = vi.fn();
  const frame = showFrame(core, onClose);

  expect(frame.querySelector(".row")).toBeNull();
  frame.querySelector<HTMLElement>(`[aria-label="${panel.closeLabel}"]`)?.click();
  expect(onClose).toHaveBeenCalledOnce();

  await vi.waitFor(() => expect(frame.querySelector(".row")?.textContent).toContain("Too dark?"));
});

it("of an agent without tabs says that there is nothing yet, and tells the owner why in the console", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const frame = showFrame(createFakeCore({ session: { ...readySession(), tabs: [] } as never }));

  await vi.waitFor(() => expect(frame.textContent).toContain("Nothing here yet."));
  await vi.waitFor(() =>
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("has no tabs"))
  );
  warn.mockRestore();
});

it("shows what has failed before the content was drawn: a list", async () => {
  const core = createFakeCore({ session: readySession(), items: {} });
  const frame = showFrame(core);
  const { state } = core.list(MESSAGES.id) as FakeList;
  state.value = { ...state.value, status: "failed", problem: PROBLEM };

  await vi.waitFor(() => expect(frame.textContent).toContain(PROBLEM.message));
});

it("shows what has failed before the content was drawn: the session", async () => {
  const core = createFakeCore({ session: { status: "loading" } });
  const frame = showFrame(core);
  core.session.value = { status: "failed", problem: PROBLEM };

  await vi.waitFor(() => expect(frame.textContent).toContain(PROBLEM.message));
});

it("shows what the former page showed, in a language that is loaded, too", async () => {
  const items = { [MESSAGES.id]: [sampleItem({ id: "1", title: "Too dark?" })] };
  const core = createFakeCore({ session: readySession(), items });
  core.shownText = JSON.stringify({ tabId: MESSAGES.id, itemId: "1" });
  const frame = showFrame(core, () => {}, { locale: "de" });

  await vi.waitFor(() => expect(frame.querySelector(".over")).not.toBeNull());
  expect(frame.querySelector<HTMLElement>("[role=dialog]")?.lang).toBe("de");
  expect(core.shownText).toContain('"1"');
});

it("is in the page's language from its frame on", async () => {
  const core = createFakeCore({ session: { status: "loading" } });
  const frame = document.body.appendChild(document.createElement("div"));
  const strings = await loadStrings("de");
  const parts = { frame, addStyles() {}, core, options: { locale: "de" }, strings, speak: loadStrings };
  panel = mountPanel({ ...parts, onClose() {} });
  panel.show();
  expect(frame.querySelector("h2")?.textContent).toBe("Nachrichten");
  expect(panel.closeLabel).toBe("Nachrichten schließen");

  core.session.value = readySession();
  await vi.waitFor(() => expect(frame.textContent).toContain("Noch keine Unterhaltungen."));
});

it("falls back to English words where a language has none, with times of that language", async () => {
  const frame = showFrame(createFakeCore({ session: readySession() }), () => {}, { locale: "ja" });
  await vi.waitFor(() => expect(frame.textContent).toContain("No conversations yet."));
  expect(frame.querySelector<HTMLElement>("[role=dialog]")?.lang).toBe("ja");
});

const TABS = [MESSAGES, { ...MESSAGES, id: "help", name: "Help" }, {
  ...MESSAGES,
  id: "sales",
  name: "Sales",
}];
const chosen = (frame: HTMLElement) => frame.querySelector("[role=tab][aria-selected=true]")?.textContent;

it.each([
  ["the first tab", "where nothing is unread", {}, null, "Messages"],
  ["the first tab that has something unread", "else", { messages: 0, help: 2, sales: 1 }, null, "Help"],
  ["what the former page showed", "in any case", { messages: 0, help: 2 }, "sales", "Sales"],
])("opens on %s %s", async (_, _when, unread, former, expected) => {
  const core = createFakeCore({ session: readySession({ tabs: TABS }) });
  core.unreadByTab.value = unread;
  core.shownText = former && JSON.stringify({ tabId: former });
  const frame = showFrame(core);

  await vi.waitFor(() => expect(chosen(frame)).toContain(expected));
});

it("opened again on the same page, is on the first tab with something unread, unless a thread is open", async () => {
  const items = { sales: [sampleItem({ id: "1", title: "Ferns" })] };
  const core = createFakeCore({ session: readySession({ tabs: TABS }), items });
  const shown = await showPanel(core);
  panel = shown;
  expect(chosen(shown.frame)).toContain("Messages");
  const again = async (unread: Record<string, number>) => {
    await doing(() => shown.hide());
    core.unreadByTab.value = unread;
    await doing(() => shown.show());
  };
  await again({});
  expect(chosen(shown.frame)).toContain("Messages");
  await again({ messages: 0, sales: 2 });
  expect(chosen(shown.frame)).toContain("Sales");
  await doing(() => shown.find(".row").click());
  await again({ help: 1 });
  expect(chosen(shown.frame)).toContain("Sales");
});

it("draws its content in a page without frames, too", async () => {
  vi.stubGlobal("requestAnimationFrame", () => 0);
  const items = { [MESSAGES.id]: [sampleItem({ id: "1", title: "Too dark?" })] };
  const frame = showFrame(createFakeCore({ session: readySession(), items }));

  await vi.waitFor(() => expect(frame.querySelector(".row")).not.toBeNull());
});
