import { describe, expect, it } from "vitest";
import { type Catalogue, loadStrings } from "../../../kit/strings/catalogue.ts";
import { detailWords } from "../../../kit/strings/detail.ts";
import { en } from "../../../kit/strings/en.ts";
import { growingWords } from "../../../kit/strings/growing.ts";
import { keptWords } from "../../../kit/strings/kept.ts";

/** English as a catalogue; what stands with code of its own is none of its words. */
const ENGLISH: Catalogue = {
  ...en,
  launcher: { open: "Open messages", notLoaded: "Messages could not be loaded. Try again." },
  kept: keptWords,
  growing: growingWords,
  detail: detailWords,
  showAll: "Show all of it",
  noFiles: "Files can't be sent here.",
};

/** What each function is called with, several times. */
const CALLS: Record<string, (string | number)[][]> = {
  unread: [[1], [2], [120]],
  newMessages: [[1], [2], [120]],
  messageBy: [["Maya", "Hello"]],
  isWriting: [["Maya"]],
  tooLong: [[1], [250]],
  "kept.options": [["Hello"]],
  "kept.changedElsewhere": [["Hello"]],
  "kept.office.backAt": [["9:00"]],
  "kept.office.backOn": [["9:00", "Monday"]],
};

type Words = { [name: string]: string | ((...given: never[]) => string) | Words };

/** Every text by its path. */
function textsOf(words: object, prefix = ""): [path: string, text: Words[string]][] {
  return Object.entries(words as Words).flatMap(([name, word]) =>
    typeof word === "object"
      ? textsOf(word, `${prefix}${name}.`)
      : [[prefix + name, word] as [string, typeof word]]
  );
}

const pathsOf = (words: object) => textsOf(words).map(([path]) => path).sort();

describe.each(["de", "es", "fr", "it", "nl", "pt"])("the catalogue %s", (language) => {
  const load = async () => await loadStrings(language) as Catalogue;

  it("has the words that English has", async () => {
    expect(pathsOf(await load())).toEqual(pathsOf(ENGLISH));
  });

  it("has none that is empty, or English for more than a word", async () => {
    const english = new Map(textsOf(ENGLISH));
    const odd = textsOf(await load()).filter(([path, text]) =>
      typeof text === "string" && (!text.trim() || text.includes(" ") && text === english.get(path))
    );
    expect(odd).toEqual([]);
  });

  it("says what it is given", async () => {
    const functions = textsOf(await load()).filter(([, text]) => typeof text === "function");
    expect(functions.map(([path]) => path).sort()).toEqual(Object.keys(CALLS).sort());
    for (const [path, write] of functions) {
      for (const given of CALLS[path] ?? []) {
        const written = (write as (...given: unknown[]) => string)(...given);
        for (const part of given) expect(written).toContain(String(part));
      }
    }
  });

  it("tells one from several", async () => {
    const { newMessages, kept } = await load();
    expect(newMessages(1).replace("1", "5")).not.toBe(newMessages(5));
    expect(kept.options("")).not.toMatch(/undefined|: ?$/);
  });
});

it.each(["de", "DE", "de-AT", "de_AT.UTF-8", " de "])("%j is German", async (locale) => {
  expect((await loadStrings(locale))?.send).toBe("Senden");
});

it.each(["en", "en-GB", "ja", "est", "english please", "constructor", "x", ""])(
  "%j has no words but English ones",
  async (locale) => expect(await loadStrings(locale)).toBeUndefined(),
);

it.each(["de-x", "1996-de", "constructor", "__proto__", "../de", "", " "])(
  "no catalogue is taken for %j, which is no language tag",
  async (locale) => {
    expect(await loadStrings(locale)).toBeUndefined();
  },
);
