import { usageError } from "../errors.ts";
import { START } from "../installation/calls.ts";
import type { Progress } from "../output/progress.ts";
import type { Site } from "./site.ts";

/** In the order in which they are deployed: each one relies on those before it. */
export const PARTS = ["database", "api", "functions", "widget", "inbox"] as const;
export type Part = typeof PARTS[number];

/**
 * The parts that `--only` names, in order; all of them without it, but the inbox only where the key is named that it
 * needs: not everybody has one.
 */
export function chosenParts(only: string | undefined, { publishableKey }: Site): Part[] {
  if (only === undefined) return PARTS.filter((part) => part !== "inbox" || publishableKey !== undefined);
  const names = only.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !PARTS.some((part) => part === name));
  if (unknown !== undefined) {
    throw usageError(`--only takes ${PARTS.join(", ")}, separated by commas: not "${unknown}".`);
  }
  return PARTS.filter((part) => names.includes(part));
}

/** Throws a `CliError` that names everything the parts still need, before any of them has begun. */
export function requireAll(parts: Part[], site: Site): void {
  const missing = [...new Set(parts.flatMap((part) => missingFor(part, site)))];
  if (missing.length === 0) return;
  throw usageError(
    `deploy needs ${list(missing)}. Leave parts out with --only: ${
      PARTS.join(", ")
    }. (${START} needs no deploy: it serves this version.)`,
  );
}

function missingFor(part: Part, { databaseUrl, url, secretKey, publishableKey, ref, token }: Site): string[] {
  if (part === "database") return databaseUrl ? [] : ["--database-url"];
  if (part === "widget") return [...(url ? [] : ["--url"]), ...(secretKey ? [] : ["--secret-key"])];
  if (part === "inbox") return [...(url ? [] : ["--url"]), ...(publishableKey ? [] : ["--publishable-key"])];
  return [
    ...(ref ? [] : [url ? "--project-ref (the address does not tell it)" : "--url"]),
    ...(token ? [] : ["SUPABASE_ACCESS_TOKEN in the environment (Dashboard → Account → Access Tokens)"]),
  ];
}

function list(items: string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

export interface DeployOptions {
  /** Whether to report what would be done, and do nothing. */
  dryRun: boolean;
  progress: Progress;
  /** Names of the functions that the owner does without. */
  leftOut: string[];
  /** Called for each step that was done. */
  done(line: string): void;
  /** Called before something happens that the owner may want to stop. */
  warn(sentence: string): void;
  managementUrl: string;
}

export interface Report {
  json: unknown;
  /** What was done, or would be, in one line. */
  summary: string;
  /** What the owner should know besides, in sentences. */
  notes: string[];
}

/** What was done, or would be. */
export function said(infinitive: string, past: string, what: string, dryRun: boolean): string {
  return `${dryRun ? `would ${infinitive}` : past} ${what}`;
}
