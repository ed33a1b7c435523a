import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { looseObject, type output, string, url as address } from "zod";
import type { Env, Option } from "../command.ts";
import { messageOf, usageError } from "../errors.ts";
import { START } from "../installation/calls.ts";
import { DEFAULT_DATA_DIR } from "../installation/place.ts";
import { keepsSecrets } from "./http.ts";
import { refOfDatabase, refOfUrl, requireOneProject } from "./project_ref.ts";

/** Which project a command connects to, and with which keys. */
export interface Target {
  /** The project's address, without a slash at its end. */
  url?: string;
  secretKey?: string;
  publishableKey?: string;
  databaseUrl?: string;
  /** The running `npm start`'s. */
  inboxUrl?: string;
  /** Whether the database was named by an option and the address was not: the database is then used. */
  databaseFirst?: boolean;
  /** Whether it was found by a running `npm start`, because nothing else was named. */
  local: boolean;
}

const HOSTED_DOMAIN = /\.supabase\.(?:co|in|red)$/;

/** Options that name a project. */
export const TARGET_OPTIONS: Record<string, Option> = {
  "url": { type: "string", value: "URL", help: "the project, such as https://abc.supabase.co (HEDDLE_URL)" },
  "secret-key": { type: "string", value: "KEY", help: "its secret key, sb_secret_… (HEDDLE_SECRET_KEY)" },
  "publishable-key": {
    type: "string",
    value: "KEY",
    help: "its publishable key, which only doctor needs (HEDDLE_PUBLISHABLE_KEY)",
  },
  "database-url": {
    type: "string",
    value: "URL",
    help: "its database, in place of --url and --secret-key or beside them (HEDDLE_DATABASE_URL)",
  },
  "data-dir": { type: "string", value: "FOLDER", help: `of the ${START} to connect to; default .heddle` },
};

/** What a running `npm start` writes into its data folder. */
const statusSchema = looseObject({
  apiUrl: address(),
  dbUrl: string(),
  publishableKey: string().optional(),
  secretKey: string(),
  inboxUrl: address().optional(),
});
const NO_FILE = ["ENOENT", "ENOTDIR", "EISDIR"];

interface Search {
  /** Whether less than a whole project is enough. */
  partial?: boolean;
  /** Data folder of the `npm start` to use if no project is named. */
  defaultDataDir?: string;
}

type Named = (name: string) => string | undefined;

interface Requirement {
  /** The options that name it. */
  options: Record<string, Option>;
  find(option: Named, env: Env): Target;
}

const { "data-dir": _, ...HOSTED_OPTIONS } = TARGET_OPTIONS;

/** What a command may need of a project: how that is named, and found. */
export const NEEDS = {
  /** No project at all. */
  "nothing": { options: {}, find: () => ({ local: false }) },
  /** Functions of `heddle_api`, by the Data API or by the database. */
  "api": { options: TARGET_OPTIONS, find: findTarget },
  /** The database itself. */
  "database": {
    options: TARGET_OPTIONS,
    find(option, env) {
      const target = findTarget(option, env);
      if (target.databaseUrl !== undefined) return target;
      throw usageError("install needs --database-url: it makes schemas and policies.");
    },
  },
  /** As much of a project as is named. */
  "any part": { options: TARGET_OPTIONS, find: (option, env) => findTarget(option, env, { partial: true }) },
  /** As much of a hosted project as is named: never the `npm start` that runs here. */
  "hosted part": { options: HOSTED_OPTIONS, find: namedTarget },
} as const satisfies Record<string, Requirement>;

export type Need = keyof typeof NEEDS;

/** An option's value, or else that of its variable: `HEDDLE_SECRET_KEY` for `--secret-key`. */
export function namedBy(name: string, option: Named, env: Env): string | undefined {
  return option(name) ?? (env[`HEDDLE_${name.toUpperCase().replaceAll("-", "_")}`] || undefined);
}

/** The parts of a project that options or else the environment name; it may be less than a project needs. */
export function namedTarget(option: Named, env: Env): Target {
  const named = (name: string) => namedBy(name, option, env);
  const url = named("url");
  const secretKey = checkedKey(named("secret-key"), "--secret-key");
  const target = {
    url: url === undefined ? undefined : checkedUrl(url, secretKey !== undefined),
    secretKey,
    publishableKey: checkedKey(named("publishable-key"), "--publishable-key"),
    databaseUrl: named("database-url"),
    databaseFirst: option("database-url") !== undefined && option("url") === undefined,
    local: false,
  };
  requireOneProject({ "--url": refOfUrl(target.url), "--database-url": refOfDatabase(target.databaseUrl) });
  return target;
}

/**
 * The project that options or else the environment name; without either, or with `--data-dir`, the running `npm start`.
 * What belongs to different projects is never mixed: as soon as one part is named, the status file is left alone; but
 * an address in the environment that is the running `npm start`'s own does not count as another project.
 */
export function findTarget(
  option: Named,
  env: Env,
  { partial = false, defaultDataDir = DEFAULT_DATA_DIR }: Search = {},
): Target {
  const dataDir = option("data-dir");
  if (dataDir?.trim() === "") throw usageError("--data-dir names no folder.");
  if (dataDir !== undefined) {
    return localTarget(
      resolve(dataDir),
      Object.keys(HOSTED_OPTIONS).find((name) => option(name)),
    );
  }
  const target = namedTarget(option, env);
  const { url, secretKey, publishableKey, databaseUrl } = target;
  if ([url, secretKey, publishableKey, databaseUrl].every((value) => value === undefined)) {
    return localTarget(defaultDataDir);
  }
  if (databaseUrl !== undefined || (url && secretKey)) return target;
  // docs/backend.md has backends keep the address in HEDDLE_URL too, with none of the keys that are wanted here.
  const fromEnv = ["url", "secret-key"].filter((name) =>
    option(name) === undefined && namedBy(name, option, env)
  );
  const [only] = fromEnv;
  if (only === "url" && url && isServedFrom(defaultDataDir, url)) return localTarget(defaultDataDir);
  if (partial) return target;
  if (only === undefined) {
    throw usageError("A project needs both --url and --secret-key, or --database-url.");
  }
  const [set, unset] = only === "url"
    ? ["HEDDLE_URL", "HEDDLE_SECRET_KEY"]
    : ["HEDDLE_SECRET_KEY", "HEDDLE_URL"];
  throw usageError(
    `${set} is set in the environment, ${unset} is not: set it too, or HEDDLE_DATABASE_URL, or unset ${set} to use the ${START} that runs here.`,
  );
}

/** Whether an address is that of the `npm start` whose status the folder holds. */
function isServedFrom(dataDir: string, url: string): boolean {
  const status = readStatus(dataDir);
  return status !== null && new URL(status.apiUrl).origin === url.replace("//localhost", "//127.0.0.1");
}

/** `null` without a status, or one that was not written whole. */
function readStatus(dataDir: string): output<typeof statusSchema> | null {
  const file = join(dataDir, "status.json");
  try {
    return statusSchema.safeParse(JSON.parse(readFileSync(file, "utf8"))).data ?? null;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (error instanceof SyntaxError || NO_FILE.includes(code)) return null;
    throw usageError(`${file} can't be read: ${messageOf(error)}.`);
  }
}

function localTarget(dataDir: string, other?: string): Target {
  if (other !== undefined) {
    throw usageError(
      `--data-dir names the ${START} that runs here, and --${other} another project: give one.`,
    );
  }
  const status = readStatus(dataDir);
  if (!status) {
    throw usageError(
      `No project is named and Heddle is not running here: give --url and --secret-key, or --database-url, or run ${START}.`,
    );
  }
  const { apiUrl, dbUrl, publishableKey, secretKey, inboxUrl } = status;
  return { url: apiUrl, secretKey, publishableKey, databaseUrl: dbUrl, inboxUrl, local: true };
}

/** A key as it was pasted. One that does not fit into a header is refused here: fetch would quote it in its error. */
export function checkedKey(text: string | undefined, what: string): string | undefined {
  const key = text?.trim();
  if (key === undefined || /^[!-~]*$/.test(key)) return key || undefined;
  throw usageError(`${what} holds a line break, a space or another character that keys don't have.`);
}

/** A project's address: https where a secret key goes there, or a server of this machine. */
function checkedUrl(text: string, withSecret: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === "http:" && (HOSTED_DOMAIN.test(url.hostname) || (withSecret && !keepsSecrets(url)))) {
    throw usageError(
      "--url must begin with https: over http anybody on the network could read the key. Only a server of this machine may have http.",
    );
  }
  if (url && /^https?:$/.test(url.protocol)) return url.origin;
  throw usageError("--url must be the address of a project, such as https://abc.supabase.co.");
}
