import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { failed, OK } from "../../../cli/checks.ts";
import type { Check } from "../subject.ts";

const FENCE = /^```sh\n([\s\S]*?)\n```$/gm;
const INLINE = /`(supabase [^`]+)`/g;
/** A step of a workflow. */
const STEP = /^\s*- run: (supabase .+)$/gm;

export const documents: Check = {
  id: "documents",
  what: "supabase … --help",
  title: "knows every command and option that README.md and docs/ tell owners to use",
  needs: [],
  async run({ cli, project }) {
    const lines = (await Promise.all(
      (await documentsOf(project)).map(async (document) =>
        cliCommands(await readFile(join(project, document), "utf8")).map((line) => ({ document, line }))
      ),
    )).flat();
    const help = new Map<string, string>();
    const faults: string[] = [];
    for (const { document, line } of lines) {
      const command = commandIn(line);
      const text = help.get(command) ?? (await cli.run([...command.split(" "), "--help"])).stdout;
      help.set(command, text);
      const fault = faultOf(line, text);
      if (fault !== null) faults.push(`${document}: ${line}\n  ${fault}`);
    }
    if (lines.length > 0 && faults.length === 0) return OK;
    return failed(faults.join("\n") || "No command was found.", "Correct the document.");
  },
};

async function documentsOf(project: string): Promise<string[]> {
  const docs = (await readdir(join(project, "docs"), { recursive: true })).filter((name) =>
    name.endsWith(".md")
  );
  return ["README.md", ...docs.map((name) => `docs/${name}`)];
}

/** The words of a line that name the command, and possibly more. */
function commandIn(line: string): string {
  const [, words = ""] = /^supabase((?: [a-z][a-z-]*)+)(?: |$)/.exec(line) ?? [];
  return words.trim();
}

/** The lines of a document that call the Supabase CLI, in its shell blocks, its workflows and its sentences. */
export function cliCommands(markdown: string): string[] {
  const blocks = [...markdown.matchAll(FENCE)].flatMap(([, block = ""]) => block.split("\n"));
  const others = [STEP, INLINE].flatMap((pattern) =>
    [...markdown.matchAll(pattern)].map(([, command = ""]) => command)
  );
  return [...new Set([...blocks.filter((line) => line.startsWith("supabase ")), ...others])];
}

/**
 * What is wrong with a command, by the CLI's help for it; `null` if nothing is. A command that acts on the local stack
 * by default is wrong without `--remote`: owners have no local stack.
 */
export function faultOf(line: string, help: string): string | null {
  const [, usage = ""] = /^USAGE\n\s+(supabase[^\n]*)/m.exec(help) ?? [];
  const command = usage.replace(/\s[[<].*$/, "");
  if (command === "" || usage.includes("<subcommand>") || !`${line} `.startsWith(`${command} `)) {
    return `The CLI has no such command${command ? `; it has ${command}` : ""}.`;
  }
  const unknown = optionsIn(line).filter((option) => !knownOptions(help).has(option));
  if (unknown.length > 0) return `The CLI does not know ${unknown.join(", ")} there.`;
  if (/^\s*Local by default\./m.test(help) && !optionsIn(line).includes("--remote")) {
    return "Without --remote it acts on the local stack.";
  }
  return null;
}

function optionsIn(line: string): string[] {
  return [...line.replace(/'[^']*'|"[^"]*"/g, "").matchAll(/\s(--?[a-z][a-z-]*)/g)].map(([, option = ""]) =>
    option
  );
}

/** `--name` and `-n` where the help lists them, at the beginning of lines. */
function knownOptions(help: string): Set<string> {
  const heads = [...help.matchAll(/^ {2}(--?[a-z][^\s,[]*(?:, --?[a-z][^\s,[]*)*)/gm)];
  return new Set(heads.flatMap(([, head = ""]) => head.split(", ")));
}
