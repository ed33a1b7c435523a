// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeCore, type FakeCore, type FakeThread } from "../../../support/fake_core.ts";
import { MESSAGES, readySession, sampleEntry, sampleItem } from "../../../support/sample_widget.ts";
import { doing, type MountedPanel, press, showPanel, type } from "./support.ts";

const VISITOR = { role: "visitor" } as const;
const STORE = { ...MESSAGES, source: "store", visitorFields: ["name", "email"] } as const;
const ANONYMOUS = { id: "anon_1", anonymous: true };

describe("a thread that Heddle keeps", () => {
  let core: FakeCore;
  let panel: MountedPanel;
  const thread = () => core.threads.at(-1) as FakeThread;
  const focused = () => (panel.frame.getRootNode() as ShadowRoot).activeElement;
  const calls = () => thread().calls.filter((call) => !/^(older|close)/.test(call));

  async function open(changes: Parameters<typeof readySession>[0] = {}) {
    core = createFakeCore({
      session: readySession({ tabs: [STORE as never], ...changes }),
      items: { messages: [sampleItem({ id: "c1", title: "Ferns" })] },
      entries: {
        c1: [
          sampleEntry({ id: "1", author: VISITOR, body: "Helo" }),
          sampleEntry({ id: "2", body: "Hi" }),
          sampleEntry({ id: "3", author: VISITOR, body: "A fern?" }),
        ],
      },
    });
    panel = await showPanel(core);
    await doing(() => panel.find(".row").click());
    await vi.waitFor(() => panel.button("Ask for a person"));
    await doing(() => {});
  }
  // What is loaded late is loaded by then.
  beforeAll(() => import("../../../../widget/ui/kept/parts.tsx"));
  beforeEach(() => open());
  afterEach(() => panel.unmount());

  it("has a button that asks for a person, shows that it was asked, and takes it back", async () => {
    const button = () => panel.button("Ask for a person");
    expect(button().getAttribute("aria-pressed")).toBe("false");
    await doing(() => button().click());
    expect(button().getAttribute("aria-pressed")).toBe("true");
    expect(panel.find(".header [role=status]").textContent).toContain("You asked for a person");
    await doing(() => panel.button("Take back").click());
    expect(button().getAttribute("aria-pressed")).toBe("false");
    expect(calls()).toEqual(["person true", "person false"]);
  });

  it("says that somebody comes where a bot has asked, which is not theirs to take back", async () => {
    const { item } = thread().state.value;
    await doing(() =>
      void (thread().state.value = {
        ...thread().state.value,
        item: item && { ...item, fields: { needsHuman: true } },
      })
    );
    expect(panel.find(".header [role=status]").textContent).toBe("Somebody will answer you here.");
    expect(panel.button("Ask for a person").hasAttribute("disabled")).toBe(true);
  });

  it("says why asking for a person failed", async () => {
    core.refusal = { code: "rate_limited", message: "" };
    await doing(() => panel.button("Ask for a person").click());
    expect(panel.find(".header [role=alert]").textContent).toContain("That was a lot at once");
    expect(panel.button("Ask for a person").getAttribute("aria-pressed")).toBe("false");
  });

  it("says that a conversation is gone, without a composer, and begins a new one", async () => {
    const problem = { code: "item_not_found", message: "" } as const;
    await doing(() =>
      void (thread().state.value = {
        ...thread().state.value,
        status: "failed",
        item: null,
        entries: [],
        problem,
      })
    );
    expect(panel.find(".empty").textContent).toContain("This conversation is gone.");
    expect(panel.find(".over h2").textContent).toBe("Conversation");
    for (const selector of ["textarea", ".entry", ".header .ask"]) {
      expect(panel.dialog.querySelector(selector)).toBeNull();
    }
    await doing(() => panel.find(".empty .button").click());
    expect(core.threads).toHaveLength(2);
    expect(panel.dialog.querySelector(".over .empty")).toBeNull();
    expect(panel.find(".over textarea")).toBe(focused());
  });

  it("lets the visitor change an own message by the keyboard alone", async () => {
    const options = [...panel.dialog.querySelectorAll<HTMLElement>(".own-more")];
    expect(options.map(({ tabIndex }) => tabIndex)).toEqual([-1, 0]);
    options[1]?.focus();
    await doing(() => press(options[1] as HTMLElement, "ArrowUp"));
    expect(focused()).toBe(options[0]);
    await doing(() => options[0]?.click());
    expect(focused()?.textContent).toBe("Edit");
    await doing(() => (focused() as HTMLElement).click());
    const field = focused() as HTMLTextAreaElement;
    expect(field.value).toBe("Helo");
    await doing(() => type(field, " Hello "));
    await doing(() => press(field, "Enter"));
    expect(calls()).toEqual([`change 1 "Hello"`]);
    expect(panel.find(".entry").textContent).toContain("Hello");
    expect(panel.find(".entry .receipt").textContent).toBe("Edited");
    expect(focused()).toBe(panel.find(".own-more"));
  });

  it("closes what Escape leaves, and keeps the message as it was", async () => {
    await doing(() => panel.find(".own-more").click());
    const first = focused() as HTMLElement;
    await doing(() => press(first, "Escape"));
    expect(focused()).toBe(panel.find(".own-more"));
    expect(panel.dialog.querySelector(".own-menu")).toBeNull();
    expect(calls()).toEqual([]);
  });

  it("deletes an own message after asking, and leaves a sign of it", async () => {
    await doing(() => panel.find(".own-more").click());
    await doing(() => panel.button("Delete").click());
    expect(panel.text()).toContain("Delete this message?");
    expect(calls()).toEqual([]);
    await doing(() => panel.button("Delete").click());
    expect(calls()).toEqual(["change 1 null"]);
    expect(panel.find(".entry").textContent).toBe("This message was deleted.");
  });

  it("keeps the text that could not be saved, and says why", async () => {
    core.refusal = { code: "network", message: "" };
    await doing(() => panel.find(".own-more").click());
    await doing(() => panel.button("Edit").click());
    await doing(() => type(focused() as HTMLTextAreaElement, "Hello"));
    await doing(() => panel.button("Save").click());
    expect(panel.find(".own [role=alert]").textContent).toBe("No connection. Please try again.");
    expect(panel.find<HTMLTextAreaElement>(".own-edit").value).toBe("Hello");
  });

  /** What another page of the visitor's makes of their first message. */
  const elsewhere = (changes: Partial<ReturnType<typeof sampleEntry>>) =>
    doing(() => {
      const { value } = thread().state;
      const entries = value.entries.map((entry) => entry.id === "1" ? { ...entry, ...changes } : entry);
      thread().state.value = { ...value, entries };
    });
  async function correct(body: string) {
    await doing(() => panel.find(".own-more").click());
    await doing(() => panel.button("Edit").click());
    await doing(() => type(focused() as HTMLTextAreaElement, body));
  }

  it("says what a message says that is changed elsewhere while it is being corrected", async () => {
    await correct("Hallo");
    await elsewhere({ body: "Hello", editedAt: "2026-01-01T00:00:01.000001+00:00" });
    expect(panel.find(".own [role=alert]").textContent).toContain("what it says now: Hello");
    expect(panel.find<HTMLTextAreaElement>(".own-edit").value).toBe("Hallo");
    await doing(() => panel.button("Save").click());
    expect(calls()).toEqual([`change 1 "Hallo"`]);
    expect(panel.dialog.querySelector(".own [role=alert]")).toBeNull();
  });

  it("takes a correction that arrived although no answer came for no change from elsewhere", async () => {
    core.refusal = { code: "network", message: "" };
    await correct("Hello");
    await doing(() => panel.button("Save").click());
    await elsewhere({ body: "Hello", editedAt: "2026-01-01T00:00:01.000001+00:00" });
    expect(panel.dialog.querySelector(".own [role=alert]")).toBeNull();
    await doing(() => panel.button("Save").click());
    expect(calls()).toEqual([`change 1 "Hello"`]);
    expect(panel.dialog.querySelector(".own-edit")).toBeNull();
  });

  it("says that another correction came first, and keeps the text of this one", async () => {
    core.refusal = { code: "conflict", message: "" };
    await correct("Hallo");
    await doing(() => panel.button("Save").click());
    expect(panel.find(".own [role=alert]").textContent).toBe("Somebody else changed this in the meantime.");
    await elsewhere({ body: "Hello", editedAt: "2026-01-01T00:00:01.000001+00:00" });
    const alerts = [...panel.dialog.querySelectorAll(".own [role=alert]")];
    expect(alerts.map(({ textContent }) => textContent)).toEqual([
      "It was changed elsewhere. Saving replaces what it says now: Hello",
    ]);
    expect(panel.find<HTMLTextAreaElement>(".own-edit").value).toBe("Hallo");
  });

  it("leaves what was typed into a message that is deleted elsewhere, until it is discarded", async () => {
    await correct("Hallo");
    await elsewhere({ body: "", deletedAt: "2026-01-01T00:00:01Z" });
    expect(panel.find(".own [role=alert]").textContent).toContain("was deleted while you were changing it");
    expect(panel.find(".own-lost").textContent).toBe("Hallo");
    await doing(() => panel.button("Discard").click());
    expect(panel.find(".entry").textContent).toBe("This message was deleted.");
  });

  it("opens the options of a message by a long press, and not by a short one", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const bubble = panel.find(".bubble");
    const finger = (name: string) =>
      bubble.dispatchEvent(new PointerEvent(name, { pointerType: "touch", bubbles: true }));
    finger("pointerdown");
    vi.advanceTimersByTime(300);
    finger("pointerup");
    vi.advanceTimersByTime(1000);
    const after = () => panel.dialog.querySelector(".own-menu");
    expect(after()).toBeNull();
    finger("pointerdown");
    vi.advanceTimersByTime(600);
    vi.useRealTimers();
    await doing(() => {});
    expect(after()).not.toBeNull();
  });

  it("doesn't ask a visitor whom the page has named who they are", () => {
    expect(panel.dialog.querySelector("form.introduction")).toBeNull();
  });
});

describe("the question who an anonymous visitor is", () => {
  let core: FakeCore;
  let panel: MountedPanel;
  const thread = () => core.threads.at(-1) as FakeThread;
  const form = () => panel.dialog.querySelector<HTMLFormElement>("form.introduction");

  async function open(entries: ReturnType<typeof sampleEntry>[], visitorFields: readonly string[]) {
    core = createFakeCore({
      session: readySession({ tabs: [{ ...STORE, visitorFields } as never], endUser: ANONYMOUS }),
      items: { messages: [sampleItem({ id: "c1", title: "Ferns" })] },
      entries: { c1: entries },
    });
    panel = await showPanel(core);
    await doing(() => panel.find(".row").click());
    await vi.waitFor(() => panel.button("Ask for a person"));
    await doing(() => {});
  }
  const written = sampleEntry({ id: "1", author: VISITOR, body: "Hello" });
  afterEach(() => panel.unmount());

  it("comes after their first message, with the fields that the tab's owner wants", async () => {
    await open([sampleEntry({ id: "1", body: "Welcome" })], ["email"]);
    expect(form()).toBeNull();
    const { value } = thread().state;
    await doing(() => (thread().state.value = { ...value, entries: [...value.entries, written] }));
    expect([...form()?.querySelectorAll("input") ?? []].map(({ type }) => type)).toEqual(["email"]);
  });

  it("hands over what was given, and comes no more", async () => {
    await open([written], ["name", "email"]);
    await doing(() => type(panel.find<HTMLInputElement>("input[type=text]"), " Ada "));
    await doing(() => form()?.requestSubmit());
    expect(thread().calls).toContain(`introduce {"name":"Ada"}`);
    expect(form()).toBeNull();
    expect(panel.text()).toContain("Thank you.");
    expect(thread().kept?.isIntroduced(ANONYMOUS.id)).toBe(true);
  });

  it.each([
    ["after some seconds", () => void vi.advanceTimersByTime(5000)],
    ["with the next message", () => {
      const { value } = thread().state;
      thread().state.value = { ...value, entries: [...value.entries, sampleEntry({ id: "2", body: "Hi" })] };
    }],
  ])("thanks for it until it goes %s", async (_, goOn) => {
    vi.useFakeTimers({ toFake: ["setTimeout"], shouldAdvanceTime: true });
    try {
      await open([written], ["name"]);
      await doing(() => type(panel.find<HTMLInputElement>("input[type=text]"), "Ada"));
      await doing(() => form()?.requestSubmit());
      expect(panel.text()).toContain("Thank you.");
      await doing(goOn);
      expect(panel.text()).not.toContain("Thank you.");
      expect(form()).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([["ada@home.example", 1], ["ada@home", 0], ["ada@home.", 0]])(
    "takes %s %i times",
    async (address, times) => {
      await open([written], ["email"]);
      await doing(() => type(panel.find<HTMLInputElement>("input[type=email]"), address));
      await doing(() => form()?.requestSubmit());
      expect(thread().calls.filter((call) => call.startsWith("introduce"))).toHaveLength(times);
    },
  );

  describe("after a further message of theirs", () => {
    const further = async (id: string) => {
      const { value } = thread().state;
      const entry = sampleEntry({ id, author: VISITOR, body: "And to Leer?" });
      await doing(() => (thread().state.value = { ...value, entries: [...value.entries, entry] }));
    };
    const fields = () => [...form()?.querySelectorAll("input") ?? []];

    it("folds to one line, which opens it at its first field, until the next one", async () => {
      await open([written], ["name", "email"]);
      await further("2");
      expect(fields()).toEqual([]);
      await doing(() => panel.button("Who are you?").click());
      expect(fields()).toHaveLength(2);
      expect((form()?.getRootNode() as ShadowRoot).activeElement).toBe(fields()[0]);
      await doing(() => fields()[0]?.blur());
      await further("3");
      expect(fields()).toEqual([]);
      await doing(() => panel.button("Skip").click());
      expect(thread().kept?.isIntroduced(ANONYMOUS.id)).toBe(true);
    });

    it("is folded from the start where they come back", async () => {
      await open([written, sampleEntry({ id: "2", author: VISITOR, body: "And to Leer?" })], ["name"]);
      expect(fields()).toEqual([]);
      panel.button("Who are you?");
    });

    it("stays open while something is typed into it, or they are in a field", async () => {
      await open([written], ["name"]);
      await doing(() => fields()[0]?.focus());
      await further("2");
      expect(fields()).toHaveLength(1);
      await doing(() => type(panel.find<HTMLInputElement>("input[type=text]"), "Ada"));
      await doing(() => fields()[0]?.blur());
      await further("3");
      expect(fields()[0]?.value).toBe("Ada");
    });

    it("stays open for what others write", async () => {
      await open([written], ["name"]);
      const { value } = thread().state;
      const answer = sampleEntry({ id: "2", body: "We do" });
      await doing(() => (thread().state.value = { ...value, entries: [...value.entries, answer] }));
      expect(fields()).toHaveLength(1);
    });
  });

  it("can be skipped, and comes no more", async () => {
    await open([written], ["name"]);
    await doing(() => panel.button("Skip").click());
    expect(form()).toBeNull();
    expect(thread().calls).not.toContain("introduce {}");
    expect(thread().kept?.isIntroduced(ANONYMOUS.id)).toBe(true);
  });

  it("isn't asked where the tab's owner wants to know nothing", async () => {
    await open([written], []);
    expect(form()).toBeNull();
  });
});
