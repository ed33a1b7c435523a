import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { REALTIME_ROLE } from "../../local/postgres/logins.ts";
import { provision } from "../../local/postgres/provision.ts";
import { SUPERUSER } from "../../local/postgres/superuser.ts";
import { keepLog, keepSecret } from "./logs.ts";
import { isRunning } from "./processes.ts";
import { type PostgresServer, startPostgres } from "../../local/postgres/server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Superuser's connection string of the cluster. */
    adminUrl: string;
    /** Name of the provisioned database that every test database is copied from. */
    template: string;
  }
}

const SUPABASE_DIR = path.resolve(import.meta.dirname, "../../supabase");
const TEMPLATE = "heddle_template";
const MEMORY = "/dev/shm";
/** More than a run fills: its WAL, and the databases that are there at one time. */
const ROOM_BYTES = 2 ** 31;

export interface Cluster {
  server: PostgresServer;
  dataDir: string;
  /** Superuser's connection string. */
  adminUrl: string;
  /** Name of its template database. */
  template: string;
}

/** Every test project has its own run of this file; all of them share one cluster. */
const shared = globalThis as { heddleCluster?: { users: number; started: Promise<Cluster> } };

/** Starts Postgres with a provisioned template database for the run, and tells tests where it is. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const cluster = shared.heddleCluster ??= { users: 0, started: startCluster() };
  cluster.users++;
  const { server, dataDir, adminUrl, template } = await cluster.started;
  provide("adminUrl", adminUrl);
  provide("template", template);
  return async () => {
    if (--cluster.users > 0) return;
    await server.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  };
}

/** Removes from memory what this user's runs have left there that were killed. */
function removeOrphans(): void {
  const user = process.getuid?.();
  for (const name of fs.existsSync(MEMORY) ? fs.readdirSync(MEMORY) : []) {
    const pid = /^heddle-test-(\d+)-\d+$/.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const folder = path.join(MEMORY, name);
    if (user !== 0 && fs.statSync(folder, { throwIfNoEntry: false })?.uid !== user) continue;
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Where Linux keeps files in memory, which costs a database half as much as a disk does; `null` where that is missing or small. */
function roomyMemory(): string | null {
  try {
    const { bavail, bsize } = fs.statfsSync(MEMORY);
    return bavail * bsize >= ROOM_BYTES ? MEMORY : null;
  } catch {
    return null;
  }
}

/** Postgres with a provisioned template database, in a folder of its own. */
export async function startCluster(): Promise<Cluster> {
  removeOrphans();
  const dataDir = path.join(roomyMemory() ?? os.tmpdir(), `heddle-test-${process.pid}-${Date.now()}`);
  const server = await startPostgres({ dataDir, port: 0, log: keepLog("postgres") });
  const adminUrl = server.url(SUPERUSER, "postgres");
  for (const role of [SUPERUSER, REALTIME_ROLE]) {
    keepSecret(`the password of ${role}`, { value: new URL(server.url(role, "postgres")).password });
  }
  try {
    await createTemplate(adminUrl);
  } catch (error) {
    await server.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
    throw error;
  }
  return { server, dataDir, adminUrl, template: TEMPLATE };
}

async function createTemplate(adminUrl: string): Promise<void> {
  await provision({ adminUrl, database: TEMPLATE, supabaseDir: SUPABASE_DIR });
  // Postgres refuses to copy a database that somebody is connected to.
  const sql = postgres(adminUrl, { max: 1 });
  await sql`alter database ${sql(TEMPLATE)} with is_template true allow_connections false`;
  await sql.end({ timeout: 1 });
}
