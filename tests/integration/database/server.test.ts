import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { findPackage } from "../../../local/postgres/binaries.ts";
import { type PostgresOptions, type PostgresServer, startPostgres } from "../../../local/postgres/server.ts";
import { runDeno } from "../../support/process.ts";

const OWN_USER = process.getuid?.() ?? 0;
const NOBODY = 65534;

/** An initialised cluster to copy: making one takes half a second. */
let initialised: string;
let dataDir: string;
const running: PostgresServer[] = [];
const folders: string[] = [];

beforeAll(async () => {
  initialised = mkdtempSync(path.join(os.tmpdir(), "heddle-initialised-"));
  chmodSync(initialised, 0o755);
  const server = await startPostgres({ dataDir: path.join(initialised, "data"), port: 0 });
  await server.stop();
});

beforeEach(() => {
  dataDir = path.join(folder(0o755), "data");
  cpSync(path.join(initialised, "data"), dataDir, { recursive: true });
  chmodSync(dataDir, 0o700);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(running.splice(0).map((server) => server.stop()));
  rmSync(realpathSync(dataDir), { recursive: true });
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true });
});

afterAll(() => rmSync(initialised, { recursive: true }));

function folder(mode: number): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), "heddle-server-"));
  chmodSync(dir, mode);
  folders.push(dir);
  return dir;
}

async function start(options: Partial<PostgresOptions> = {}): Promise<PostgresServer> {
  const server = await startPostgres({ dataDir, port: 0, ...options });
  running.push(server);
  return server;
}

async function query(server: PostgresServer, statement: string): Promise<Record<string, unknown>[]> {
  const sql = postgres(server.url("supabase_admin", "postgres"), { max: 1 });
  try {
    return [...await sql.unsafe(statement)];
  } finally {
    await sql.end();
  }
}

async function kill(server: PostgresServer): Promise<void> {
  process.kill(server.pid, "SIGKILL");
  await server.exited;
}

describe("the server", () => {
  it("keeps its data over a restart", async () => {
    const first = await start();
    await query(first, "create table kept as select 1 as one");
    await first.stop();
    expect(await query(await start(), "select * from kept")).toEqual([{ one: 1 }]);
  });

  it("leaves no process behind when it stops", async () => {
    const server = await start();
    await server.stop();
    expect(await server.exited).toBeNull();
    expect(existsSync(`/proc/${server.pid}`)).toBe(false);
    expect(existsSync(path.join(dataDir, "postmaster.pid"))).toBe(false);
  });

  it("stops although somebody is busy", async () => {
    const server = await start();
    const sql = postgres(server.url("supabase_admin", "postgres"), { max: 1 });
    const busy = sql`select pg_sleep(60)`.then(() => "finished", () => "cut off");
    const sleeping = () => query(server, "select from pg_stat_activity where wait_event = 'PgSleep'");
    await expect.poll(sleeping).toHaveLength(1);
    await server.stop();
    expect(await busy).toBe("cut off");
    await sql.end({ timeout: 0 });
  });

  it("says so when it ends by itself", async () => {
    const server = await start();
    process.kill(server.pid, "SIGKILL");
    expect(await server.exited).toBe("Postgres ended by itself (SIGKILL)");
  });

  it("has every committed row after it was killed while writing", async () => {
    const server = await start();
    const sql = postgres(server.url("supabase_admin", "postgres"), { max: 4 });
    await sql`create table written (id int primary key, padding text)`;
    let committed = 0;
    const writing = (async () => {
      for (let id = 1;; id++) {
        await sql`insert into written values (${id}, repeat('x', 2000))`;
        committed = id;
        if (id === 200) void kill(server);
      }
    })();
    await expect(writing).rejects.toThrow();
    await server.exited;
    await sql.end({ timeout: 0 });
    const [row] = await query(
      await start(),
      "select count(*)::int, count(padding)::int as whole from written",
    );
    expect(row?.count).toBeGreaterThanOrEqual(committed);
    expect(row?.whole).toBe(row?.count);
  });

  it("starts over a lock file whose process number belongs to another program now", async () => {
    const server = await start();
    await kill(server);
    const ids = OWN_USER === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    const stranger = spawn("sleep", ["60"], { ...ids, cwd: "/" });
    await once(stranger, "spawn");
    const lockFile = path.join(dataDir, "postmaster.pid");
    writeFileSync(lockFile, `${stranger.pid}\n${dataDir}\n1\n1\n\n127.0.0.1\n\nready\n`);
    try {
      expect(await query(await start(), "select 1 as one")).toEqual([{ one: 1 }]);
    } finally {
      stranger.kill();
    }
  });

  it("begins anew after an interrupted first start", async () => {
    renameSync(dataDir, `${dataDir}.new`);
    await start();
    expect(readdirSync(path.dirname(dataDir))).toEqual(["data"]);
  });

  it("refuses a data folder that another server uses", async () => {
    await start();
    await expect(start()).rejects.toThrow(`Another Postgres already serves ${dataDir}`);
  });

  it("waits for a port that is taken for a moment", async () => {
    const listener = net.createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as net.AddressInfo;
    const log = (line: string) => line.includes("Address already in use") && listener.close();
    expect((await start({ port, log })).port).toBe(port);
  });

  it("refuses a port that is taken, and says which", async () => {
    const listener = net.createServer().listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as net.AddressInfo;
    await expect(start({ port })).rejects.toThrow(`Port ${port} (Postgres) is taken by another program`);
    listener.close();
  });

  it("ends with the process that started it, even when that is killed", async () => {
    const parent = runDeno([path.join(import.meta.dirname, "fixtures/hold_postgres.ts"), dataDir]);
    const pid = await parent.event<number>("postgres");
    parent.child.kill("SIGKILL");
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 10_000 }).toBe(false);
  });
});

describe("where other users may not look", () => {
  let packageDir: string;
  beforeEach(() => {
    const home = folder(0o700);
    packageDir = path.join(home, "package");
    cpSync(findPackage(), packageDir, { recursive: true, verbatimSymlinks: true });
    dataDir = path.join(home, "data");
    // Copies of the binaries go to the folder for temporary files.
    vi.stubEnv("TMPDIR", folder(0o755));
  });

  it.each([["with", true], ["without", false]])("it starts %s user namespaces", async (_, userNamespace) => {
    const server = await start({ packageDir, userNamespace });
    await query(server, "create table kept as select 1 as one");
    await server.stop();
    expect(await query(await start({ packageDir, userNamespace }), "select * from kept")).toEqual([{
      one: 1,
    }]);
  });

  it("it completes what an install without scripts leaves out", async () => {
    const native = path.join(packageDir, "native");
    for (const entry of readdirSync(path.join(native, "lib"), { withFileTypes: true })) {
      if (entry.isSymbolicLink()) rmSync(path.join(native, "lib", entry.name));
    }
    for (const name of readdirSync(path.join(native, "bin"))) {
      chmodSync(path.join(native, "bin", name), 0o644);
    }
    expect(await query(await start({ packageDir }), "select 1 as one")).toEqual([{ one: 1 }]);
  });
});
