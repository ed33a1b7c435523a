import { createInterface } from "node:readline";
import { CliError } from "../../../cli/errors.ts";
import { start } from "../run.ts";
import { DENO, optionsFor } from "./unpack.ts";
import type { Unpacked } from "./unpack.ts";

const BOOT_MS = 20_000;
const ANSWER_MS = 5_000;
const LISTENING = /Listening on (http:\/\/127\.0\.0\.1:\d+)/;

/** Environment as Supabase gives it; nothing listens at its addresses. */
const ENV = {
  NO_COLOR: "1",
  SUPABASE_URL: "http://127.0.0.1:9",
  SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: "sb_publishable_check" }),
  SUPABASE_SECRET_KEYS: JSON.stringify({ default: "sb_secret_check" }),
};

/** Boots an unpacked function and sends it a request that it must refuse. Throws a `CliError` unless it does as it should. */
export async function callFunction(unpacked: Unpacked, slug: string): Promise<void> {
  const child = start(
    DENO,
    ["serve", "--allow-all", "--host=127.0.0.1", "--port=0", ...optionsFor(unpacked), unpacked.entry],
    {
      cwd: unpacked.folder,
      env: { ...ENV, HOME: unpacked.folder },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  try {
    await refusesBrokenBody(`${await addressOf(child)}/${slug}`);
  } finally {
    child.kill("SIGKILL");
  }
}

function addressOf(child: ReturnType<typeof start>): Promise<string> {
  const printed: string[] = [];
  return new Promise((resolve, reject) => {
    const giveUp = (why: string) => reject(new CliError("program_failed", [why, ...printed].join("\n")));
    const timer = setTimeout(() => giveUp(`It does not listen after ${BOOT_MS / 1000} s.`), BOOT_MS);
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        printed.push(line);
        const [, address] = LISTENING.exec(line) ?? [];
        if (address) resolve(address);
      });
    }
    // "close" comes after the last line of output, "exit" may come before.
    child.once("close", () => giveUp("It ended while it booted."));
    child.once("close", () => clearTimeout(timer));
    child.once("error", (error) => giveUp(error.message));
  });
}

async function refusesBrokenBody(url: string): Promise<void> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{",
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const text = await answer.text();
  if (answer.status >= 400 && answer.status < 500 && isErrorOfOurs(text)) return;
  throw new CliError(
    "unexpected_answer",
    `To a body that is not JSON it answers ${answer.status} ${text.slice(0, 300)}`,
  );
}

function isErrorOfOurs(text: string): boolean {
  try {
    const { error } = JSON.parse(text);
    return typeof error.code === "string" && typeof error.message === "string";
  } catch {
    return false; // no JSON, or JSON of another shape
  }
}
