// @vitest-environment happy-dom
import { render } from "preact";
import { expect, test } from "vitest";
import { excerptOf } from "../../../inbox/ui/search/excerpt.tsx";

function marked(text: string, words: string): string[] {
  const element = document.createElement("div");
  render(<>{excerptOf(text, words)}</>, element);
  return [...element.querySelectorAll("mark")].map(({ textContent }) => textContent ?? "");
}

test.each([
  ["Two cafés, one Cafe", "cafe", ["café", "Cafe"]],
  ["A cafe\u0301 uber alles", "CAFÉ über", ["café", "uber"]],
  ["jalapeño (hot)", "jalapeno (hot)", ["jalapeño", "(hot)"]],
  ["Øre and ore", "ore", ["Øre", "ore"]],
])("in %s the words of %s are marked", (text, words, found) => {
  expect(marked(text, words)).toEqual(found);
});
