/** What the widget speaks, and mails to visitors are written in: ISO 639-1. */
export const LANGUAGES = ["en", "de", "es", "fr", "it", "nl", "pt"] as const;

export type LanguageCode = (typeof LANGUAGES)[number];
