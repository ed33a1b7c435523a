import type { AST } from "toml-eslint-parser";
import type { TomlFile } from "./toml_file.ts";

/** A place in the text to be replaced. */
export interface Edit {
  from: number;
  to: number;
  text: string;
}

/** A list with one more text behind its last element. A comment beside that one stays there. */
export function appended(file: TomlFile, list: AST.TOMLArray, value: string): Edit {
  const { text, eol } = file;
  const last = list.elements.at(-1);
  if (!last) return { from: list.range[0], to: list.range[1], text: `["${value}"]` };
  const [start, end] = last.range;
  const bare = withoutComments(file);
  const comma = bare.slice(end, list.range[1] - 1).indexOf(",");
  const hasComma = comma >= 0;
  const lineEnd = ending(text, hasComma ? end + comma + 1 : end);
  const beside = text.slice(hasComma ? end + comma + 1 : end, lineEnd);
  const hasComment = beside.trimStart().startsWith("#");
  const to = hasComment ? lineEnd : hasComma ? end + comma + 1 : end;
  const before = text.slice(text.lastIndexOf("\n", start) + 1, start);
  const isAlone = before.trim() === "";
  const separator = isAlone || hasComment ? `${eol}${isAlone ? before : "  "}` : " ";
  return {
    from: end,
    to,
    text: `${hasComma ? "" : ","}${text.slice(end, to)}${separator}"${value}"${hasComma ? "," : ""}`,
  };
}

/** A list without one of its elements: without its line where it has one of its own, and without the comma that went with it. */
export function without(file: TomlFile, list: AST.TOMLArray, element: AST.TOMLContentNode): Edit[] {
  const { text } = file;
  const [start, end] = element.range;
  const bare = withoutComments(file);
  const after = /^\s*,/.exec(bare.slice(end, list.range[1] - 1))?.[0].length ?? 0;
  const comma = /,\s*$/.exec(bare.slice(list.range[0] + 1, start));
  const before = comma === null ? null : list.range[0] + 1 + comma.index;
  const lineStart = text.lastIndexOf("\n", start) + 1;
  const lineEnd = ending(text, end + after);
  const hasLine = bare.slice(lineStart, start).trim() === "" &&
    bare.slice(end + after, lineEnd).trim() === "";
  const commaBefore = before === null || after > 0 ? [] : [{ from: before, to: before + 1, text: "" }];
  if (hasLine) {
    const next = text.indexOf("\n", lineEnd);
    return [...commaBefore, { from: lineStart, to: next < 0 ? text.length : next + 1, text: "" }];
  }
  if (before !== null && text.slice(before + 1, start).trim() === "") {
    return [{ from: before, to: end, text: "" }];
  }
  const space = /^[ \t]*/.exec(text.slice(end + after))?.[0].length ?? 0;
  return [...commaBefore, { from: start, to: after > 0 ? end + after + space : end, text: "" }];
}

/** The text with spaces in place of comments, which may hold commas and brackets. */
function withoutComments({ text, ast }: TomlFile): string {
  return ast.comments.reduce(
    (bare, { range: [from, to] }) => bare.slice(0, from) + " ".repeat(to - from) + bare.slice(to),
    text,
  );
}

/** Where the line ends that a place is in. */
function ending(text: string, place: number): number {
  const end = /\r?\n/.exec(text.slice(place));
  return end ? place + end.index : text.length;
}
