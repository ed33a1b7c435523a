import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { CliError } from "../../cli/errors.ts";
import { type Run, run } from "./run.ts";

/** Shaped like an access token; only the fake management API receives it. */
const ACCESS_TOKEN = `sbp_${"0".repeat(40)}`;
/** What the CLI always prints. */
const NOISE = /^(?:Target: |DRY RUN: |Confirmed by --yes: |Try rerunning the command with --debug|$)/;

export interface CliAnswer<T> {
  ok: boolean;
  /** What it printed as JSON; `null` if it printed none. */
  value: T | null;
  /** What it printed besides, for a person. */
  message: string;
}

/** Runs the Supabase CLI in one project, with a home of its own: it neither reads nor changes the user's files. */
export class SupabaseCli {
  readonly path: string;
  readonly #project: string;
  readonly #env: Record<string, string>;

  constructor(path: string, { home, project }: { home: string; project: string }) {
    this.path = path;
    this.#project = project;
    this.#env = {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      DO_NOT_TRACK: "1",
      NO_COLOR: "1",
      SUPABASE_ACCESS_TOKEN: ACCESS_TOKEN,
    };
  }

  run(args: string[]): Promise<Run> {
    return run(this.path, args, { cwd: this.#project, env: this.#env });
  }

  /** Runs a command that can answer with JSON. */
  async ask<T>(args: string[]): Promise<CliAnswer<T>> {
    const { code, stdout, stderr } = await this.run([...args, "--output-format", "json"]);
    const value = parsed<T & { error?: { message?: string } }>(stdout);
    const failure = value?.error?.message;
    const said = [
      ...stderr.split("\n"),
      ...(failure ? failure.split("\n") : value ? [] : stdout.split("\n")),
    ];
    return { ok: code === 0 && failure === undefined, value, message: messageOfLines(said) };
  }
}

/** What the CLI printed, without what it always prints. */
export function messageOfLines(lines: string[]): string {
  return lines.filter((line) => !NOISE.test(line)).join("\n");
}

function parsed<T>(text: string): T | null {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a message for a person, which the caller shows
  }
}

/** The option that points a command at a database, which has no TLS here. */
export function remote(databaseUrl: string): string {
  return `--remote=${plain(databaseUrl)}`;
}

export function plain(databaseUrl: string): string {
  return `${databaseUrl}?sslmode=disable`;
}

const OLDEST_MAJOR = 3;

/**
 * Path of the Supabase CLI: the one among the packages, else `supabase` on the path. Throws a `CliError` that says how to
 * get one.
 */
export function findCli(packaged: string, searchPath = ""): string {
  const candidates = [
    packaged,
    ...searchPath.split(delimiter).filter(Boolean).map((folder) => join(folder, "supabase")),
  ];
  const found = candidates.find(isExecutable);
  if (found) return found;
  throw new CliError(
    "conflict",
    "There is no Supabase CLI here. On Linux x64 npm ci installs it, unless it leaves optional packages out; elsewhere " +
      "install version 3 or later (https://supabase.com/docs/guides/cli) so that supabase --version works, then run this again.",
  );
}

/** Throws a `CliError` for a CLI whose options differ from those that the checks and docs/deploy.md use. */
export function requireSupported(version: string, path: string): void {
  const [, major] = /^v?(\d+)\./.exec(version) ?? [];
  if (Number(major) >= OLDEST_MAJOR) return;
  throw new CliError(
    "conflict",
    `${path} is version ${
      version || "unknown"
    }: the checks need version ${OLDEST_MAJOR} or later. Update it, then run this again.`,
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // not there, or not for us: the next candidate may be
  }
}
