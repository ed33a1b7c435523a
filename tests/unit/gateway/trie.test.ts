import { expect, it } from "vitest";
import { TopicTrie } from "../../../gateway/log/trie.ts";
import { createGenerator } from "../../support/generator.ts";

function found(trie: TopicTrie<string>, topic: string): string[] {
  const values: string[] = [];
  trie.visit(topic.split("."), (value) => values.push(value));
  return values.sort();
}

it("a star stands for one token, whatever it is, and for no other number of them", () => {
  const trie = new TopicTrie<string>();
  for (const topic of ["a.b.c", "a.*.c", "*.*.*", "a.b", "a.b.c.d", "a.*.d"]) {
    trie.add(topic.split("."), topic);
  }
  expect(found(trie, "a.b.c")).toEqual(["*.*.*", "a.*.c", "a.b.c"]);
  expect(found(trie, "a.x.c")).toEqual(["*.*.*", "a.*.c"]);
  expect(found(trie, "a.b")).toEqual(["a.b"]);
  expect(found(trie, "a")).toEqual([]);
});

it("agrees with regular expressions on thousands of topics, and is empty once all are removed", () => {
  const generator = createGenerator(7);
  const token = (stars: number) => generator.chance(stars) ? "*" : `t${generator.below(4)}`;
  const random = (stars: number) => Array.from({ length: 6 }, () => token(stars)).join(".");
  const patterns = [...new Set(Array.from({ length: 2000 }, () => random(0.4)))];
  const trie = new TopicTrie<string>();
  for (const pattern of patterns) trie.add(pattern.split("."), pattern);
  const expressions = patterns.map((pattern) =>
    new RegExp(`^${pattern.replaceAll("*", "[^.]+")}$`.replaceAll(".", "\\.").replaceAll("[^\\.]", "[^.]"))
  );
  for (let n = 0; n < 300; n++) {
    const topic = random(0);
    expect(found(trie, topic)).toEqual(patterns.filter((_, at) => expressions[at]?.test(topic)).sort());
  }
  for (const pattern of patterns) {
    expect(trie.nodes).toBeGreaterThan(0);
    trie.remove(pattern.split("."), pattern);
  }
  expect(trie.nodes).toBe(0);
  expect(found(trie, "t1.t1.t1.t1.t1.t1")).toEqual([]);
});

it("removing what is not there changes nothing", () => {
  const trie = new TopicTrie<string>();
  trie.add(["a", "b"], "kept");
  trie.remove(["a", "b"], "other");
  trie.remove(["a", "b", "c"], "kept");
  trie.remove(["x"], "kept");
  expect(found(trie, "a.b")).toEqual(["kept"]);
});
