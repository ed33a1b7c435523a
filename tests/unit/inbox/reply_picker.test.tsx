// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Result } from "../../../client/http/problem.ts";
import { signal } from "../../../client/platform/emitter.ts";
import type { SavedReply } from "../../../inbox/core/settings.ts";
import { ReplyList, useReplyPicker } from "../../../inbox/ui/saved_replies.tsx";
import { type Shell, ShellContext } from "../../../inbox/ui/shell.ts";
import { words } from "../../../inbox/ui/strings.ts";
import { settle } from "../client/support/clock.ts";

const HELLO = { id: "1", shortcut: "hello", body: "Hello there." };

let root: HTMLElement;
let draft: ReturnType<typeof signal<{ text: string }>>;
let known: ReturnType<typeof signal<readonly SavedReply[] | null>>;
let answer: (result: Result<SavedReply[]>) => void;
let asked: number;
let agent: ReturnType<typeof signal<object>>;

function Picker() {
  const picker = useReplyPicker(draft, (text) => (draft.value = { text }), {});
  return (
    <div class="frame" onKeyDownCapture={picker.onKeyDown}>
      <ReplyList {...picker} />
      <textarea />
    </div>
  );
}

const shown = () => root.querySelector("p, ul")?.textContent ?? "";
const write = (text: string) => act(() => void (draft.value = { text }));

/** Whether the composer would have seen the key. */
async function press(key: string, more: KeyboardEventInit = {}): Promise<boolean> {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  await act(() => void root.querySelector("textarea")?.dispatchEvent(event));
  return !event.defaultPrevented;
}

async function show() {
  const replies = () => {
    asked++;
    return new Promise<Result<SavedReply[]>>((resolve) => (answer = resolve));
  };
  const shell = { team: { agent, settings: { knownReplies: known, replies } } } as unknown as Shell;
  await act(() =>
    render(
      <ShellContext.Provider value={shell}>
        <Picker />
      </ShellContext.Provider>,
      root,
    )
  );
}

beforeEach(async () => {
  root = document.body.appendChild(document.createElement("div"));
  draft = signal({ text: "" });
  known = signal<readonly SavedReply[] | null>(null);
  asked = 0;
  agent = signal<object>({});
  await show();
});
afterEach(() => {
  render(null, root);
  root.remove();
});

test("Enter sends no command before the list has come, and chooses from it afterwards", async () => {
  await write("/hel");
  expect([shown(), await press("Enter"), draft.value.text]).toEqual([
    words.missingReplies.loading,
    false,
    "/hel",
  ]);
  await act(() => void (known.value = [HELLO]));
  expect([await press("Enter"), draft.value.text]).toEqual([false, "Hello there."]);
});

test("a list that could not be had says so, and the text can be sent", async () => {
  await write("/hel");
  await act(async () => {
    answer({ ok: false, problem: { code: "network", message: "" } });
    await settle();
  });
  expect([shown(), await press("Enter")]).toEqual([words.missingReplies.failed, true]);
});

test("where there are no saved replies at all, that is what it says, and the slash can be sent", async () => {
  await write("/");
  await act(() => void (known.value = []));
  expect([shown(), await press("Enter")]).toEqual([words.missingReplies.none, true]);
  await act(() => void (known.value = [HELLO]));
  await write("/zzz");
  expect(shown()).toBe(words.noSavedReply);
});

test("Enter sends no command that no reply fits, with Ctrl or Cmd it does", async () => {
  known.value = [HELLO];
  await write("/shp");
  expect([shown(), await press("Enter"), draft.value.text]).toEqual([words.noSavedReply, false, "/shp"]);
  expect(await press("Enter", { ctrlKey: true })).toBe(true);
  expect(await press("Enter", { metaKey: true })).toBe(true);
});

test("a draft that names what nothing fills in says so", async () => {
  await write("Your order {{order.id}} has left.");
  expect(shown()).toBe(words.unknownNames(["{{order.id}}"]));
});

test("an open list is asked for again once the team was told anew, and stays until the answer", async () => {
  known.value = [HELLO];
  await act(() => void (agent.value = {}));
  expect(asked).toBe(0);
  await write("/");
  expect(asked).toBe(1);
  await act(() => void (agent.value = {}));
  expect([asked, shown()]).toEqual([2, "/helloHello there."]);
  await act(() => void (known.value = [HELLO, { id: "2", shortcut: "hours", body: "At nine." }]));
  expect(shown()).toBe("/helloHello there./hoursAt nine.");
});

test("the next conversation knows the list at once", async () => {
  known.value = [HELLO];
  render(null, root);
  await show();
  await write("/hel");
  expect(shown()).toBe("/helloHello there.");
});

test("Shift+Enter breaks the line, Shift+Tab leaves, and keys of a composition choose nothing", async () => {
  known.value = [HELLO];
  await write("/hel");
  expect(await press("Enter", { shiftKey: true })).toBe(true);
  expect(await press("Tab", { shiftKey: true })).toBe(true);
  expect(await press("Enter", { keyCode: 229 })).toBe(true);
  expect(await press("Enter", { isComposing: true })).toBe(true);
  expect(draft.value.text).toBe("/hel");
});
