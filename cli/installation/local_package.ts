import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { CliError } from "../errors.ts";
import { installedVersion, IS_CHECKOUT, ROOT } from "./place.ts";

const NAME = "heddle-local";

/** What the second package does, where this one is installed; a checkout has its npm scripts for that. */
export const LOCAL_COMMANDS: readonly { name: string; summary: string }[] = IS_CHECKOUT ? [] : [
  { name: "start", summary: `Starts Heddle on this machine, with a demo shop (needs the package ${NAME})` },
  { name: "status", summary: "Says whether that runs here, and where" },
];

/** Whether the arguments ask for one of them. */
export function isLocalCommand([name]: string[]): boolean {
  return LOCAL_COMMANDS.some((command) => command.name === name);
}

/** URL of the second package's program for that. Throws a `CliError` with the line that installs it. */
export function localProgram([name = ""]: string[]): string {
  const wanted = installedVersion();
  const get = `npm install --save-dev ${NAME}@${wanted}`;
  const require = requireOf(`${NAME}/package.json`);
  if (require === undefined) {
    throw new CliError(
      "not_installed",
      `heddle ${name} needs a second package, with Postgres and Deno in it (about 160 MB): ${get}`,
    );
  }
  const { version } = require(`${NAME}/package.json`);
  if (version !== wanted) {
    throw new CliError("conflict", `${NAME} is of version ${version}, heddle of ${wanted}: ${get}`);
  }
  return pathToFileURL(require.resolve(`${NAME}/${name}`)).href;
}

/** As a module in the caller's folder requires, or else one beside this package. */
function requireOf(path: string): NodeJS.Require | undefined {
  return [join(process.cwd(), "heddle.cjs"), new URL("package.json", ROOT)].map(createRequire)
    .find((require) => isFound(require, path));
}

function isFound(require: NodeJS.Require, path: string): boolean {
  try {
    return Boolean(require.resolve(path));
  } catch {
    return false; // it is not installed
  }
}
