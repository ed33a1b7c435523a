import { test } from "vitest";
import { linkify } from "../../kit/text/linkify.ts";
import { median, report } from "./support/measures.ts";

const ROUNDS = 21;

test("finding links in a long word, beside the same amount of prose", () => {
  const word = "A".repeat(100_000);
  const prose = "All is well, thanks. ".repeat(5_000).slice(0, word.length);
  const times = { word: [] as number[], prose: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    times.word.push(milliseconds(() => linkify(word)));
    times.prose.push(milliseconds(() => linkify(prose)));
  }
  report("links_in_long_word", median(times.word), median(times.prose));
});

function milliseconds(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}
