import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { findPackage } from "../../local/postgres/binaries.ts";
import { superuserPassword } from "../../local/postgres/superuser.ts";
import { removeCluster } from "../../local/postgres/data_dir.ts";
import { type PostgresOptions, type PostgresServer, startPostgres } from "../../local/postgres/server.ts";
import { runDeno } from "../support/process.ts";

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

function query(server: PostgresServer, statement: string): Promise<Record<string, unknown>[]> {
  return queryAt(server.url("supabase_admin", "postgres"), statement);
}

async function queryAt(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const sql = postgres(url, { max: 1 });
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

  it("starts over an empty lock file", async () => {
    writeFileSync(path.join(dataDir, "postmaster.pid"), "");
    expect(await query(await start(), "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("begins anew after an interrupted first start", async () => {
    renameSync(dataDir, `${dataDir}.new`);
    await start();
    expect(readdirSync(path.dirname(dataDir))).toEqual(["data"]);
  });

  it.each(["data", "data.new"])("leaves alone what others put into the folder %s", async (name) => {
    const own = folder(0o755);
    const notes = path.join(own, name, "notes.sql");
    mkdirSync(path.dirname(notes));
    writeFileSync(notes, "select 1");
    const refusal = `${path.dirname(notes)} holds files that Heddle did not put there, such as notes.sql`;
    await expect(start({ dataDir: path.join(own, "data") })).rejects.toThrow(refusal);
    if (name === "data") await expect(removeCluster(path.dirname(notes))).rejects.toThrow(refusal);
    expect(readFileSync(notes, "utf8")).toBe("select 1");
  });

  it("leaves alone another program's cluster, and a file in place of a folder", async () => {
    rmSync(path.join(dataDir, "heddle_data"));
    rmSync(path.join(dataDir, "heddle_superuser_password"));
    await expect(start()).rejects.toThrow(/ holds files that Heddle did not put there/);
    await expect(removeCluster(dataDir)).rejects.toThrow(/ holds files that Heddle did not put there/);
    const file = path.join(folder(0o755), "data");
    writeFileSync(file, "");
    await expect(start({ dataDir: file })).rejects.toThrow(`${file} is not a folder`);
  });

  it("makes its cluster in a folder that is empty, or linked to one", async () => {
    const own = folder(0o755);
    mkdirSync(path.join(own, "disk"));
    symlinkSync("disk", path.join(own, "link"));
    await start({ dataDir: path.join(own, "link") });
    expect(readdirSync(own).sort()).toEqual(["disk", "link"]);
    expect(readdirSync(path.join(own, "disk"))).toContain("PG_VERSION");
  });

  it("is removed for a new one once nothing serves it, and never while something does", async () => {
    const server = await start();
    await expect(removeCluster(dataDir, 300)).rejects.toThrow(
      `Another Postgres (process ${server.pid}) already serves ${dataDir}`,
    );
    await query(server, "create table kept as select 1 as one");
    const removed = removeCluster(dataDir);
    await server.stop();
    await removed;
    expect(await query(await start(), "select to_regclass('kept') as kept")).toEqual([{ kept: null }]);
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
    const parent = runDeno([path.join(import.meta.dirname, "support/hold_postgres.ts"), dataDir]);
    const pid = await parent.event<number>("postgres");
    parent.child.kill("SIGKILL");
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 10_000 }).toBe(false);
  });

  it("ends a server that outlived its starter, and finds its data", async () => {
    // Without setpriv, as on macOS, nothing tells Postgres that its starter is gone.
    const bin = folder(0o755);
    symlinkSync("/usr/bin/id", path.join(bin, "id"));
    const holding = [path.join(import.meta.dirname, "support/hold_postgres.ts"), dataDir];
    const parent = runDeno(holding, { PATH: bin });
    const pid = await parent.event<number>("postgres");
    const port = await parent.event<number>("port");
    const login = `supabase_admin:${superuserPassword(dataDir)}`;
    await queryAt(`postgres://${login}@127.0.0.1:${port}/postgres`, "create table kept as select 1 as one");
    parent.child.kill("SIGKILL");
    await once(parent.child, "exit");
    expect(existsSync(`/proc/${pid}`)).toBe(true);

    expect(await query(await start(), "select * from kept")).toEqual([{ one: 1 }]);
  });
});

describe("passwords", () => {
  const connecting = (server: PostgresServer, user: string, password: string) => {
    const url = new URL(server.url(user, "postgres"));
    url.password = password;
    return queryAt(url.href, "select 1 as one");
  };
  const asked = { code: "28P01" };

  it("lets nobody in as superuser without the random one", async () => {
    const server = await start();
    for (const password of ["", "postgres", "supabase_admin"]) {
      await expect(connecting(server, "supabase_admin", password)).rejects.toMatchObject(asked);
    }
    const rows = await query(server, "select auth_method from pg_hba_file_rules");
    expect(new Set(rows.map((row) => row.auth_method))).toEqual(new Set(["scram-sha-256"]));
  });

  it("differ between clusters, last over a restart, and are for their owner's eyes only", async () => {
    const first = await start();
    const url = new URL(first.url("supabase_admin", "postgres"));
    await first.stop();
    expect(new URL((await start()).url("supabase_admin", "postgres")).password).toBe(url.password);
    expect(url.password).toMatch(/^[\w-]{32}$/);
    const other = await start({ dataDir: path.join(folder(0o755), "data") });
    expect(new URL(other.url("supabase_admin", "postgres")).password).not.toBe(url.password);
    const file = path.join(dataDir, "heddle_superuser_password");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("are not handed out with a copy of the data folder, to a role that may replicate", async () => {
    const server = await start();
    await query(server, "create role copier login replication password 'postgres'");
    const connection = { replication: "database" };
    const sql = postgres(server.url("copier", "postgres"), { max: 1, fetch_types: false, connection });
    await expect(sql.unsafe("IDENTIFY_SYSTEM").simple()).rejects.toMatchObject({ code: "53300" });
    await sql.end();
  });

  it("leaves the other roles the one that the Supabase CLI gives them", async () => {
    const server = await start();
    await query(server, "create role somebody login password 'postgres'");
    expect(await queryAt(server.url("somebody", "postgres"), "select 1 as one")).toEqual([{ one: 1 }]);
    await expect(connecting(server, "somebody", "guessed")).rejects.toMatchObject(asked);
  });

  it.each(["cleanly", "by a kill"])("come to a cluster that trusted everybody and ended %s", async (how) => {
    const trusting = await start();
    await query(trusting, "create table kept as select 1 as one; alter role supabase_admin password null");
    await (how === "cleanly" ? trusting.stop() : kill(trusting));
    writeFileSync(path.join(dataDir, "pg_hba.conf"), "host all all 127.0.0.1/32 trust\n");
    rmSync(path.join(dataDir, "heddle_superuser_password"));

    const server = await start();
    expect(await query(server, "select * from kept")).toEqual([{ one: 1 }]);
    await expect(connecting(server, "supabase_admin", "")).rejects.toMatchObject(asked);
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

  it("it starts from a checkout whose name a shell would read", async () => {
    const named = path.join(path.dirname(packageDir), `Ada's "shop" $(false) \\`);
    renameSync(packageDir, named);
    expect(await query(await start({ packageDir: named }), "select 1 as one")).toEqual([{ one: 1 }]);
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
