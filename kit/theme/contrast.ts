export const DEFAULT_ACCENT = "#3056d3";

/** The panel's background, as in `panel.css`. */
const LIGHT_SURFACE = "#ffffff";
const DARK_SURFACE = "#1b1c1f";
/** Above WCAG's 4.5, since the text also stands on tinted areas, which are nearer to it than the surface. */
const ON_LIGHT = 5.6;
const ON_DARK = 6.6;
const SHORT = 4;

/** `#rrggbb` in lower case for `#rgb` or `#rrggbb`; `undefined` for anything else. */
export function parseColor(text: string | undefined): string | undefined {
  const hex = text?.trim().toLowerCase() ?? "";
  if (!/^#([\da-f]{3}){1,2}$/.test(hex)) return undefined;
  return hex.length === SHORT ? hex.replace(/\w/g, "$&$&") : hex;
}

/** `share` of `towards` in `color`, channel by channel; 0 is the colour itself. Both are `#rrggbb`. */
export function mix(color: string, towards: string, share: number): string {
  const to = channels(towards);
  const mixed = channels(color).map((channel, index) => channel + ((to[index] ?? 0) - channel) * share);
  return "#" + mixed.map((channel) => Math.round(channel).toString(16).padStart(2, "0")).join("");
}

/** Contrast ratio of two `#rrggbb`, 1–21 (WCAG 2.2, "contrast ratio"). */
export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return Math.max(x, y) / Math.min(x, y);
}

/** White while it reads well on the colour, else black. One of them has a contrast of at least 4.58. */
export function readableOn(color: string): "#fff" | "#000" {
  return 1.05 / (luminance(color) + 0.05) >= 4.5 ? "#fff" : "#000";
}

/** Relative luminance, 0–1 (WCAG 2.2). */
function luminance(color: string): number {
  return channels(color).reduce((sum, value, index) => {
    const channel = value / 255;
    const linear = channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
    return sum + linear * (WEIGHTS[index] ?? 0);
  }, 0);
}

const WEIGHTS = [0.2126, 0.7152, 0.0722];

function channels(color: string): number[] {
  return [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
}

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
