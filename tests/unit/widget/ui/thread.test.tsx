// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeCore, type FakeCore, type FakeThread } from "../../../support/fake_core.ts";
import {
  MESSAGES,
  minutesAgo,
  readySession,
  sampleEntry,
  sampleItem,
} from "../../../support/sample_widget.ts";
import { doing, type MountedPanel, press, showPanel, type } from "./support.ts";

const VISITOR = { role: "visitor" } as const;

describe("a thread", () => {
  let core: FakeCore;
  let panel: MountedPanel;
  const thread = () => core.threads.at(-1) as FakeThread;
  const field = () => panel.find<HTMLTextAreaElement>("textarea");
  const bubbles = () => [...panel.dialog.querySelectorAll(".bubble")].map((bubble) => bubble.textContent);

  beforeEach(async () => {
    core = createFakeCore({
      session: readySession({ tabs: [MESSAGES] }),
      items: { messages: [sampleItem({ id: "1", title: "Ferns", status: "open" })] },
      entries: {
        "1": [
          sampleEntry({
            id: "a",
            author: VISITOR,
            body: "Hello",
            createdAt: minutesAgo(9),
            readAt: minutesAgo(8),
          }),
          sampleEntry({ id: "b", body: "Hi, see https://example.com", createdAt: minutesAgo(8) }),
        ],
      },
    });
    panel = await showPanel(core);
    await doing(() => panel.find(".row").click());
    await vi.dynamicImportSettled();
  });
  afterEach(() => panel.unmount());

  it("shows what was said, by whom, and what was seen", async () => {
    expect(bubbles()).toEqual(["Hello", "Hi, see https://example.com"]);
    expect(panel.find(".over").textContent).toContain("Maya");
    expect(panel.find(".receipt").textContent).toBe("Seen");
    await vi.waitFor(() => expect(panel.find(".bubble a").getAttribute("rel")).toBe("noopener nofollow"));
  });

  it("says who is writing, in place of the status", async () => {
    const subtitle = () => panel.find(".over .header p").textContent;
    const { value } = thread().state;
    expect(subtitle()).toBe("open");
    await doing(() => (thread().state.value = { ...value, typing: { name: "Ines" } }));
    expect(subtitle()).toBe("Ines is writing…");
    await doing(() => (thread().state.value = { ...value, typing: {} }));
    expect(subtitle()).toBe("Team is writing…");
    await doing(() => (thread().state.value = value));
    expect(subtitle()).toBe("open");
  });

  it("shows text as text", async () => {
    const hostile = '<img src=x onerror="alert(1)"> <b>bold</b>';
    const { value } = thread().state;
    await doing(() => {
      thread().state.value = { ...value, entries: [sampleEntry({ id: "x", body: hostile })] };
    });
    expect(bubbles()).toEqual([hostile]);
    expect(panel.dialog.querySelector(".bubble :not(span)")).toBeNull();
  });

  it("takes the focus to the composer and back to the row", async () => {
    const root = panel.frame.getRootNode() as ShadowRoot;
    expect(root.activeElement).toBe(field());
    await doing(() => panel.button("Back").click());
    expect(root.activeElement).toBe(panel.find(".row"));
    expect(thread().calls).toContain("close");
  });

  it("sends with Enter and empties the composer", async () => {
    await doing(() => type(field(), "  And ivy?  "));
    await doing(() => press(field(), "Enter"));
    expect(thread().calls).toEqual(["send And ivy?"]);
    expect(field().value).toBe("");
    expect(bubbles().at(-1)).toBe("And ivy?");
    expect(panel.text()).toContain("Sending…");
  });

  it("breaks the line with Shift+Enter", async () => {
    await doing(() => type(field(), "And"));
    const event = press(field(), "Enter", { shiftKey: true });
    expect(event.defaultPrevented).toBe(false);
    expect(thread().calls).toEqual([]);
  });

  it("never sends while a composition is going on", async () => {
    await doing(() => type(field(), "にほん"));
    press(field(), "Enter", { isComposing: true });
    // Safari ends the composition first and marks the key that ended it.
    press(field(), "Enter", { keyCode: 229 });
    expect(thread().calls).toEqual([]);
  });

  it("sends nothing that is blank", async () => {
    await doing(() => type(field(), " \n "));
    expect(panel.button("Send").disabled).toBe(true);
    await doing(() => press(field(), "Enter"));
    expect(thread().calls).toEqual([]);
  });

  it("sends nothing that can't be seen, and emoji of several characters", async () => {
    await doing(() => type(field(), "\u200b\u2060"));
    expect(panel.button("Send").disabled).toBe(true);
    await doing(() => press(field(), "Enter"));
    expect(thread().calls).toEqual([]);
    await doing(() => type(field(), "👩\u200d🌾"));
    await doing(() => press(field(), "Enter"));
    expect(thread().calls).toEqual(["send 👩\u200d🌾"]);
  });

  it("keeps a text that is too long, says by how much, and does not send it", async () => {
    const pasted = `${"x".repeat(10_040)} END-OF-LOG`;
    await doing(() => type(field(), pasted));
    await doing(() => press(field(), "Enter"));
    expect(field().value).toBe(pasted);
    expect(panel.find("form.composer [role=alert]").textContent).toContain("51");
    expect(panel.button("Send").disabled).toBe(true);
    expect(thread().calls).toEqual([]);

    await doing(() => type(field(), pasted.slice(51)));
    expect(panel.dialog.querySelector("form.composer [role=alert]")).toBeNull();
    expect(panel.button("Send").disabled).toBe(false);
  });

  it("shows where the unread messages begin", async () => {
    await doing(() => {
      thread().state.value = { ...thread().state.value, unreadFrom: "b" };
    });
    const divider = panel.find(".day.unread");
    expect(divider.textContent).toBe("New");
    const [read, unread] = panel.dialog.querySelectorAll(".bubble");
    expect(divider.compareDocumentPosition(read as Node)).toBe(Node.DOCUMENT_POSITION_PRECEDING);
    expect(divider.compareDocumentPosition(unread as Node)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  });

  it("offers to send again or discard what was not sent", async () => {
    const { value } = thread().state;
    const failed = {
      ...sampleEntry({ id: "c1", author: VISITOR, body: "And ivy?" }),
      clientId: "c1",
      delivery: "failed" as const,
      problem: { code: "network" as const, message: "No answer came." },
    };
    await doing(() => {
      thread().state.value = { ...value, entries: [...value.entries, failed] };
    });
    expect(panel.find(".receipt.problem").textContent).toContain("No connection.");
    await doing(() => panel.button("Send again").click());
    expect(thread().calls).toEqual(["resend c1"]);

    const discard = panel.button("Discard");
    discard.focus();
    await doing(() => discard.click());
    expect(panel.find(".receipt [role=alert]").textContent).toBe("Discard this message?");
    expect((panel.frame.getRootNode() as ShadowRoot).activeElement).toBe(panel.button("Cancel"));
    // As a double click does.
    await doing(() => discard.click());
    expect(panel.find(".receipt.problem").textContent).toContain("No connection.");
    expect(thread().calls).toEqual(["resend c1"]);

    await doing(() => panel.button("Discard").click());
    await doing(() => panel.button("Discard").click());
    expect(thread().calls).toEqual(["resend c1", "discard c1"]);
  });

  it("announces what others write, once, and not what the visitor writes", async () => {
    const announced = () => panel.find(".over > [aria-live=polite]").textContent;
    expect(announced()).toBe("");
    const add = (entry: ReturnType<typeof sampleEntry>) =>
      doing(() => {
        const { value } = thread().state;
        thread().state.value = { ...value, entries: [...value.entries, entry] };
      });
    await add(sampleEntry({ id: "c", body: "Anything else?" }));
    await expect.poll(announced).toBe("Maya: Anything else?");
    await add(sampleEntry({ id: "d", author: VISITOR, body: "No" }));
    await expect.poll(announced).toBe("Maya: Anything else?");
  });

  it("announces a message that grows once, when it is whole", async () => {
    const announced = () => panel.find(".over > [aria-live=polite]").textContent;
    const { entries } = thread().state.value;
    const heard: (string | null)[] = [];
    const show = async (body: string, status?: "streaming") => {
      const grows = sampleEntry({ id: "g", body, ...(status && { status }) });
      await doing(() =>
        void (thread().state.value = { ...thread().state.value, entries: [...entries, grows] })
      );
      await vi.dynamicImportSettled();
      heard.push(announced());
    };
    await show("It is a royal", "streaming");
    await show("It is a royal fern", "streaming");
    await show("It is a royal fern.");
    expect(heard).toEqual(["", "", "Maya: It is a royal fern."]);
  });

  describe("what was announced", () => {
    const announced = () => panel.find(".over > [aria-live=polite]").textContent;
    const show = (entries: ReturnType<typeof sampleEntry>[]) =>
      doing(() => void (thread().state.value = { ...thread().state.value, entries }));
    const told = sampleEntry({ id: "c", body: "WRONG" });

    beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout"], shouldAdvanceTime: true }));
    afterEach(() => void vi.useRealTimers());

    it("stays in the page for some seconds only", async () => {
      await show([...thread().state.value.entries, told]);
      await expect.poll(announced).toBe("Maya: WRONG");
      await doing(() => void vi.advanceTimersByTime(5000));
      await expect.poll(announced).toBe("");
    });

    it.each([
      ["deleted", [{ ...told, body: "", deletedAt: minutesAgo(0) }]],
      ["changed", [{ ...told, body: "Right", editedAt: minutesAgo(0) }]],
      ["gone with all others", []],
    ])("leaves the page at once when it is %s", async (_, after) => {
      const { entries } = thread().state.value;
      await show([...entries, told]);
      await expect.poll(announced).toBe("Maya: WRONG");
      await show(after.length > 0 ? [...entries, ...after] : []);
      await expect.poll(announced).toBe("");
    });
  });

  it("announces nothing old when the newest message goes", async () => {
    await doing(() => {
      const { value } = thread().state;
      thread().state.value = {
        ...value,
        entries: [...value.entries, sampleEntry({ id: "c", author: VISITOR, body: "Oops" })],
      };
    });
    await doing(() => {
      const { value } = thread().state;
      thread().state.value = { ...value, entries: value.entries.slice(0, -1) };
    });
    await vi.dynamicImportSettled();
    expect(panel.find(".over > [aria-live=polite]").textContent).toBe("");
  });

  it("is being read only while the panel is open", async () => {
    await expect.poll(() => thread().reading).toBe(true);
    await doing(() => panel.hide());
    expect(thread().reading).toBe(false);
    await doing(() => panel.show());
    await expect.poll(() => thread().reading).toBe(true);
    await doing(() => panel.button("Back").click());
    expect(thread().reading).toBe(false);
  });

  it("shows deleted messages as deleted", async () => {
    const { value } = thread().state;
    await doing(() => {
      const entry = sampleEntry({ id: "x", body: "secret", deletedAt: minutesAgo(1) });
      thread().state.value = { ...value, entries: [entry] };
    });
    expect(panel.text()).not.toContain("secret");
    expect(bubbles()).toEqual(["This message was deleted."]);
  });

  it("says why it could not be loaded and tries again", async () => {
    await doing(() => {
      thread().state.value = {
        ...thread().state.value,
        status: "failed",
        problem: { code: "source_timeout", message: "The webhook took too long." },
      };
    });
    expect(panel.text()).toContain("This takes longer than usual.");
    await doing(() => panel.button("Try again").click());
    expect(thread().calls).toEqual(["reload"]);
  });

  it("loads what is older when asked", async () => {
    await doing(() => {
      thread().state.value = { ...thread().state.value, hasOlder: true };
    });
    await doing(() => panel.button("Show earlier messages").click());
    expect(thread().calls).toEqual(["older"]);
  });

  it("shows that the connection is lost", async () => {
    await doing(() => {
      core.live.value = "offline";
    });
    expect(panel.find(".over").textContent).toContain("Reconnecting");
  });

  it("leaves nothing of a visitor for the next one", async () => {
    await doing(() => {
      core.session.value = readySession({
        tabs: [MESSAGES],
        endUser: { id: "somebody-else", anonymous: false },
      });
    });
    expect(panel.dialog.querySelector(".over")).toBeNull();
    expect(panel.text()).not.toContain("Hello");
  });

  it.each([
    ["at once", []],
    ["after a sign-out", [{ status: "loading" } as const]],
    ["after what has failed", [{ status: "failed", problem: { code: "network", message: "" } } as const]],
  ])("can be left for the list of another visitor who comes %s", async (_, between) => {
    const next = readySession({ tabs: [MESSAGES], endUser: { id: "somebody-else", anonymous: false } });
    for (const session of [...between, next]) {
      await doing(() => {
        core.session.value = session;
      });
    }
    expect(panel.find(".base").inert).toBe(false);
  });

  it("keeps what it covers out of reach, while the session is renewed, too", async () => {
    expect(panel.find(".base").inert).toBe(true);
    await doing(() => {
      core.session.value = { ...core.session.value };
    });
    expect(panel.find(".base").inert).toBe(true);
  });
});

describe("a new conversation", () => {
  it("begins with the composer and becomes a thread", async () => {
    const core = createFakeCore({ session: readySession({ tabs: [MESSAGES] }) });
    const panel = await showPanel(core);
    await doing(() => panel.button("Start a conversation").click());
    expect(panel.text()).toContain("Write your first message");
    await doing(() => type(panel.find<HTMLTextAreaElement>("textarea"), "Hi"));
    await doing(() => panel.button("Send").click());
    expect(core.threads[0]?.calls).toEqual(["send Hi"]);
    expect(panel.find(".bubble").textContent).toBe("Hi");
    panel.unmount();
  });
});
