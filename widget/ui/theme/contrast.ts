/** Red, green and blue, 0–255. */
export type Rgb = readonly [number, number, number];

/** Reads `#rgb` or `#rrggbb`; `null` for anything else. */
export function parseColor(text: string | undefined): Rgb | null {
  const match = /^#(?:([\da-f])([\da-f])([\da-f])|([\da-f]{2})([\da-f]{2})([\da-f]{2}))$/i.exec(
    text?.trim() ?? "",
  );
  if (!match) return null;
  const [r, g, b] = match.slice(1).filter(Boolean).map((part) =>
    parseInt(part.length === 1 ? part + part : part, 16)
  );
  return [r ?? 0, g ?? 0, b ?? 0];
}

/** `#rrggbb`. */
export function toHex(color: Rgb): string {
  return "#" + color.map((channel) => Math.round(channel).toString(16).padStart(2, "0")).join("");
}

/** `share` of `towards` in `color`, channel by channel; 0 is the colour itself. */
export function mix(color: string, towards: string, share: number): string {
  const from = parseColor(color) ?? BLACK;
  const to = parseColor(towards) ?? BLACK;
  const channel = (index: 0 | 1 | 2) => from[index] + (to[index] - from[index]) * share;
  return toHex([channel(0), channel(1), channel(2)]);
}

/** Contrast ratio, 1–21 (WCAG 2.2, "contrast ratio"). */
export function contrast(a: string, b: string): number {
  const [bright, dim] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (bright + 0.05) / (dim + 0.05);
}

/** Black or white: white while it reads well, else the one with more contrast. One of them has at least 4.58. */
export function readableOn(color: string): "#ffffff" | "#000000" {
  return contrast(color, "#ffffff") >= 4.5 ? "#ffffff" : "#000000";
}

const BLACK: Rgb = [0, 0, 0];

/** Relative luminance, 0–1 (WCAG 2.2). */
function luminance(color: string): number {
  const [r, g, b] = (parseColor(color) ?? BLACK).map((value) => {
    const channel = value / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
