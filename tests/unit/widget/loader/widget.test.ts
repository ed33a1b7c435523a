// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, type Mock, vi } from "vitest";
import type { CoreOptions } from "../../../../widget/core/core.ts";
import { install } from "../../../../widget/loader/api.ts";
import type { LoaderConfig } from "../../../../widget/loader/config.ts";
import { createMemory } from "../../../../widget/loader/memory.ts";
import { createWidget } from "../../../../widget/loader/widget/widget.ts";
import type { mountPanel as MountPanelFunction } from "../../../../widget/ui/main.tsx";
import { createFakeCore, type FakeCore } from "../../../support/fake_core.ts";
import { readySession } from "../../../support/sample_widget.ts";

const made = vi.hoisted(() => ({ core: undefined as unknown, options: undefined as unknown }));
vi.mock("../../../../widget/core/core.ts", () => ({
  createCore(options: CoreOptions) {
    made.options = options;
    return made.core;
  },
}));

type MountPanel = typeof MountPanelFunction;

const CONFIG: LoaderConfig = { agentId: "agent-1", apiOrigin: "https://project.example" };
const VISITOR = { id: "shopper-1", anonymous: false };

/** What the panel says of the former page. */
let reopens = false;

/** When the panel's content is drawn. */
let filling: Promise<void>;

/** A panel that is nothing but a focusable element. */
function createFakePanel(frame: HTMLElement) {
  const element = document.createElement("div");
  element.tabIndex = -1;
  frame.append(element);
  return {
    closeLabel: "Close",
    wasOpen: () => reopens,
    async show(restored = false, onFilled = () => {}) {
      if (!restored) element.focus();
      await filling;
      element.textContent = "Content";
      onFilled();
    },
    hide() {},
    fill() {},
    unmount: () => element.remove(),
  };
}

describe("the widget", () => {
  let core: FakeCore;
  let mountPanel: Mock<MountPanel>;

  const root = () => document.querySelector("heddle-widget")?.shadowRoot;
  const launcher = () => root()?.querySelector(".launcher") as HTMLButtonElement;
  const heddle = (command: string, ...details: unknown[]) => globalThis.heddle?.(command, ...details);

  function begin(config: Partial<LoaderConfig> = {}) {
    install({ ...CONFIG, ...config }, {
      core: () => Promise.resolve({ createWidget }),
      ui: () => Promise.resolve({ mountPanel }),
    });
  }
  async function opened() {
    heddle("open");
    await vi.waitFor(() => expect(core.calls).toContain("panel open"));
  }

  beforeEach(() => {
    core = createFakeCore({ session: { status: "idle" } });
    made.core = core;
    reopens = false;
    filling = Promise.resolve();
    mountPanel = vi.fn<MountPanel>(({ frame }) => createFakePanel(frame));
    document.title = "Shop";
  });
  afterEach(() => {
    heddle("shutdown");
    localStorage.clear();
  });

  it("starts the session and shows the panel when it is opened", async () => {
    const onOpen = vi.fn();
    begin();
    heddle("on", "open", onOpen);
    await opened();
    expect(core.calls).toEqual(["start", "panel open"]);
    expect(onOpen).toHaveBeenCalledOnce();
    expect(launcher().ariaExpanded).toBe("true");
    expect(launcher().ariaLabel).toBe("Close");
  });

  it("loads the panel ahead for who has a conversation, and not for who only has a session", async () => {
    core.live.value = "off";
    const ui = vi.fn(() => Promise.resolve({ mountPanel }));
    install({ ...CONFIG, userToken: "token" }, { core: () => Promise.resolve({ createWidget }), ui });
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    core.emit("ready", { endUser: VISITOR });
    core.live.value = "connecting";
    await new Promise((resolve) => setTimeout(resolve));
    expect(ui).not.toHaveBeenCalled();

    core.live.value = "live";
    await vi.waitFor(() => expect(ui).toHaveBeenCalledOnce());
    expect(mountPanel).not.toHaveBeenCalled();
  });

  it("fetches for an open panel once its content is there, so that nothing is fetched twice", async () => {
    let fill = () => {};
    filling = new Promise((resolve) => fill = resolve);
    const onOpen = vi.fn();
    begin();
    heddle("on", "open", onOpen);
    heddle("open");
    await vi.waitFor(() => expect(onOpen).toHaveBeenCalledOnce());
    expect(core.calls).toEqual(["start"]);

    fill();
    await vi.waitFor(() => expect(core.calls).toEqual(["start", "panel open"]));
  });

  it("does not take a panel for open that was closed before its content was there", async () => {
    let fill = () => {};
    filling = new Promise((resolve) => fill = resolve);
    const onOpen = vi.fn();
    begin();
    heddle("on", "open", onOpen);
    heddle("open");
    await vi.waitFor(() => expect(onOpen).toHaveBeenCalledOnce());
    heddle("close");
    fill();
    await vi.waitFor(() => expect(root()?.textContent).toContain("Content"));
    await Promise.resolve();
    expect(core.calls).not.toContain("panel open");
  });

  it("mounts the panel once", async () => {
    begin();
    await opened();
    heddle("close");
    heddle("open");
    await vi.waitFor(() => expect(core.calls.filter((call) => call === "panel open")).toHaveLength(2));
    expect(mountPanel).toHaveBeenCalledOnce();
  });

  it("does not open what was closed while it loaded", async () => {
    const onOpen = vi.fn();
    begin();
    heddle("on", "open", onOpen);
    heddle("open");
    heddle("close");
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    expect(mountPanel).not.toHaveBeenCalled();
    expect(onOpen).not.toHaveBeenCalled();
  });

  it("gives the focus back to what had it", async () => {
    const button = document.createElement("button");
    document.body.append(button);
    button.focus();
    begin();
    await opened();
    expect(document.activeElement).not.toBe(button);
    heddle("close");
    expect(document.activeElement).toBe(button);
    button.remove();
  });

  it("closes on Escape, but not while a composition is going on", async () => {
    begin();
    await opened();
    const press = (keyCode: number, isComposing: boolean) =>
      launcher().dispatchEvent(
        new KeyboardEvent("keydown", { key: "Escape", bubbles: true, keyCode, isComposing }),
      );
    press(229, true);
    expect(launcher().ariaExpanded).toBe("true");
    // As Safari tells the key that ended it.
    press(229, false);
    expect(launcher().ariaExpanded).toBe("true");
    press(27, false);
    expect(launcher().ariaExpanded).toBe("false");
  });

  it("shows the unread count on launcher and title", async () => {
    begin({ userToken: "token" });
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    core.emit("unread", 3);
    expect(launcher().ariaLabel).toBe("Open messages (3)");
    expect(launcher().dataset.unread).toBe("3");
    await vi.waitFor(() => expect(document.title).toBe("(3) Shop"));
    core.emit("unread", 120);
    expect(launcher().dataset.unread).toBe("99+");
    core.emit("unread", 0);
    expect(launcher().dataset.unread).toBe("");
    await vi.waitFor(() => expect(document.title).toBe("Shop"));
  });

  it("leaves the title alone if the tag says so", async () => {
    begin({ userToken: "token", title: "off" });
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    core.emit("unread", 3);
    expect(launcher().dataset.unread).toBe("3");
    expect(document.title).toBe("Shop");
  });

  it("calls late listeners with the visitor and the unread count", async () => {
    begin({ userToken: "token" });
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    core.emit("ready", { endUser: VISITOR });
    core.emit("unread", 2);
    const onReady = vi.fn();
    const onUnread = vi.fn();
    heddle("on", "ready", onReady);
    heddle("on", "unread", onUnread);
    expect(onReady).toHaveBeenCalledWith({ endUser: VISITOR });
    expect(onUnread).toHaveBeenCalledWith(2);
  });

  it("stops telling those who went off", async () => {
    begin({ userToken: "token" });
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    const onUnread = vi.fn();
    heddle("on", "unread", onUnread);
    heddle("off", "unread", onUnread);
    core.emit("unread", 2);
    expect(onUnread).not.toHaveBeenCalled();
  });

  it("survives a handler that throws, and reports it", async () => {
    const report = vi.fn();
    vi.stubGlobal("reportError", report);
    begin({ userToken: "token" });
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    const onUnread = vi.fn();
    heddle("on", "unread", () => {
      throw new Error("the page's own");
    });
    heddle("on", "unread", onUnread);
    core.emit("unread", 1);
    expect(onUnread).toHaveBeenCalledWith(1);
    expect(report).toHaveBeenCalledWith(new Error("the page's own"));
    vi.unstubAllGlobals();
  });

  it("remembers display and visitor for the next page", async () => {
    begin({ userToken: "token" });
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    core.session.value = readySession();
    core.emit("ready", { endUser: VISITOR });
    expect(createMemory(CONFIG).recall()).toEqual({
      accent: "#2f6f4f",
      launcher: "Open messages",
      visitor: "identified",
    });
  });

  describe("on a page in another language", () => {
    beforeEach(() => {
      document.documentElement.lang = "de-AT";
    });
    afterEach(() => document.documentElement.removeAttribute("lang"));

    const ready = (display = {}) => {
      const session = readySession() as Extract<ReturnType<typeof readySession>, { status: "ready" }>;
      core.session.value = { ...session, display: { ...session.display, ...display } };
      core.emit("ready", { endUser: VISITOR });
    };
    const isCalled = (name: string) => vi.waitFor(() => expect(launcher().ariaLabel).toBe(name));

    it("the launcher speaks it, on the next page from the beginning", async () => {
      begin({ userToken: "token" });
      await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
      ready();
      core.emit("unread", 3);
      await isCalled("Nachrichten öffnen (3)");
      ready();
      expect(launcher().ariaLabel).toBe("Nachrichten öffnen (3)");
      expect(createMemory(CONFIG).recall()).toEqual({
        accent: "#2f6f4f",
        launcher: "Nachrichten öffnen",
        visitor: "identified",
      });
    });

    it("the owner's own name of the launcher stays", async () => {
      begin({ userToken: "token" });
      await opened();
      ready({ launcher: "Fragen?" });
      heddle("close");
      await isCalled("Fragen?");
    });

    it.each([
      ["its words", undefined, "de-AT", "Senden"],
      ["those that the script tag asks for", "fr", "fr", "Envoyer"],
      ["none if the script tag asks for English", "en", "en", undefined],
    ])("the panel is made with %s", async (_, asked, locale, send) => {
      begin({ locale: asked });
      await opened();
      const [{ options, strings } = {}] = mountPanel.mock.lastCall ?? [];
      expect(options?.locale).toBe(locale);
      expect(strings?.send).toBe(send);
    });

    it("a language that the widget has no words in is the agent's choice, not the page's", async () => {
      document.documentElement.lang = "he";
      begin();
      await opened();
      const [{ options, strings } = {}] = mountPanel.mock.lastCall ?? [];
      expect(options?.locale).toBeUndefined();
      expect(strings).toBeUndefined();
    });

    it("says in it that the panel could not be loaded", async () => {
      const ui = vi.fn(() => Promise.reject(new Error("lost")));
      install({ ...CONFIG }, { core: () => Promise.resolve({ createWidget }), ui });
      heddle("open");
      await vi.waitFor(() => expect(root()?.querySelector(".note")?.textContent).not.toBe(""));
      heddle("open");
      await vi.waitFor(() =>
        expect(root()?.querySelector(".note")?.textContent).toMatch(/^Die Nachrichten konnten nicht/)
      );
    });
  });

  it("opens again what the former page had open, and leaves the focus where it is", async () => {
    const field = document.createElement("input");
    document.body.append(field);
    field.focus();
    reopens = true;
    begin({ userToken: "token" });
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    core.shownText = "{}";
    core.emit("ready", { endUser: VISITOR });
    await vi.waitFor(() => expect(core.calls).toEqual(["start", "panel open"]));
    expect(document.activeElement).toBe(field);
    field.remove();
  });

  it("takes up what waits to be sent without opening the panel", async () => {
    begin({ userToken: "token" });
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    core.due = true;
    core.emit("ready", { endUser: VISITOR });
    await vi.waitFor(() => expect(mountPanel).toHaveBeenCalledOnce());
    expect(core.calls).toEqual(["start"]);
  });

  it("identifies, and ignores the token that it already has", async () => {
    begin({ userToken: "first" });
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    heddle("identify", "first");
    heddle("identify", "second");
    expect(core.calls).toEqual(["start", "identify second"]);
  });

  it.each(["", null, undefined])(
    "takes %j to identify for nobody: a known visitor has signed out",
    async (nobody) => {
      begin();
      heddle("identify", nobody);
      await opened();
      expect(core.calls).toEqual(["start", "panel open"]);
      heddle("identify", "first");
      heddle("identify", nobody);
      heddle("identify", nobody);
      expect(core.calls).toEqual(["start", "panel open", "identify first", "panel closed", "logout"]);
    },
  );

  describe("identified by getUserToken alone", () => {
    async function beginWith(endUser: { id: string; anonymous: boolean }) {
      begin();
      heddle("identify", "", { getUserToken: () => Promise.resolve("fresh") });
      await vi.waitFor(() => expect(core.calls).toEqual(["identify "]));
      core.session.value = readySession({ endUser });
      heddle("identify", "");
    }

    it("signs the visitor out who was signed in by it", async () => {
      await beginWith(VISITOR);
      expect(core.calls).toEqual(["identify ", "logout"]);
    });

    it("forgets no anonymous one", async () => {
      await beginWith({ id: "anon_1", anonymous: true });
      expect(core.calls).toEqual(["identify "]);
    });
  });

  it("starts again when a visitor whose session failed is identified with a getUserToken", async () => {
    begin({ userToken: "expired" });
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    core.session.value = { status: "failed", problem: { code: "invalid_user_token", message: "" } };
    heddle("identify", "expired", { getUserToken: () => Promise.resolve("fresh") });
    expect(core.calls).toEqual(["start", "start"]);
  });

  it("asks the page for a fresh token", async () => {
    begin();
    heddle("identify", "first", { getUserToken: () => Promise.resolve("fresh") });
    await vi.waitFor(() => expect(core.calls).toEqual(["identify first"]));
    const { getUserToken } = made.options as CoreOptions;
    await expect(getUserToken?.()).resolves.toBe("fresh");
    heddle("logout");
    await expect(getUserToken?.()).resolves.toBeNull();
  });

  it("logs out when another tab does, and only then", async () => {
    const key = "heddle:agent-1:loader";
    const known = JSON.stringify({ accent: "#123456", visitor: "identified" });
    const onClose = vi.fn();
    const changes: StorageEventInit[] = [
      { key, oldValue: null, newValue: known },
      { key, oldValue: known, newValue: known.replace("identified", "anonymous") },
      { key: key.replace("1", "2"), oldValue: known, newValue: null },
      { key: null, oldValue: null, newValue: null },
    ];
    begin();
    await opened();
    localStorage.setItem(key, known);
    heddle("on", "close", onClose);
    for (const change of changes) dispatchEvent(new StorageEvent("storage", change));
    expect(core.calls).toEqual(["start", "panel open"]);

    localStorage.removeItem(key);
    dispatchEvent(new StorageEvent("storage", { key, oldValue: `{"accent":"#123456"}`, newValue: null }));
    expect(core.calls).toEqual(["start", "panel open"]);

    sessionStorage.setItem("heddle:agent-1:session", "{}");
    dispatchEvent(new StorageEvent("storage", { key, oldValue: known, newValue: null }));
    expect(core.calls).toEqual(["start", "panel open", "panel closed", "logout"]);
    expect(onClose).toHaveBeenCalledOnce();
    expect(sessionStorage.getItem("heddle:agent-1:session")).toBeNull();

    heddle("shutdown");
    dispatchEvent(new StorageEvent("storage", { key, oldValue: known, newValue: null }));
    expect(core.calls.filter((call) => call === "logout")).toHaveLength(1);
  });

  it("logs out when it is shown again after a log-out in another tab, and only then", async () => {
    const key = "heddle:agent-1:loader";
    const show = (persisted: boolean) => dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
    begin();
    await opened();
    show(true);
    localStorage.setItem(key, `{"visitor":"identified"}`);
    dispatchEvent(new Event("pagehide"));
    show(true);
    expect(core.calls).toEqual(["start", "panel open"]);

    localStorage.removeItem(key);
    show(false);
    expect(core.calls).toEqual(["start", "panel open"]);
    show(true);
    expect(core.calls).toEqual(["start", "panel open", "panel closed", "logout"]);
  });

  it("forgets the visitor on logout", async () => {
    begin({ userToken: "token" });
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    core.session.value = readySession();
    core.emit("ready", { endUser: VISITOR });
    core.emit("unread", 3);
    const onUnread = vi.fn();
    heddle("on", "unread", onUnread);
    heddle("logout");
    expect(onUnread.mock.calls).toEqual([[3], [0]]);
    const onReady = vi.fn();
    heddle("on", "ready", onReady);
    expect(core.calls).toEqual(["start", "logout"]);
    expect(document.title).toBe("Shop");
    expect(launcher().ariaLabel).toBe("Open messages");
    expect(createMemory(CONFIG).recall().visitor).toBeUndefined();
    expect(onReady).not.toHaveBeenCalled();
  });

  it("says so when the panel cannot be loaded, and can be tried again", async () => {
    const onError = vi.fn();
    const ui = vi.fn(() => Promise.resolve({ mountPanel }));
    core.live.value = "off";
    // The head start, and what opening asks for.
    for (let times = 0; times < 2; times++) ui.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    install(CONFIG, { core: () => Promise.resolve({ createWidget }), ui });
    heddle("on", "error", onError);
    heddle("open");
    await vi.waitFor(() =>
      expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: "network" }))
    );
    expect(root()?.querySelector(".note")?.textContent).toContain("could not be loaded");
    await opened();
    expect(root()?.querySelector(".note")?.textContent).toBe("");
  });

  it("leaves nothing behind after shutdown", async () => {
    const added = vi.spyOn(document, "addEventListener");
    const addedToWindow = vi.spyOn(window, "addEventListener");
    begin({ userToken: "token" });
    await opened();
    core.emit("unread", 3);
    heddle("shutdown");
    expect(document.querySelector("heddle-widget")).toBeNull();
    expect(document.title).toBe("Shop");
    expect(core.calls.at(-1)).toBe("shutdown");
    expect(core.listeners()).toBe(0);
    expect(globalThis.heddle).toBeUndefined();
    expect(added).not.toHaveBeenCalled();
    const options = addedToWindow.mock.calls.map(([, , options]) => options as AddEventListenerOptions);
    expect(options.filter(({ signal }) => !signal?.aborted)).toEqual([]);
    document.title = "Cart";
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
    expect(document.title).toBe("Cart");
  });

  it("complains about a command that does not exist", async () => {
    const complain = vi.spyOn(console, "error").mockImplementation(() => {});
    begin({ userToken: "token" });
    await vi.waitFor(() => expect(core.calls).toEqual(["start"]));
    heddle("frobnicate");
    expect(complain).toHaveBeenCalledWith(expect.stringContaining("frobnicate"));
    complain.mockRestore();
  });
});
