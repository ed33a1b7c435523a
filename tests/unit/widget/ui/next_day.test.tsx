// @vitest-environment happy-dom
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createFakeCore } from "../../../support/fake_core.ts";
import { readySession, sampleItem } from "../../../support/sample_widget.ts";
import { type MountedPanel, showPanel } from "./support.ts";

let panel: MountedPanel;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"], now: new Date(2026, 10, 29, 23, 50) });
  const timestamp = new Date(2026, 10, 29, 9, 38).toISOString();
  const items = { messages: [sampleItem({ id: "1", title: "Ferns", timestamp })] };
  panel = await showPanel(createFakeCore({ session: readySession(), items }));
  // What watches the day is loaded by then.
  await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
});
afterEach(() => {
  panel.unmount();
  vi.useRealTimers();
});

const time = () => panel.find(".row time").textContent;
const pass = (minutes: number) => act(() => void vi.advanceTimersByTime(minutes * 60_000));

it("a list that stays open says of yesterday's rows which day that was", async () => {
  expect(time()).toBe("9:38 AM");
  await pass(9);
  expect(time()).toBe("9:38 AM");
  await pass(3);
  expect(time()).toBe("Sun");
});

it("nothing is drawn once the panel is gone, and no timer goes on", async () => {
  panel.unmount();
  await pass(20);
  expect(vi.getTimerCount()).toBe(0);
});
