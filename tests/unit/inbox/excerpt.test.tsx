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
  ["Die Straße, strasse", "STRASSE", ["Straße", "strasse"]],
  ["Привет, МИР", "привет мир", ["Привет", "МИР"]],
  ["Ο ΔΡΟΜΟΣ, η οδός", "οδος δρομος", ["ΔΡΟΜΟΣ", "οδός"]],
  ["İstanbul, ISTANBUL", "ıstanbul", ["İstanbul", "ISTANBUL"]],
  ["我的包裹在哪里", "包裹", ["包裹"]],
  ["İİİİ İstanbul siparişim", "sipariş", ["sipariş"]],
  ["مرحبا أَحْمَد", "احمد", ["أَحْمَد"]],
  ["رقم ٢٠٤١٧", "20417", ["٢٠٤١٧"]],
  ["Donau\u00addampf", "donaudampf", ["Donau\u00addampf"]],
  ["ｶﾞﾗｽのﾍﾞﾙ", "ガラス ベル", ["ｶﾞﾗｽ", "ﾍﾞﾙ"]],
  ["배송은".normalize("NFD"), "배송", ["배송"]],
  ["Straße", "stras", ["Straß"]],
  ["ＡＢＣを買いました", "abc 買い", ["ＡＢＣ", "買い"]],
])("in %s the words of %s are marked", (text, words, found) => {
  expect(marked(text, words)).toEqual(found);
});

function textOf(text: string, words: string): string {
  const element = document.createElement("div");
  render(<>{excerptOf(text, words)}</>, element);
  return element.textContent ?? "";
}

test("an excerpt begins a little before the first word that was found, and never within a character", () => {
  expect(textOf("Short and found", "found")).toBe("Short and found");
  expect(textOf(`${"filler ".repeat(9)}and the word`, "word")).toBe("…filler filler filler and the word");
  expect(textOf(`Hello ${"語".repeat(80)}包裹`, "包裹")).toBe(`…${"語".repeat(24)}包裹`);
  expect(textOf(`${"😀".repeat(40)}word`, "word").isWellFormed()).toBe(true);
  const family = "👨‍👩‍👧‍👦";
  expect(textOf(`${family.repeat(20)}word`, "word").replaceAll(family, "")).toBe("…word");
  expect(textOf("nothing of it, whatever stands there", "missing")).toBe(
    "nothing of it, whatever stands there",
  );
});

test("what stands before the first word that was found is an element of its own, which narrow rows leave out first", () => {
  const element = document.createElement("div");
  render(<>{excerptOf("The sansevieria arrived broken", "arrived broken")}</>, element);
  const [before, word, rest] = [...element.children].map(({ textContent }) => textContent);
  expect([before, word, rest]).toEqual(["The sansevieria ", "arrived", " broken"]);
});
