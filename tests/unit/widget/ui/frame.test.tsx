// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from "vitest";
import { mountPanel, type Panel } from "../../../../widget/ui/main.tsx";
import { createFakeCore } from "../../../support/fake_core.ts";
import { MESSAGES, readySession, sampleItem } from "../../../support/sample_widget.ts";

let panel: Panel;
afterEach(() => panel.unmount());

it("shows the panel's frame, which can be closed, before its content", async () => {
  const items = { [MESSAGES.id]: [sampleItem({ id: "1", title: "Too dark?" })] };
  const core = createFakeCore({ session: readySession(), items });
  const onClose = vi.fn();
  const frame = document.createElement("div");
  document.body.append(frame);
  panel = mountPanel({ frame, addStyles() {}, core, options: {}, onClose });
  panel.show();
  panel.fillSoon();

  expect(frame.querySelector(".row")).toBeNull();
  frame.querySelector<HTMLElement>(`[aria-label="${panel.closeLabel}"]`)?.click();
  expect(onClose).toHaveBeenCalledOnce();

  await vi.waitFor(() => expect(frame.querySelector(".row")?.textContent).toContain("Too dark?"));
});
