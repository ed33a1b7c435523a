import { spawnSync } from "node:child_process";

/**
 * Runs a documented curl line as it is printed and returns what the server answered. Where the machine has no curl,
 * the same request is made from the line's own words.
 */
export async function curl(line: string): Promise<{ status: number; body: string }> {
  const run = spawnSync("bash", ["-c", `${line} -s -w '\\n%{http_code}'`], { encoding: "utf8" });
  if (run.status === 127) return await requestOf(wordsOf(line));
  if (run.status !== 0) throw new Error(`${line}\n${run.stderr}`);
  const end = run.stdout.lastIndexOf("\n");
  return { status: Number(run.stdout.slice(end + 1)), body: run.stdout.slice(0, end) };
}

async function requestOf([command, ...words]: string[]): Promise<{ status: number; body: string }> {
  if (command !== "curl") throw new Error(`not a curl line: ${command}`);
  const headers = new Headers();
  let method: string | undefined, body: string | undefined, url = "";
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const value = () => words[++at] ?? "";
    if (word === "-X") method = value();
    else if (word === "-d") body = value();
    else if (word === "-H") {
      const [, name = "", content = ""] = value().match(/^([^:]+):\s*(.*)$/) ?? [];
      headers.append(name, content);
    } else if (["-i", "-s", "-N"].includes(word)) continue;
    else if (word.startsWith("-")) throw new Error(`unknown option ${word}`);
    else url = word;
  }
  const answer = await fetch(url, { method: method ?? (body === undefined ? "GET" : "POST"), headers, body });
  return { status: answer.status, body: await answer.text() };
}

/** Words of a shell line: quotes and continued lines, nothing more. */
function wordsOf(line: string): string[] {
  const joined = line.replaceAll(/\\\n/g, " ");
  return [...joined.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)]
    .map(([, single, double, plain]) => single ?? double ?? plain ?? "");
}
