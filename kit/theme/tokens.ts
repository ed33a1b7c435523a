import { contrast, DEFAULT_ACCENT, mix, parseColor } from "./contrast.ts";

/** The panel's background, as in `panel.css`. */
const LIGHT_SURFACE = "#ffffff";
const DARK_SURFACE = "#1b1c1f";
/** Above WCAG's 4.5, since the text also stands on tinted areas, which are nearer to it than the surface. */
const ON_LIGHT = 5.6;
const ON_DARK = 6.6;

/** The accent as a colour of text, for light and dark: itself, or as little changed as it takes to be read. */
export function accentText(accent: string | undefined): string {
  const color = parseColor(accent) ?? DEFAULT_ACCENT;
  const light = readable(color, LIGHT_SURFACE, "#000000", ON_LIGHT);
  const dark = readable(color, DARK_SURFACE, "#ffffff", ON_DARK);
  return `light-dark(${light},${dark})`;
}

function readable(color: string, surface: string, towards: string, ratio: number): string {
  for (let share = 0; share < 1; share += 0.05) {
    const candidate = mix(color, towards, share);
    if (contrast(candidate, surface) >= ratio) return candidate;
  }
  return towards;
}
