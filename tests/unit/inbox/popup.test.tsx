// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, test } from "vitest";
import type { Row } from "../../../inbox/core/rows.ts";
import { Popup } from "../../../inbox/ui/popup.tsx";
import { hasState } from "../../../inbox/ui/refused.tsx";

const root = document.createElement("div");
document.body.append(root);
afterEach(() => render(null, root));

const tools = (isOpen: boolean) => (
  <div>
    {isOpen && <Popup label="Snooze">{() => <button type="button">Tomorrow</button>}</Popup>}
    <button type="button">{isOpen ? "Resolve" : "Reopen"}</button>
  </div>
);

test("what is chosen takes the button away, and the focus goes on to the one beside it", async () => {
  await act(() => render(tools(true), root));
  await act(() => root.querySelector<HTMLElement>(".tool")?.click());
  expect(document.activeElement?.textContent).toBe("Tomorrow");
  await act(() => render(tools(false), root));
  expect(document.activeElement?.textContent).toBe("Reopen");
});

test("a popup that goes without the focus leaves it where it is", async () => {
  await act(() => render(tools(true), root));
  (document.activeElement as HTMLElement | null)?.blur();
  await act(() => render(tools(false), root));
  expect(document.activeElement).toBe(document.body);
});

test("what has nothing to press takes the keys itself, and Escape goes no further than closing it", async () => {
  let heard = 0;
  const hear = () => void (heard += 1);
  addEventListener("keydown", hear);
  await act(() => render(<Popup label="Hand over">{() => <p>Nobody else.</p>}</Popup>, root));
  await act(() => root.querySelector<HTMLElement>(".tool")?.click());
  await act(() =>
    void document.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Escape", bubbles: true }),
    )
  );
  removeEventListener("keydown", hear);
  expect(root.querySelector(".popup-panel")).toBeNull();
  expect(heard).toBe(0);
});

test.each(
  [
    ["resolve", { status: "RESOLVED" }, true],
    ["resolve", { status: "OPEN" }, false],
    ["reopen", { status: "OPEN" }, true],
    ["snooze", { status: "SNOOZED" }, true],
    ["snooze", { status: "RESOLVED" }, false],
    ["claim", { assignee: { id: "me", name: "Mira" } }, true],
    ["claim", { assignee: { id: "other", name: "Jonas" } }, false],
    ["release", { assignee: null }, true],
  ] as const,
)("%s is done where the conversation is %o: %s", (action, row, isDone) => {
  expect(hasState({ status: "OPEN", assignee: null, ...row } as Row, action, "me")).toBe(isDone);
});
