import { contrast, DEFAULT_ACCENT, mix, parseColor, readableOn } from "./contrast.ts";

const LIGHT_SURFACE = "#ffffff";
const DARK_SURFACE = "#1b1c1f";
/** Above WCAG's 4.5, since the text also stands on tinted areas, which are lighter or darker than the surface. */
const TEXT_CONTRAST = { light: 5.6, dark: 6.6 };
/** Enough for a coloured area to stand out from the panel. */
const AREA_CONTRAST = 1.6;

/** The custom properties that the panel's style sheets derive everything else from, and its `color-scheme`. */
export function themeTokens(accent: string | undefined, theme: string | undefined): Record<string, string> {
  const color = parseColor(accent) ?? DEFAULT_ACCENT;
  const light = apart(color, LIGHT_SURFACE, "#000000", AREA_CONTRAST);
  const dark = apart(color, DARK_SURFACE, "#ffffff", AREA_CONTRAST);
  const lightText = apart(color, LIGHT_SURFACE, "#000000", TEXT_CONTRAST.light);
  const darkText = apart(color, DARK_SURFACE, "#ffffff", TEXT_CONTRAST.dark);
  return {
    "color-scheme": theme === "light" || theme === "dark" ? theme : "light dark",
    "--surface": themed(LIGHT_SURFACE, DARK_SURFACE),
    "--accent": themed(light, dark),
    "--on-accent": themed(readableOn(light), readableOn(dark)),
    "--accent-text": themed(lightText, darkText),
  };
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
