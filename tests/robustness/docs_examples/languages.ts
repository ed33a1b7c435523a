import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { denoPath } from "../../../scripts/deno.mjs";

/** A language that docs/examples speaks, and the commands that run its examples on this machine. */
export interface Language {
  name: string;
  /** Its folder in docs/examples. */
  folder: string;
  /** Succeeds where the language is there. */
  probe: string[];
  /** Makes the other commands. */
  builds?: { command: string[]; folder: string }[];
  /** Followed by `token <secret> <user>` or `publish <url> <key> <change>`. */
  cli: string[];
  /** Its webhook, a server on 127.0.0.1 and port `$PORT`; or a script that verifies one request. */
  webhook: { server: string[] } | { script: string };
}

const HERE = fileURLToPath(new URL(".", import.meta.url));
const EXAMPLES = fileURLToPath(new URL("../../../docs/examples/", import.meta.url));

/** `built`: a folder for programs that have to be compiled. */
export function allLanguages(built: string): Language[] {
  const deno = [denoPath(), "run", "--quiet", "--allow-all"];
  const goBuild = (name: string, folder: string) => ({
    command: ["go", "build", "-buildvcs=false", "-o", join(built, name), "."],
    folder,
  });
  return [
    {
      name: "curl",
      folder: "curl",
      probe: ["bash", "-c", "curl --version && openssl version"],
      cli: ["bash", join(HERE, "cli.sh")],
      webhook: { script: join(EXAMPLES, "curl/webhook.sh") },
    },
    {
      name: "node",
      folder: "node",
      probe: [process.execPath, "--version"],
      cli: [process.execPath, join(HERE, "cli.mjs")],
      webhook: { server: [process.execPath, join(EXAMPLES, "node/server.mjs")] },
    },
    {
      name: "node by Deno",
      folder: "node",
      probe: [denoPath(), "--version"],
      cli: [...deno, join(HERE, "cli.mjs")],
      webhook: { server: [...deno, join(EXAMPLES, "node/server.mjs")] },
    },
    {
      name: "python",
      folder: "python",
      probe: ["python3", "--version"],
      cli: ["python3", join(HERE, "cli.py")],
      webhook: { server: ["python3", "-B", join(EXAMPLES, "python/server.py")] },
    },
    {
      name: "php",
      folder: "php",
      probe: ["php", "--version"],
      cli: ["php", join(HERE, "cli.php")],
      webhook: { server: ["php", "-S", "127.0.0.1:$PORT", join(EXAMPLES, "php/server.php")] },
    },
    {
      name: "ruby",
      folder: "ruby",
      probe: ["ruby", "--version"],
      cli: ["ruby", join(HERE, "cli.rb")],
      webhook: { server: ["ruby", join(HERE, "rack.rb")] },
    },
    {
      name: "go",
      folder: "go",
      probe: ["go", "version"],
      builds: [goBuild("cli", join(HERE, "go")), goBuild("server", join(EXAMPLES, "go"))],
      cli: [join(built, "cli")],
      webhook: { server: [join(built, "server")] },
    },
  ];
}

/** Those that this machine has. */
export function languagesHere(built: string): Language[] {
  return allLanguages(built).filter(({ probe: [command = "", ...words] }) =>
    spawnSync(command, words).status === 0
  );
}
