import { expect, test } from "vitest";
import { freeColor, PALETTE } from "../../../inbox/ui/settings/palette.tsx";
import { contrast } from "../../support/contrast.ts";

/** What a label's dot stands on: surface, side and the tint of what is chosen, in light and in dark. */
const SURFACES = ["#ffffff", "#f7f7f8", "#dfe4f6", "#1b1c1f", "#161719", "#212534"];

test.each(Object.entries(PALETTE))("%s, %s, stands out from all that a label stands on", (color) => {
  for (const surface of SURFACES) expect(contrast(color, surface), surface).toBeGreaterThanOrEqual(3);
});

test("a new label gets a colour that no other has, as long as there is one", () => {
  const [first = "", second = "", ...others] = Object.keys(PALETTE);
  expect(freeColor([])).toBe(first);
  expect(freeColor([{ color: second }, { color: first }])).toBe(others[0]);
  expect(freeColor([first, second, ...others, first].map((color) => ({ color })))).toBe(second);
});
