import type { Input, Option } from "../../command.ts";
import { Misuse } from "../../errors.ts";
import { label, oneOf } from "../input.ts";

/** How a widget looks: an agent's `display`. */
export const LOOKS_OPTIONS: Record<string, Option> = {
  title: { type: "string", value: "TEXT", help: "heading of the widget" },
  accent: { type: "string", value: "#RRGGBB", help: "its colour" },
  theme: { type: "string", value: "THEME", help: "auto, light or dark" },
  launcher: { type: "string", value: "TEXT", help: "label of the button that opens it" },
  locale: { type: "string", value: "CODE", help: "language of dates and numbers, such as en" },
};
export const LOOKS = Object.keys(LOOKS_OPTIONS);

/** The looks that were given. */
export function looksIn(input: Input): Record<string, string> {
  const looks = Object.fromEntries(
    LOOKS.map((look) => [look, input.text(look)] as const)
      .filter((entry): entry is readonly [string, string] => entry[1] !== undefined),
  );
  for (const look of ["title", "launcher"]) {
    const text = looks[look];
    if (text !== undefined) label(text, `--${look}`);
  }
  if (looks.accent !== undefined && !/^#[0-9a-f]{6}$/i.test(looks.accent)) {
    throw new Misuse("--accent must be a colour such as #2f6f4f.");
  }
  if (looks.theme !== undefined) oneOf(looks.theme, ["auto", "light", "dark"], "--theme");
  if (looks.locale !== undefined && !isLocale(looks.locale)) {
    throw new Misuse("--locale must be a language such as en or pt-BR.");
  }
  return looks;
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
