// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeCore, type FakeCore, type FakeRecord } from "../../../support/fake_core.ts";
import { ORDERS, readySession, sampleItem } from "../../../support/sample_widget.ts";
import { doing, type MountedPanel, press, showPanel, type } from "./support.ts";

const ORDER = sampleItem({
  id: "o1",
  title: "Order #1042",
  status: "Shipped",
  fields: {
    total: 84,
    paidAt: "2026-11-20T10:00:00Z",
    gift_wrapped: true,
    items: ["Monstera", "Pot"],
    address: { city: "Bristol" },
    tracking: "https://parcels.example.com/9Q",
    note: "Ring twice",
    empty: null,
  },
});

/** Opens the first row; the detail's code may be loaded only now. */
async function opening(panel: MountedPanel): Promise<void> {
  await doing(() => panel.find(".row").click());
  await vi.dynamicImportSettled();
  await doing(() => {});
}

describe("the detail of a record", () => {
  let core: FakeCore;
  let panel: MountedPanel;
  const store = () => core.records.at(-1) as FakeRecord;
  const facts = () =>
    Object.fromEntries(
      [...panel.dialog.querySelectorAll(".facts > div")].map((fact) => [
        fact.querySelector("dt")?.textContent,
        fact.querySelector("dd")?.textContent,
      ]),
    );

  beforeEach(async () => {
    core = createFakeCore({ session: readySession({ tabs: [ORDERS] }), items: { orders: [ORDER] } });
    panel = await showPanel(core);
    await opening(panel);
  });
  afterEach(() => panel.unmount());

  it("shows the owner's fields in words", () => {
    expect(facts()).toMatchObject({
      Status: "Shipped",
      Total: "84",
      "Gift wrapped": "Yes",
      Items: "Monstera, Pot",
      Address: "City: Bristol",
      Tracking: "https://parcels.example.com/9Q",
    });
    expect(facts()["Paid at"]).toContain("2026");
    expect(facts()).not.toHaveProperty("Empty");
  });

  it("does not say twice what the form shows", () => {
    expect(facts()).not.toHaveProperty("Note");
    expect(panel.find<HTMLTextAreaElement>("textarea").value).toBe("Ring twice");
  });

  it("saves only what was changed", async () => {
    expect(panel.button("Save").disabled).toBe(true);
    await doing(() => type(panel.find<HTMLTextAreaElement>("textarea"), "Number 14"));
    await doing(() => panel.button("Save").click());
    expect(store().calls).toEqual(['update {"note":"Number 14"}']);
    expect(panel.text()).toContain("Saved.");
  });

  it("shows why a change was refused and keeps it", async () => {
    core.refusal = { code: "source_rejected", message: "The parcel has left already." };
    await doing(() => type(panel.find<HTMLTextAreaElement>("textarea"), "Number 14"));
    await doing(() => panel.button("Save").click());
    expect(panel.text()).toContain("The parcel has left already.");
    expect(panel.find<HTMLTextAreaElement>("textarea").value).toBe("Number 14");
  });

  it("asks before it deletes, and Escape means no", async () => {
    await doing(() => panel.button("Delete").click());
    const question = panel.find(".confirm");
    expect(question.textContent).toContain("Delete this for good?");
    let event: KeyboardEvent | undefined;
    await doing(() => {
      event = press(question, "Escape");
    });
    expect(event?.defaultPrevented).toBe(true);
    expect(panel.dialog.querySelector(".confirm")).toBeNull();
    expect(store().calls).toEqual([]);
  });

  it("deletes and goes back to the list", async () => {
    await doing(() => panel.button("Delete").click());
    await doing(() => panel.find(".confirm .danger").click());
    expect(store().calls).toEqual(["remove", "close"]);
    expect(panel.dialog.querySelector(".over")).toBeNull();
  });

  it("stays when the owner refuses to delete", async () => {
    core.refusal = { code: "conflict", message: "the item must not be claimed" };
    await doing(() => panel.button("Delete").click());
    await doing(() => panel.find(".confirm .danger").click());
    expect(panel.find(".confirm").textContent).toContain("Somebody else changed this");
  });
});

describe("a tab without item_clicked", () => {
  it("shows what the list knows and changes it through the list", async () => {
    const tab = { ...ORDERS, actions: ORDERS.actions.filter((action) => action !== "item_clicked") };
    const core = createFakeCore({ session: readySession({ tabs: [tab] }), items: { orders: [ORDER] } });
    const panel = await showPanel(core);
    await opening(panel);
    expect(core.records).toHaveLength(0);
    await doing(() => panel.button("Delete").click());
    await doing(() => panel.find(".confirm .danger").click());
    expect(core.lists.get("orders")?.state.value.items).toEqual([]);
    panel.unmount();
  });
});
