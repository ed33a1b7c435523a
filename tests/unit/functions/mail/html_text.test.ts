import { expect, it } from "vitest";
import { textOfHtml } from "../../../../supabase/functions/_shared/mail/html_text.ts";

it.each([
  [`<p><a title="a > b" href="x">Two</a>, <img alt='>>'>please</p>`, "Two, please"],
  [`<p class=it's>it's <b>me</b></p>`, "it's me"],
  [`<a href="x>Two</a>, please`, "Two, please"],
  ["1 < 2 > 0 <3", "1 < 2 > 0 <3"],
])("a tag ends where browsers end it: %s", (html, text) => {
  expect(textOfHtml(html)).toBe(text);
});

it.each(['="<a "', `<a b="<a '" c='`, `="${"<a ".repeat(80)}"`])(
  "quotes that do not end keep nobody waiting: %s",
  (piece) => {
    const took = (letters: number) => {
      const html = piece.repeat(letters / piece.length);
      const before = process.cpuUsage();
      textOfHtml(html);
      return process.cpuUsage(before).user / 1000;
    };
    took(10_000);
    // Seconds of the processor, if they grew with the square.
    expect(took(256_000)).toBeLessThan(3000);
  },
);
