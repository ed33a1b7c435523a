import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { INVOCATIONS, REALTIME_MESSAGES } from "../../cli/cost/measured.ts";
import { type Meter, type Plan, PLANS } from "../../cli/cost/plans.ts";
import { BYTE_CAPS } from "../support/byte_caps.ts";

const text = readFileSync(new URL("../../docs/costs.md", import.meta.url), "utf8");
const [free, pro] = PLANS as [Plan, Plan];

/** Cells of the table's rows in a section. */
function tableOf(heading: string): string[][] {
  const [, section = ""] = new RegExp(`^## ${heading}\n([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, "m").exec(text) ??
    [];
  return section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| |"))
    .map((line) => line.slice(2, -2).split(" | "));
}

const numberOf = (cell = "") => Number(cell.replaceAll(/[^\d.]/g, ""));

describe("docs/costs.md", () => {
  it("shows what is measured", () => {
    const { validation, pageView, join, openPanel, openThread, publish, message } = INVOCATIONS;
    const { sent, perWidget } = REALTIME_MESSAGES;
    expect(tableOf("What Heddle does").map(([, ...numbers]) => numbers.map(numberOf))).toEqual([
      [validation + pageView, 0],
      [pageView, 0],
      [join, 0],
      [openPanel, 0],
      [openThread, 0],
      [publish + message, sent + perWidget],
      [publish, sent],
      [0, 0],
    ]);
  });

  it("shows the plans that the estimate reckons with", () => {
    const meters: Meter[] = ["invocations", "realtimeMessages", "peakConnections"];
    const rows = tableOf("What is counted");
    for (const [index, meter] of meters.entries()) {
      const [, inFree, inPro, beyond] = rows[index] ?? [];
      expect([numberOf(inFree), numberOf(inPro)]).toEqual([free.included[meter], pro.included[meter]]);
      expect(beyond).toContain(`$${pro.beyond?.[meter].price}`);
    }
    const [, inFree, inPro, beyond] = rows[3] ?? [];
    expect([inFree, inPro]).toEqual(["500 MB", "8,000 MB"]);
    expect(PLANS.map(({ included }) => included.databaseBytes / 1_000_000)).toEqual([500, 8000]);
    expect(beyond).toBe(`$${pro.beyond?.databaseBytes.price} per GB`);
    expect(text).toContain(`Pro is $${pro.price} a month`);
  });

  it("names the bytes that a test holds the widget to", () => {
    const [loader, badge, thread] = [BYTE_CAPS.loader, BYTE_CAPS.badge, BYTE_CAPS.thread]
      .map((bytes) => bytes / 1000);
    expect(text.replaceAll(/\s+/g, " ")).toContain(
      `at most ${loader} kB for the script tag, ${badge} kB with a live badge and ${thread} kB with an open thread`,
    );
  });

  it("says how many chat messages fit into a second", () => {
    const perMessage = REALTIME_MESSAGES.sent + REALTIME_MESSAGES.perWidget;
    expect(text.replaceAll(/\s+/g, " ")).toContain(`Free carries ${100 / perMessage} chat messages a second`);
  });
});
