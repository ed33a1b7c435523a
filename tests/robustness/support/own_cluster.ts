import { rm } from "node:fs/promises";
import { startPostgres } from "../../../local/postgres/server.ts";
import { type Cluster, startCluster } from "../../support/cluster.ts";
import { keepLog } from "../../support/logs.ts";

/** A Postgres that a test may take away from everybody who uses it. */
export interface OwnCluster extends Pick<Cluster, "adminUrl" | "template"> {
  /** Stops it, waits for `meanwhile`, and starts it again at the same address. */
  restart(meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export async function startOwnCluster(): Promise<OwnCluster> {
  const { server: first, dataDir, adminUrl, template } = await startCluster();
  let server = first;
  return {
    adminUrl,
    template,
    async restart(meanwhile) {
      await server.stop();
      try {
        await meanwhile();
      } finally {
        server = await startPostgres({ dataDir, port: first.port, log: keepLog("restarted postgres") });
      }
    },
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
