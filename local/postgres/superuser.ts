import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { executable } from "./binaries.ts";
import type { Launcher } from "./launcher.ts";

/** The cluster's superuser, named as on hosted Supabase. */
export const SUPERUSER = "supabase_admin";

/** In the data folder. */
export const PASSWORD_FILE = "heddle_superuser_password";
const CLIENT_AUTHENTICATION = `# Written by Heddle: nobody connects without a password.
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
host all all ::1/128 scram-sha-256
`;

/** The superuser's password, kept in the data folder and readable only by the user who started the cluster. */
export function superuserPassword(dataDir: string): string {
  return fs.readFileSync(path.join(dataDir, PASSWORD_FILE), "utf8");
}

/**
 * Gives the superuser of a stopped cluster a random password and requires passwords of all roles. Does nothing if that was done
 * before; clusters of earlier versions trusted every local user. Returns Postgres's output if it failed, else `null`.
 */
export function requirePasswords({ packageDir, dataDir, wrap, ids }: Launcher): string | null {
  const file = path.join(dataDir, PASSWORD_FILE);
  if (fs.existsSync(file)) return null;
  const password = randomBytes(24).toString("base64url");
  const [command = "", ...args] = [
    ...wrap,
    executable(packageDir, "postgres"),
    // Single-user mode: no port, statements come from standard input.
    ...["--single", "-D", dataDir, "-c", "fsync=off", "-c", "log_min_error_statement=panic", "template1"],
  ];
  const { status, stderr, error } = spawnSync(command, args, {
    ...ids,
    cwd: "/",
    encoding: "utf8",
    input: `alter role ${SUPERUSER} password '${password}'\n`,
  });
  // A failing statement does not change the exit code.
  if (status !== 0 || /\b(?:ERROR|FATAL|PANIC):/.test(stderr)) return stderr || String(error?.message);
  fs.writeFileSync(path.join(dataDir, "pg_hba.conf"), CLIENT_AUTHENTICATION);
  // Written last and atomically: its presence means that all steps are done.
  fs.writeFileSync(`${file}.new`, password, { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
  return null;
}
