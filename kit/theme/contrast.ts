export const DEFAULT_ACCENT = "#3056d3";

/**
 * The highest luminance of text on the panel's light surface and the lowest on its dark one (`panel.css`), whose own are 1
 * and 0.0116. The contrasts, 5.6 and 6.6, are above WCAG's 4.5, since the text also stands on tinted areas, which are
 * nearer to it than the surface.
 */
const ON_LIGHT = 1.05 / 5.6 - 0.05;
const ON_DARK = 6.6 * (0.0116 + 0.05) - 0.05;
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

/** White while it reads well on the colour (a contrast of 4.5), else black. One of them has a contrast of at least 4.58. */
export function readableOn(color: string): "#fff" | "#000" {
  return luminance(color) < 0.1833 ? "#fff" : "#000";
}

/** Relative luminance, 0–1 (WCAG 2.2). */
function luminance(color: string): number {
  const rgb = parseInt(color.slice(1), 16);
  const linear = (value: number) => value <= 10 ? value / 3294.6 : ((value + 14.025) / 269.025) ** 2.4;
  return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8 & 255) + 0.0722 * linear(rgb & 255);
}

function channels(color: string): number[] {
  return color.match(/\w\w/g)?.map((digits) => parseInt(digits, 16)) ?? [];
}

/** The accent as a colour of text, for light and dark: itself, or as little changed as it takes to be read. */
export function accentText(accent: string | undefined): string {
  const color = parseColor(accent) ?? DEFAULT_ACCENT;
  const light = mixedUntil(color, "#000000", (mixed) => luminance(mixed) <= ON_LIGHT);
  const dark = mixedUntil(color, "#ffffff", (mixed) => luminance(mixed) >= ON_DARK);
  return `light-dark(${light},${dark})`;
}

/** `reads` holds of `towards` itself. */
function mixedUntil(color: string, towards: string, reads: (mixed: string) => boolean): string {
  let mixed = color;
  for (let share = 0; !reads(mixed); share += 0.05) mixed = mix(color, towards, share);
  return mixed;
}
