// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GuardedBubble } from "../../../inbox/ui/guarded_bubble.tsx";
import { kitStrings } from "../../../inbox/ui/strings.ts";
import { ThreadRows } from "../../../kit/conversation/rows.tsx";
import { createFormats } from "../../../kit/text/intl_formats.ts";
import { TextContext } from "../../../kit/text/text_context.ts";
import { sampleEntry } from "../../support/sample_widget.ts";

const text = { strings: kitStrings, formats: createFormats("en") };
const resending = { resend: () => undefined, discard: () => undefined, edit: () => undefined };
const author = { role: "operator" as const, name: "Olga" };

let root: HTMLElement;
beforeEach(() => {
  root = document.body.appendChild(document.createElement("div"));
});
afterEach(() => {
  render(null, root);
  root.remove();
  vi.restoreAllMocks();
});

test("a message that can't be drawn says so, is reported, and leaves the others of its thread readable", async () => {
  const reported = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const malformed = [{ url: "https://a.example/x.pdf", name: 5 }] as never;
  const entries = [
    sampleEntry({ id: "1", body: "Before", author }),
    sampleEntry({ id: "2", body: "Broken", author, attachments: malformed }),
    sampleEntry({ id: "3", body: "After", author }),
  ];
  await act(() =>
    render(
      <TextContext.Provider value={text}>
        <ThreadRows entries={entries} viewer="operator" resending={resending} bubble={GuardedBubble} />
      </TextContext.Provider>,
      root,
    )
  );
  const shown = [...root.querySelectorAll("[data-entry]")].map((each) =>
    each.querySelector("p")?.textContent
  );
  expect(shown).toEqual(["Before", "This message can't be shown.", "After"]);
  expect(reported).toHaveBeenCalledWith("Message 2 can't be shown", expect.any(TypeError));
});

test("a message of thousands of lines is folded until all of it is asked for, and the focus stays with it", async () => {
  const body = Array.from({ length: 9000 }, (_, n) => `line ${n}`).join("\n");
  const entries = [
    sampleEntry({ id: "1", body, author }),
    sampleEntry({ id: "2", body: "a\n".repeat(40), author }),
  ];
  await act(() =>
    render(
      <TextContext.Provider value={text}>
        <ThreadRows entries={entries} viewer="visitor" resending={resending} bubble={GuardedBubble} />
      </TextContext.Provider>,
      root,
    )
  );
  const shown = () => root.querySelector("[data-entry] p")?.textContent?.split("\n").length;
  expect(shown()).toBe(25);
  const buttons = [...root.querySelectorAll("button")];
  expect(buttons.map(({ textContent }) => textContent)).toEqual(["Show all 9000 lines"]);
  buttons[0]?.focus();
  await act(() => buttons[0]?.click());
  expect(shown()).toBe(9000);
  expect(document.activeElement?.getAttribute("data-entry")).toBe("1");
});
