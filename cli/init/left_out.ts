import type { Env } from "../command.ts";
import { CliError, usageError } from "../errors.ts";
import { callersFolder } from "../installation/place.ts";
import { type Bundles, manifestIn } from "./manifest.ts";
import { findOwnProject } from "./own_project.ts";

/** The functions that a project can do without, and what it does not have then. The others call or need each other. */
export const OPTIONAL: Readonly<Record<string, string>> = {
  "api": "no REST API",
  "events":
    "nobody reads or writes the event log over HTTP, and heddle/client hears events from a gateway alone",
  "invite-member": "owners invite by operator invite alone, not in the inbox",
  "mail-inbound": "answers to mails do not become messages",
};

/** The functions that `--without` names: none of them with `none`. Throws a `CliError` for any other. */
export function namesWithout(text: string): string[] {
  if (text === "none") return [];
  const names = text.split(",").map((name) => name.trim());
  const other = names.find((name) => !Object.hasOwn(OPTIONAL, name));
  if (other !== undefined) {
    throw usageError(
      `--without takes ${
        Object.keys(OPTIONAL).join(", ")
      }, separated by commas, or none: not "${other}". Heddle's other functions are needed.`,
    );
  }
  return [...new Set(names)].sort();
}

/** A build without some of its functions, and without what they alone need. */
export function bundlesWithout({ manifest, files }: Bundles, leftOut: string[]): Bundles {
  const functions = Object.entries(manifest.functions).filter(([name]) => !leftOut.includes(name));
  const needed = new Set(functions.flatMap(([, paths]) => paths));
  const unneeded = new Set(
    leftOut.flatMap((name) => manifest.functions[name] ?? []).filter((path) => !needed.has(path)),
  );
  const isKept = ([path]: [string, string]) => !unneeded.has(path);
  return {
    manifest: {
      ...manifest,
      functions: Object.fromEntries(functions),
      files: Object.fromEntries(Object.entries(manifest.files).filter(isKept)),
      ...(leftOut.length > 0 ? { leftOut } : {}),
    },
    files: new Map([...files].filter(isKept)),
  };
}

/**
 * What `init` has left out of the project that a command is about: in or above the folder that was named, or where it was typed;
 * nothing where no project is there. Throws a `CliError` if there is none in a folder that was named, or it can't be read.
 */
export async function leftOutHere(named: string | undefined, env: Env): Promise<string[]> {
  try {
    const manifest = await manifestIn(await findOwnProject(named ?? callersFolder(env)));
    return manifest?.leftOut ?? [];
  } catch (error) {
    if (named === undefined && error instanceof CliError && error.code === "usage_error") return [];
    throw error;
  }
}
