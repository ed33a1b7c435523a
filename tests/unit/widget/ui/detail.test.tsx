// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Item } from "../../../../shared/items.ts";
import type { FormField } from "../../../../shared/tabs.ts";
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
    await doing(() => panel.button("Save").click());
    await doing(() => type(panel.find<HTMLTextAreaElement>("textarea"), "Number 14"));
    await doing(() => panel.button("Save").click());
    expect(store().calls).toEqual(['update {"note":"Number 14"}']);
    expect(panel.text()).toContain("Saved.");
  });

  it("saves and deletes once, however often one presses while it is on its way", async () => {
    const update = store().update = vi.fn(() => new Promise<null>(() => {}));
    const remove = store().remove = vi.fn(() => new Promise<null>(() => {}));
    await doing(() => type(panel.find<HTMLTextAreaElement>("textarea"), "Number 14"));
    await doing(() => panel.button("Save").click());
    await doing(() => panel.button("Saving…").click());
    await doing(() => panel.button("Delete").click());
    await doing(() => panel.find(".confirm .danger").click());
    await doing(() => panel.find(".confirm .danger").click());
    expect([update.mock.calls.length, remove.mock.calls.length]).toEqual([1, 1]);
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

/** The detail of a record in a tab whose form has these fields. */
async function showRecord(item: Item, fields: FormField[] = []) {
  const tab = { ...ORDERS, fields };
  const core = createFakeCore({ session: readySession({ tabs: [tab] }), items: { orders: [item] } });
  const panel = await showPanel(core);
  await opening(panel);
  const calls = () => core.records.at(-1)?.calls;
  const facts = Object.fromEntries(
    [...panel.dialog.querySelectorAll(".facts > div")].map((fact) => [
      fact.querySelector("dt")?.textContent,
      fact.querySelector("dd")?.textContent,
    ]),
  );
  const input = (key: string) => panel.find<HTMLInputElement>(`#field-${key}`);
  return { panel, calls, facts, input };
}

describe("a record's numbers and times", () => {
  it("stay as the owner wrote them", async () => {
    const fields = {
      unitPrice: 0.0004,
      vat: 0.0825,
      latitude: 52.520008,
      tracking: "340434188193158927",
      zip: 10115,
      year: 2026,
      phone: 4915112345678,
      total: "84.00",
    };
    const { panel, facts } = await showRecord(sampleItem({ id: "r1", fields }));
    expect(Object.values(facts)).toEqual(Object.values(fields).map(String));
    panel.unmount();
  });

  it("are UTC without a zone, have no clock time without one, and are text if they are no time", async () => {
    const fields = {
      without_zone: "2026-11-20 10:00:00",
      with_zone: "2026-11-20T10:00:00Z",
      day: "2026-11-20",
      digits: "20261120",
      no_day: "2026-02-30",
      no_time: "2026-02-30T10:00:00Z",
      span: "2026-11-20T10:00 to 12:00",
    };
    const { panel, facts } = await showRecord(sampleItem({ id: "r1", timestamp: "2026-11-20", fields }));
    expect(facts["Without zone"]).toBe(facts["With zone"]);
    expect(facts["With zone"]).toContain(":");
    expect(facts).toMatchObject({
      Date: "Nov 20, 2026",
      Day: "Nov 20, 2026",
      Digits: "20261120",
      "No day": "2026-02-30",
      "No time": "2026-02-30T10:00:00Z",
      Span: "2026-11-20T10:00 to 12:00",
    });
    panel.unmount();
  });
});

describe("the form of a record", () => {
  it("shows the owner's own keys, and what it shows is not said twice", async () => {
    const fields = [
      { key: "name", label: "Name", type: "text" },
      { key: "date", label: "Date", type: "date" },
      { key: "Status", label: "Status", type: "text" },
    ] as const;
    const { panel, calls, facts, input } = await showRecord(
      sampleItem({
        id: "r1",
        title: "Ada Okafor",
        timestamp: "2026-03-01",
        status: "open",
        fields: { name: "Ada Okafor", date: "2026-03-01", Status: "open" },
      }),
      [...fields],
    );
    expect(fields.map(({ key }) => input(key).value)).toEqual(["Ada Okafor", "2026-03-01", "open"]);
    expect(facts).toEqual({});
    expect(panel.dialog.querySelector(".facts")).toBeNull();
    await doing(() => type(input("Status"), "closed"));
    await doing(() => panel.button("Save").click());
    expect(calls()).toEqual(['update {"Status":"closed"}']);
    panel.unmount();
  });

  it.each([1, "TRUE", "1", "on", "Yes", true, "true", "1.0", "t"])(
    "has a tick for %o, which can be taken away",
    async (value) => {
      const field = { key: "gift", label: "Gift", type: "checkbox" } as const;
      const { panel, calls, input } = await showRecord(sampleItem({ id: "r1", fields: { gift: value } }), [
        field,
      ]);
      expect(input("gift").checked).toBe(true);
      await doing(() => input("gift").click());
      await doing(() => panel.button("Save").click());
      expect(calls()).toEqual(['update {"gift":false}']);
      panel.unmount();
    },
  );

  it.each([0, "FALSE", "0", "off", "no", false, "", null, "10"])("has no tick for %o", async (value) => {
    const field = { key: "gift", label: "Gift", type: "checkbox" } as const;
    const { panel, calls, input } = await showRecord(sampleItem({ id: "r1", fields: { gift: value } }), [
      field,
    ]);
    expect(input("gift").checked).toBe(false);
    await doing(() => input("gift").click());
    await doing(() => panel.button("Save").click());
    expect(calls()).toEqual(['update {"gift":true}']);
    panel.unmount();
  });

  it.each<[string, unknown]>([
    ["0.0005", 0.0005],
    ["84.50", 84.5],
    ["340434188193158928", "340434188193158928"],
    ["", null],
  ])("sends the number %s as %o", async (typed, sent) => {
    const field = { key: "amount", label: "Amount", type: "number" } as const;
    const item = sampleItem({ id: "r1", fields: { amount: "340434188193158927" } });
    const { panel, calls, input } = await showRecord(item, [field]);
    expect(input("amount").value).toBe("340434188193158927");
    await doing(() => type(input("amount"), typed));
    await doing(() => panel.button("Save").click());
    expect(calls()).toEqual([`update ${JSON.stringify({ amount: sent })}`]);
    panel.unmount();
  });

  it.each<[unknown, string]>([
    ["2026-03-01", "2026-03-01"],
    ["2026-03-01T23:30:00-05:00", "2026-03-01"],
    ["20260301", "2026-03-01"],
    [1700000000, "2023-11-14"],
    ["soon", ""],
    [null, ""],
  ])("has the day of %o", async (value, day) => {
    const field = { key: "due", label: "Due", type: "date" } as const;
    const { panel, input } = await showRecord(sampleItem({ id: "r1", fields: { due: value } }), [field]);
    expect(input("due").value).toBe(day);
    panel.unmount();
  });
});

describe("a value that a field can't show", () => {
  const NOTE = { key: "note", label: "Note", type: "text" } as const;

  it.each<["date" | "number", unknown, string, unknown]>([
    ["date", "24.12.2026", "2026-12-25", "2026-12-25"],
    ["date", "2026-02-30", "2026-12-25", "2026-12-25"],
    ["date", "soon", "2026-12-25", "2026-12-25"],
    ["number", "1,5", "2.5", 2.5],
    ["number", "about 10", "12", 12],
  ])("stands as text by the field for a %s: %o", async (kind, value, typed, sent) => {
    const item = sampleItem({ id: "r1", fields: { due: value, note: "" } });
    const { panel, calls, input } = await showRecord(item, [{ key: "due", label: "Due", type: kind }, NOTE]);
    expect(input("due").value).toBe("");
    expect(panel.find(`#${input("due").getAttribute("aria-describedby")}`).textContent).toBe(value);

    await doing(() => type(input("due"), typed));
    await doing(() => type(input("due"), ""));
    await doing(() => type(input("note"), "Ring twice"));
    await doing(() => panel.button("Save").click());
    await doing(() => type(input("due"), typed));
    await doing(() => type(input("note"), ""));
    await doing(() => panel.button("Save").click());
    expect(calls()).toEqual([
      `update ${JSON.stringify({ note: "Ring twice" })}`,
      `update ${JSON.stringify({ due: sent })}`,
    ]);
    panel.unmount();
  });

  it.each<["date" | "number" | "text", unknown]>([
    ["date", "2026-12-24"],
    ["date", null],
    ["number", " 84.50 "],
    ["number", "-.5e3"],
    ["number", ""],
    ["text", ""],
  ])("is none for a %s: %o", async (kind, value) => {
    const item = sampleItem({ id: "r1", fields: { due: value } });
    const { panel, input } = await showRecord(item, [{ key: "due", label: "Due", type: kind }]);
    expect(input("due").hasAttribute("aria-describedby")).toBe(false);
    expect(panel.dialog.querySelector(".field .meta")).toBeNull();
    panel.unmount();
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
