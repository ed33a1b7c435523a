/** WCAG 2.2, "contrast ratio" and "relative luminance", of two `#rrggbb`. */
export function contrast(a: string, b: string): number {
  const [x = 0, y = 0] = [a, b].map((color) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
      const value = parseInt(color.slice(start, start + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  });
  return Math.max(x, y) / Math.min(x, y);
}
