import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { startPostgres } from "../../../local/postgres/server.ts";
import { type Cluster, startCluster } from "../../support/cluster.ts";
import { keepLog } from "../../support/logs.ts";

/** A Postgres that a test may take away from everybody who uses it. */
export interface OwnCluster extends Pick<Cluster, "adminUrl" | "template"> {
  /** Stops it, waits for `meanwhile`, and starts it again at the same address. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
  /** The same, but it is ended as the kernel would, and recovers from that when it starts. */
  crash(meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export async function startOwnCluster(): Promise<OwnCluster> {
  const { server: first, dataDir, adminUrl, template } = await startCluster();
  let server = first;

  async function kill(): Promise<void> {
    const [pid] = (await readFile(join(dataDir, "postmaster.pid"), "utf8")).split("\n");
    process.kill(Number(pid), "SIGKILL");
    await server.exited;
  }

  async function startAfter(meanwhile: () => Promise<void>): Promise<void> {
    try {
      await meanwhile();
    } finally {
      server = await startPostgres({ dataDir, port: first.port, log: keepLog("restarted postgres") });
    }
  }

  return {
    adminUrl,
    template,
    async restart(meanwhile) {
      await server.stop();
      await startAfter(meanwhile);
    },
    async crash(meanwhile) {
      await kill();
      await startAfter(meanwhile);
    },
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
