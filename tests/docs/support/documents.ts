import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The fenced blocks of one language in a document of the project, in order. */
export function snippets(document: string, language: string): string[] {
  const text = readFileSync(fileURLToPath(new URL(`../../../${document}`, import.meta.url)), "utf8");
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)\\n\`\`\`$`, "gm");
  return [...text.matchAll(fence)].map(([, content = ""]) => content);
}

/** Text of the sections of a document whose headings are a single word of code, by that word. */
export function entriesOf(document: string): Map<string, string> {
  const text = readFileSync(fileURLToPath(new URL(`../../../${document}`, import.meta.url)), "utf8");
  const sections = text.split(/^#{2,3} /m);
  return new Map(sections.flatMap((section) => {
    const [, name = "", content = ""] = /^`(\w+)`\n([\s\S]*)$/.exec(section) ?? [];
    return name ? [[name, content]] : [];
  }));
}
