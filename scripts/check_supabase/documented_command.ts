const FENCE = /^```sh\n([\s\S]*?)\n```$/gm;
const INLINE = /`(supabase [^`]+)`/g;

/** The lines of a document that call the Supabase CLI, in its shell blocks and in its sentences. */
export function cliCommands(markdown: string): string[] {
  const blocks = [...markdown.matchAll(FENCE)].flatMap(([, block = ""]) => block.split("\n"));
  const sentences = [...markdown.matchAll(INLINE)].map(([, command = ""]) => command);
  return [...new Set([...blocks.filter((line) => line.startsWith("supabase ")), ...sentences])];
}

/**
 * What is wrong with a command, by the CLI's help for it; `null` if nothing is. A command that acts on the local stack
 * unless it is told otherwise is wrong without `--remote`: owners have no local stack.
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
