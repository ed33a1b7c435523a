import { useLayoutEffect, useRef } from "preact/hooks";
import type { Label } from "../../core/team.ts";

/** Each stands out, 3 : 1, from every surface that a label's dot stands on, in light and in dark. */
export const PALETTE = {
  "#3f76e0": "Blue",
  "#2f8f4e": "Green",
  "#b07300": "Amber",
  "#d94f4f": "Red",
  "#8f69d4": "Violet",
  "#128a8a": "Teal",
  "#cc4a8c": "Pink",
  "#7a7f88": "Grey",
};

const COLORS = Object.keys(PALETTE);

/** The first colour that no label has; once all are taken, one that as few as possible have. */
export function freeColor(labels: readonly Pick<Label, "color">[]): string {
  const uses = (color: string) => labels.filter((label) => label.color === color).length;
  return COLORS.toSorted((a, b) => uses(a) - uses(b))[0] ?? "";
}

interface PaletteProps {
  /** Of what it is the colour. */
  name: string;
  /** The one that is chosen at first; another one than those of the palette stands before them. */
  color: string;
}

/** Colours to choose one from. */
export function Palette({ name, color }: PaletteProps) {
  const choices = useRef<HTMLFieldSetElement>(null);
  const first = useRef(color);
  // Whoever has chosen none yet goes along.
  useLayoutEffect(() => {
    const all = [...choices.current?.querySelectorAll("input") ?? []];
    const chosen = all.find(({ checked }) => checked);
    const next = all.find(({ value }) => value === color);
    if (next && (!chosen || chosen.value === first.current)) next.checked = true;
    first.current = color;
  }, [color]);
  const colors: [string, string][] = Object.entries(PALETTE);
  const all = color in PALETTE ? colors : [[color, color] as [string, string], ...colors];
  return (
    <fieldset class="swatches" ref={choices} aria-label={name}>
      {all.map(([value, text]) => (
        <input
          key={value}
          type="radio"
          name="color"
          value={value}
          defaultChecked={value === color}
          aria-label={text}
          title={text}
          style={{ "--swatch": value }}
        />
      ))}
    </fieldset>
  );
}
