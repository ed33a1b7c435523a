const SIGNS: readonly [RegExp, string][] = [
  [/^[ \t]*(?:`{3,}|~{3,})[^`\n]*(?:\n|$)/gm, ""],
  [/^[ \t]*#{1,6}[ \t]+/gm, ""],
  [/!?\[([^[\]\n]+)\]\((?:https?:|mailto:)[^()\s]+(?:\s+"[^"\n]*")?\)/g, "$1"],
  [/(?<![\\*])(\*{1,3})([^*\s\\](?:[^*\n]*[^*\s\\])?)\1(?!\*)/g, "$2"],
  [/(?<![\p{L}\p{N}\\_])(_{1,3})([^_\s](?:[^_\n]*[^_\s\\])?)\1(?![\p{L}\p{N}_])/gu, "$2"],
  [/(?<!`)(`{1,2})([^`\n]+)\1(?!`)/g, "$2"],
  [/\\([!-/:-@[-`{-~])/g, "$1"],
];

/**
 * The words of Markdown as bots write it, without the signs of its emphasis, code, headings and links; lists stay as they are.
 * The twin of `heddle.plain_text`. Not by `markdown`, which comes in one file with what shows it: of two a browser that loses one
 * would never load the other.
 */
export function plainText(text: string): string {
  return SIGNS.reduce((plain, [sign, words]) => plain.replace(sign, words), text);
}
