import { contrast, mix, parseColor, readableOn, toHex } from "../ui/theme/contrast.ts";
import type { LoaderConfig } from "./config.ts";
import type { Looks } from "./memory.ts";

const DEFAULT_ACCENT = "#3056d3";
const LIGHT_SURFACE = "#ffffff";
const DARK_SURFACE = "#1b1c1f";
/** WCAG 2.2: text on its background. */
const TEXT_CONTRAST = 4.5;
/** Enough for a coloured area to stand out from the panel. */
const AREA_CONTRAST = 1.6;

/** The tokens that everything else in the shadow root derives from, as one CSS rule. */
export function themeRule(looks: Looks, config: LoaderConfig): string {
  const accent = toHex(parseColor(looks.accent) ?? parseColor(DEFAULT_ACCENT) ?? [0, 0, 0]);
  const light = apart(accent, LIGHT_SURFACE, "#000000", AREA_CONTRAST);
  const dark = apart(accent, DARK_SURFACE, "#ffffff", AREA_CONTRAST);
  const scheme = { auto: "light dark", light: "light", dark: "dark" }[looks.theme ?? "auto"];
  return `.root{color-scheme:${scheme};z-index:${config.zIndex};` +
    `--surface:${themed(LIGHT_SURFACE, DARK_SURFACE)};` +
    `--accent:${themed(light, dark)};` +
    `--on-accent:${themed(readableOn(light), readableOn(dark))};` +
    `--accent-text:${
      themed(
        apart(accent, LIGHT_SURFACE, "#000000", TEXT_CONTRAST + 0.5),
        apart(accent, DARK_SURFACE, "#ffffff", TEXT_CONTRAST + 1.5),
      )
    }}`;
}

function themed(light: string, dark: string): string {
  return `light-dark(${light},${dark})`;
}

/** The colour itself, or as little mixed towards `towards` as it takes to differ from the surface. */
function apart(color: string, surface: string, towards: string, ratio: number): string {
  for (let share = 0; share < 1; share += 0.05) {
    const candidate = mix(color, towards, share);
    if (contrast(candidate, surface) >= ratio) return candidate;
  }
  return towards;
}
