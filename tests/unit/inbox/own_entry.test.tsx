// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { signal } from "../../../client/platform/emitter.ts";
import type { Problem } from "../../../client/http/problem.ts";
import type { Thread } from "../../../inbox/core/thread.ts";
import { TeamEntry } from "../../../inbox/ui/own_entry.tsx";
import { kitStrings, words } from "../../../inbox/ui/strings.ts";
import { createFormats } from "../../../kit/text/intl_formats.ts";
import { TextContext } from "../../../kit/text/text_context.ts";
import { settle } from "../client/support/clock.ts";
import { sampleEntry } from "../../support/sample_widget.ts";

const NETWORK: Problem = { code: "network", message: "No answer came." };
const text = { strings: kitStrings, formats: createFormats("en") };
const LATER = "2026-01-01T00:00:01.000001+00:00";
const entry = sampleEntry({
  id: "7",
  body: "The blew one.",
  author: { role: "operator" },
  createdAt: "2026-01-01T00:00:00.000001+00:00",
});

let root: HTMLElement;
let asked: (string | null)[];
let versions: (string | undefined)[];
let answer: (problem: Problem | null) => void;

/** Corrections that are kept, by entry. */
const kept = new Map<string, { text: string; version?: string }>();

const draft = signal({ text: "" });

const thread: Pick<Thread, "change" | "edits" | "stop" | "draft" | "setDraft"> = {
  draft,
  setDraft: (text) => void (draft.value = { text }),
  stop: () => Promise.resolve(null),
  edits: {
    read: (id) => kept.get(id),
    keep: (id, text, version) => void (text ? kept.set(id, { text, version }) : kept.delete(id)),
    clear: () => kept.clear(),
  },
  change(_, body, version) {
    asked.push(body);
    versions.push(version);
    return new Promise((resolve) => (answer = resolve));
  },
};

/** The entry as a thread shows it. */
async function draw(shown: typeof entry) {
  await act(() =>
    render(
      <TextContext.Provider value={text}>
        <div data-entry={shown.id}>
          <TeamEntry entry={shown} thread={thread as Thread} />
        </div>
      </TextContext.Provider>,
      root,
    )
  );
}

beforeEach(async () => {
  asked = [];
  versions = [];
  kept.clear();
  root = document.body.appendChild(document.createElement("div"));
  await draw(entry);
});
afterEach(() => {
  render(null, root);
  root.remove();
});

const field = () => root.querySelector("textarea");
const alert = () => root.querySelector("[role=alert]")?.textContent;
const press = (label: string) =>
  act(() => [...root.querySelectorAll("button")].find(({ textContent }) => textContent === label)?.click());
const answered = (problem: Problem | null) =>
  act(async () => {
    answer(problem);
    await settle();
  });

async function write(body: string) {
  await act(() => {
    const area = field() as HTMLTextAreaElement;
    area.value = body;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

test("a correction stays in its field until the server has it, and says why it has not", async () => {
  await press(kitStrings.edit);
  await write("The blue one.");
  await press(kitStrings.save);
  await press(kitStrings.save);
  await press(kitStrings.cancel);
  expect([asked, field()?.value, field()?.readOnly]).toEqual([["The blue one."], "The blue one.", true]);
  await answered(NETWORK);
  expect([field()?.value, field()?.readOnly, alert()])
    .toEqual(["The blue one.", false, kitStrings.problems.network]);
  await press(kitStrings.save);
  await answered(null);
  expect([asked.length, field(), alert()]).toEqual([2, null, undefined]);
});

test("what was to stand in a message that was deleted elsewhere is shown there, and moves to the draft", async () => {
  draft.value = { text: "Hello" };
  await press(kitStrings.edit);
  await write("The blue one.");
  await draw({ ...entry, body: "", deletedAt: "2026-01-01T00:00:00Z" });
  expect(root.textContent).toContain(words.lostEdit);
  expect(root.textContent).toContain("The blue one.");
  await press(words.moveToDraft);
  expect([draft.value.text, kept.size, root.textContent]).toEqual(["Hello\nThe blue one.", 0, ""]);
});

test("a message that is changed elsewhere meanwhile says so at once, and is replaced by what is saved then", async () => {
  await press(kitStrings.edit);
  await write("The blue one.");
  await draw({ ...entry, body: "The red one.", editedAt: LATER });
  expect([asked, field()?.value, alert()])
    .toEqual([[], "The blue one.", words.changedElsewhere("The red one.")]);
  await press(kitStrings.save);
  expect([asked, versions]).toEqual([["The blue one."], [LATER]]);
});

test("a correction that arrived although no answer came is no change from elsewhere, and done", async () => {
  await press(kitStrings.edit);
  await write("The blue one. ");
  await press(kitStrings.save);
  await answered(NETWORK);
  await draw({ ...entry, body: "The blue one.", editedAt: LATER });
  expect([field()?.value, alert()]).toEqual(["The blue one. ", undefined]);
  await press(kitStrings.save);
  expect([asked.length, field(), kept.size, alert()]).toEqual([1, null, 0, undefined]);
});

test("a correction names what it corrects, and one that lost to another keeps its text and says so", async () => {
  await press(kitStrings.edit);
  await write("The blue one.");
  await press(kitStrings.save);
  await answered({ code: "conflict", message: "It was changed in the meantime." });
  expect([versions, field()?.value, alert()])
    .toEqual([[entry.createdAt], "The blue one.", kitStrings.problems.conflict]);
  await draw({ ...entry, body: "The red one.", editedAt: LATER });
  expect([field()?.value, alert()]).toEqual(["The blue one.", words.changedElsewhere("The red one.")]);
  await press(kitStrings.save);
  await answered(null);
  expect([asked.length, versions[1], field()]).toEqual([2, LATER, null]);
});

test("a correction that was begun before the message was changed elsewhere says so on a later page as well", async () => {
  await press(kitStrings.edit);
  await write("The blue one.");
  render(null, root);
  await draw({ ...entry, body: "The red one.", editedAt: LATER });
  expect([asked, alert()]).toEqual([[], words.changedElsewhere("The red one.")]);
});

test("there is nothing to change or delete in what a bot says, with or without a name", async () => {
  for (const author of [{ role: "bot" as const }, { role: "bot" as const, name: "Fern" }]) {
    await draw({ ...entry, id: "8", author });
    expect(root.querySelector("button")).toBeNull();
  }
});

test("nothing is sent where nothing was changed, whatever stands around the text", async () => {
  await draw({ ...entry, id: "8", body: "The blew one.\n" });
  await press(kitStrings.edit);
  await press(kitStrings.save);
  expect([asked, field()]).toEqual([[], null]);
});

test("the focus of Stop is left with the message once it has ended", async () => {
  const bot = { ...entry, id: "9", author: { role: "bot" as const } };
  for (const ended of [{ status: "cancelled" as const }, {}]) {
    await draw({ ...bot, status: "streaming" });
    root.querySelector("button")?.focus();
    await draw({ ...bot, ...ended });
    expect(document.activeElement?.getAttribute("data-entry")).toBe("9");
  }
});

/** The conversation is left and opened again. */
async function drawAgain() {
  render(null, root);
  await draw(entry);
}

test("a correction that was begun is there again after the conversation was left, and takes no focus", async () => {
  await press(kitStrings.edit);
  await write("The blue");
  await drawAgain();
  expect(field()?.value).toBe("The blue");
  expect(document.activeElement).toBe(document.body);
  await press(kitStrings.save);
  await answered(null);
  await drawAgain();
  expect([asked, field()]).toEqual([["The blue"], null]);
});

test("Cancel and Escape end a correction for good", async () => {
  const ends = [
    () => press(kitStrings.cancel),
    () =>
      act(() => void field()?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }))),
  ];
  for (const end of ends) {
    await press(kitStrings.edit);
    await write("The blue");
    await drawAgain();
    await end();
    expect(field()).toBeNull();
    await drawAgain();
    expect(field()).toBeNull();
    await press(kitStrings.edit);
    expect(field()?.value).toBe(entry.body);
    await press(kitStrings.cancel);
  }
});

test("a correction is as long as a message at most", async () => {
  await press(kitStrings.edit);
  await write("x".repeat(10_001));
  expect(alert()).toBe(kitStrings.tooLong(1));
  await press(kitStrings.save);
  expect(asked).toEqual([]);
  await write("x".repeat(10_000));
  await press(kitStrings.save);
  expect(asked.map((body) => body?.length)).toEqual([10_000]);
});

test("a deletion that was refused can be tried again", async () => {
  await press(kitStrings.delete);
  await press(words.deleteNow);
  await answered(NETWORK);
  expect(alert()).toBe(kitStrings.problems.network);
  await press(words.deleteNow);
  expect(asked).toEqual([null, null]);
});

test("Escape answers the question whether to delete with no", async () => {
  await press(kitStrings.delete);
  const button = root.querySelector("button");
  await act(() => void button?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true })));
  expect([root.textContent?.includes(words.deleteNow), asked]).toEqual([false, []]);
});

test("the focus stays with the entry once it was corrected, left as it is, or deleted", async () => {
  const focused = () => document.activeElement?.textContent;
  await press(kitStrings.edit);
  await write("The blue one.");
  await press(kitStrings.save);
  await answered(null);
  expect(focused()).toBe(kitStrings.edit);
  await press(kitStrings.edit);
  await press(kitStrings.cancel);
  expect(focused()).toBe(kitStrings.edit);
  await press(kitStrings.delete);
  [...root.querySelectorAll("button")].find(({ textContent }) => textContent === words.deleteNow)?.focus();
  await press(words.deleteNow);
  await draw({ ...entry, deletedAt: "2026-01-01T00:00:00Z" });
  expect(document.activeElement?.getAttribute("data-entry")).toBe("7");
});
