// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Office } from "../../../../shared/tabs.ts";
import { createFakeCore, type FakeCore, type FakeThread } from "../../../support/fake_core.ts";
import { MESSAGES, readySession, sampleEntry, sampleItem } from "../../../support/sample_widget.ts";
import { doing, type MountedPanel, showPanel } from "./support.ts";

/** A Friday afternoon, wherever this runs. */
const NOW = new Date(2026, 10, 27, 17, 30);
const at = (day: number, hours: number) => new Date(2026, 10, day, hours).toISOString();
const MONDAY = at(30, 9);
const DEFAULT = "Nobody is here at the moment. Write to us all the same: we answer as soon as we are back.";

let core: FakeCore;
let panel: MountedPanel;
const thread = () => core.threads.at(-1) as FakeThread;
const asked = () => thread().calls.filter((call) => call === "office").length;
const line = () => panel.dialog.querySelector(".away")?.textContent ?? null;
const greeting = () => panel.dialog.querySelector(".greeting");

const sessionWith = (office?: Office, locale = "en") => {
  const session = readySession({ tabs: [{ ...MESSAGES, source: "store", office }] });
  if (session.status === "ready") session.display.locale = locale;
  return session;
};

/** A new conversation, or with entries one that has begun. `now`: what is answered when the widget asks. */
async function open(
  told: Office | undefined,
  now: Office | null,
  entries?: ReturnType<typeof sampleEntry>[],
) {
  core = createFakeCore({
    session: sessionWith(told),
    items: { messages: entries ? [sampleItem({ id: "c1", title: "Ferns" })] : [] },
    entries: { c1: entries ?? [] },
  });
  core.office = now;
  panel = await showPanel(core);
  await doing(() => entries ? panel.find(".row").click() : panel.button("Start a conversation").click());
  await vi.waitFor(() => panel.find(".away, .over > [role=status].hidden"));
  await doing(() => {});
}

// What is loaded late is loaded by then.
beforeAll(() => import("../../../../widget/ui/kept/parts.tsx"));
beforeEach(() =>
  void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], shouldAdvanceTime: true, now: NOW })
);
afterEach(() => {
  panel.unmount();
  vi.useRealTimers();
});

const later = (ms: number) => doing(() => void vi.advanceTimersByTime(ms));

describe("a new conversation of an agent with a greeting", () => {
  const told = { greeting: "Hello! See https://shop.example/help", away: false };

  it("shows it as a message of the agent's, which is none", async () => {
    await open(told, told);
    expect(greeting()?.querySelector("[role=group]")?.getAttribute("aria-label")).toBe("Fern & Fable");
    expect(greeting()?.querySelector(".bubble")?.textContent).toBe(told.greeting);
    await vi.waitFor(() =>
      expect(greeting()?.querySelector("a")?.getAttribute("href")).toBe("https://shop.example/help")
    );
    expect(thread().state.value.entries).toEqual([]);
    const live = [...panel.dialog.querySelectorAll("[aria-live]")].map(({ textContent }) => textContent);
    expect(live.join()).not.toContain("Hello!");
  });

  it("is as it was without one, and asks nothing", async () => {
    await open(undefined, null);
    expect([greeting(), line(), asked()]).toEqual([null, null, 0]);
  });

  it("shows it no more once the visitor has written", async () => {
    await open(told, told);
    await doing(() => thread().send("Hi"));
    expect(greeting()).toBeNull();
  });

  it("shows it in no conversation that has begun", async () => {
    await open(told, told, [sampleEntry({ id: "1", body: "Hi" })]);
    expect(greeting()).toBeNull();
  });
});

describe("while nobody is there", () => {
  const away = { away: true, changesAt: MONDAY };

  it.each([["a new conversation", undefined], ["one that has begun", [
    sampleEntry({ id: "1", body: "Hi" }),
  ]]])(
    "%s says so, and when somebody is again",
    async (_, entries) => {
      await open(away, away, entries);
      expect(line()).toBe(`${DEFAULT}Back Monday, 9:00 AM`);
      expect(panel.find(".away").getAttribute("role")).toBe("status");
    },
  );

  it.each([
    [at(27, 18), "Back at 6:00 PM"],
    [at(28, 0), "Back Saturday, 12:00 AM"],
    [new Date(2026, 11, 4, 9).toISOString(), "Back Friday, December 4, 9:00 AM"],
    [undefined, ""],
  ])("says of %s: %s", async (changesAt, said) => {
    const office = { away: true, changesAt };
    await open(office, office);
    expect(line()).toBe(DEFAULT + said);
  });

  it("says it in the owner's words, with links, as text", async () => {
    const office = { away: true, awayMessage: "<b>Closed</b>: https://shop.example/hours" };
    await open(office, office);
    expect(line()).toBe(office.awayMessage);
    await vi.waitFor(() => expect(panel.find(".away a").textContent).toBe("https://shop.example/hours"));
  });

  it("says when in the visitor's language", async () => {
    await open(away, away);
    await doing(() => void (core.session.value = sessionWith(away, "de")));
    await vi.waitFor(() => expect(line()).toContain("Montag, 9:00"));
  });

  it("says nothing to whom the session tells so while somebody is online by now", async () => {
    await open(away, { ...away, away: false });
    expect([line(), asked()]).toEqual([null, 1]);
  });

  it("believes the session where no answer comes", async () => {
    await open(away, null);
    expect(line()).toContain("Back Monday");
  });

  it("says nothing any more when the hours begin, without an answer", async () => {
    await open({ away: true, changesAt: at(27, 18) }, null);
    expect(line()).toContain("Back at 6:00 PM");
    await later(30 * 60_000);
    expect(line()).toBeNull();
  });

  it("says nothing that a session of yesterday told", async () => {
    await open({ away: true, changesAt: at(27, 9) }, null);
    expect(line()).toBeNull();
  });

  it("asks each minute whether somebody came, and at once when the team answers", async () => {
    await open(away, away, [sampleEntry({ id: "1", body: "Hi" })]);
    expect(asked()).toBe(1);
    await later(60_000);
    expect(asked()).toBe(2);
    core.office = { away: false };
    const { value } = thread().state;
    await doing(
      () => (thread().state.value = {
        ...value,
        entries: [...value.entries, sampleEntry({ id: "2", body: "Yes?" })],
      }),
    );
    expect([line(), asked()]).toEqual([null, 3]);
  });

  it("asks nothing while the panel is closed, and at once when it is opened", async () => {
    await open(away, away);
    await doing(() => panel.hide());
    await later(10 * 60_000);
    expect(asked()).toBe(1);
    core.office = { away: false };
    await doing(() => panel.show());
    expect([line(), asked()]).toEqual([null, 2]);
  });
});

it("the hours that end are asked about when they do, and what ends is told", async () => {
  const until = { away: false, changesAt: at(27, 18) };
  await open(until, until);
  await later(29 * 60_000);
  expect([line(), asked()]).toEqual([null, 1]);
  core.office = { away: true, changesAt: MONDAY };
  await later(60_000);
  expect(asked()).toBe(2);
  expect(line()).toContain("Back Monday");
});
