import { describe, expect, it } from "vitest";
import { accentText, mix, parseColor, readableOn } from "../../../kit/theme/contrast.ts";
import { contrast } from "../../support/contrast.ts";

/** Every sixth value of each channel: 6 × 6 × 6 colours over the whole cube. */
const COLORS = [0, 51, 102, 153, 204, 255].flatMap((r, _, values) =>
  values.flatMap((g) =>
    values.map((b) => "#" + [r, g, b].map((c) => c.toString(16).padStart(2, "0")).join(""))
  )
);

describe("colours", () => {
  it("are read as #rgb and #rrggbb, and nothing else", () => {
    expect(parseColor("#AbC")).toBe("#aabbcc");
    expect(parseColor(" #2f6f4f ")).toBe("#2f6f4f");
    for (const text of ["red", "#12", "#12345", "#1234567", "#ggg", "", undefined]) {
      expect(parseColor(text)).toBeUndefined();
    }
  });

  it("are mixed channel by channel", () => {
    expect(mix("#000000", "#ffffff", 0)).toBe("#000000");
    expect(mix("#000000", "#ffffff", 0.5)).toBe("#808080");
  });
});

describe("contrast", () => {
  it("is what WCAG says it is", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  });

  it("of text on any accent is at least 4.5", () => {
    for (const color of COLORS) {
      const text = readableOn(color) === "#fff" ? "#ffffff" : "#000000";
      expect(contrast(text, color)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("of any accent as text is at least 4.5 on both surfaces", () => {
    for (const color of COLORS) {
      const [light = "", dark = ""] = accentText(color).match(/#[\da-f]{6}/g) ?? [];
      expect(contrast(light, "#ffffff")).toBeGreaterThanOrEqual(4.5);
      expect(contrast(dark, "#1b1c1f")).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("leaves an accent alone that reads well", () => {
    expect(accentText("#2f6f4f")).toContain("#2f6f4f");
  });
});
