import { displaySchema } from "../../../shared/api/validate_widget.ts";
import { ACCENT_PATTERN, displaySettingsSchema } from "../../../shared/management.ts";
import type { Input, Option } from "../../command.ts";
import { usageError } from "../../errors.ts";
import { label, oneOf } from "../input.ts";

type Setting = keyof typeof displaySettingsSchema.shape;

const HELP: Record<Setting, Omit<Option, "type">> = {
  title: { value: "TEXT", help: "heading of the widget" },
  accent: { value: "#RRGGBB", help: "its colour" },
  theme: { value: "THEME", help: "auto, light or dark" },
  launcher: { value: "TEXT", help: "label of the button that opens it" },
  locale: { value: "CODE", help: "language where a page names none, such as en" },
};

/** What may be set of an agent's `display`. */
export const DISPLAY_SETTINGS = Object.keys(HELP) as Setting[];
export const DISPLAY_OPTIONS: Record<string, Option> = Object.fromEntries(
  DISPLAY_SETTINGS.map((setting) => [setting, { type: "string", ...HELP[setting] }]),
);

/** The settings that were given. Throws a usage error. */
export function displayIn(input: Input): Partial<Record<Setting, string>> {
  const given = DISPLAY_SETTINGS.flatMap((setting) => {
    const text = input.text(setting);
    return text === undefined ? [] : [[setting, checked(setting, text)]];
  });
  return Object.fromEntries(given);
}

function checked(setting: Setting, text: string): string {
  switch (setting) {
    case "title":
    case "launcher":
      return label(text, `--${setting}`);
    case "accent":
      if (ACCENT_PATTERN.test(text)) return text;
      throw usageError("--accent must be a colour such as #2f6f4f.");
    case "theme":
      return oneOf(text, displaySchema.shape.theme.options, "--theme");
    case "locale":
      if (isLocale(text)) return text;
      throw usageError("--locale must be a language such as en or pt-BR.");
  }
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
