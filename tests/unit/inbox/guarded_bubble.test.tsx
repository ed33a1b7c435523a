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
