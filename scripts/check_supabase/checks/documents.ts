import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Check, failed, PASSED } from "../check.ts";
import { cliCommands, faultOf } from "../documented_command.ts";

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
    if (lines.length > 0 && faults.length === 0) return PASSED;
    return failed(faults.join("\n") || "No command was found.", "Correct the document.");
  },
};

async function documentsOf(project: string): Promise<string[]> {
  const docs = (await readdir(join(project, "docs"), { recursive: true })).filter((name) =>
    name.endsWith(".md")
  );
  return ["README.md", ...docs.map((name) => `docs/${name}`)];
}

/** The words that name the command, and what follows them as long as it looks like one. */
function commandIn(line: string): string {
  const [, words = ""] = /^supabase((?: [a-z][a-z-]*)+)(?: |$)/.exec(line) ?? [];
  return words.trim();
}
