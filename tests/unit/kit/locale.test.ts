import { expect, it } from "vitest";
import { loadStrings } from "../../../kit/strings/catalogue.ts";
import { pickLocale } from "../../../kit/strings/locale.ts";
import { ENGLISH, languageOf } from "../../../kit/text/language.ts";
import { createFormats } from "../../../kit/text/intl_formats.ts";

it.each([
  ["pt_BR", "pt-BR"],
  ["de_AT", "de-AT"],
  ["zh_CN", "zh-CN"],
  ["de_AT.UTF-8", "de-AT"],
  ["sr_RS@latin", "sr-RS"],
  [" fr ", "fr"],
])("%j, as content systems and servers write it, is %s", (written, locale) => {
  expect(pickLocale(written, "ja")).toBe(locale);
});

it.each(["", "english please", "x", undefined])("%j is no language: the next candidate counts", (written) => {
  expect(pickLocale(written, "ja")).toBe("ja");
});

it("without any candidate it is English", () => {
  expect(pickLocale(undefined, "")).toBe("en");
});

it("pt_BR has Portuguese times", () => {
  const time = "2026-03-05T12:00:00.000Z";
  const brazilian = createFormats(pickLocale("pt_BR")).day(time, new Date("2026-03-20T12:00:00Z"));
  expect(brazilian).toContain("março");
});

it.each(["en", "EN", "en-US", "en_US", "en_US.UTF-8", "", undefined])("%j is there at once", (written) => {
  expect(languageOf(loadStrings, written, "en")).toBe(ENGLISH);
});

it.each([
  ["en-GB", "en-GB", "ltr"],
  ["en_GB.UTF-8", "en-GB", "ltr"],
  [" pt_BR ", "pt-BR", "ltr"],
  ["end", "ar", "rtl"],
  ["english please", "ar", "rtl"],
])("%j is loaded, as the first that there is: %s", async (written, locale, direction) => {
  expect(await languageOf(loadStrings, written, "ar")).toMatchObject({ locale, direction });
});
