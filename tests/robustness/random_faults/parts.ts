import { setTimeout as delay } from "node:timers/promises";
import type { Shop } from "../../e2e/support/shop.ts";
import { keepSecret } from "../../support/logs.ts";
import { childrenOf } from "../../support/processes.ts";
import type { OwnCluster } from "../support/own_cluster.ts";
import type { PartAction, RealtimeFault } from "./plan.ts";

const AGAIN_MS = 500;

/** Makes a part of the system fail; resolves once it is well again. */
export function createParts(shop: Shop, cluster: OwnCluster): { perform(action: PartAction): Promise<void> } {
  async function failRealtime(how: RealtimeFault, ms: number): Promise<void> {
    await shop.stack.realtime({ fault: how });
    if (ms === 0) return;
    await delay(ms);
    // It may have to wait for its database.
    while (await shop.stack.realtime({ fault: "clear" }).then(() => false, () => true)) await delay(AGAIN_MS);
  }

  /** With `now` the shop learns of it at once, else while the former secret is still taken. */
  async function rotate(now: boolean, ms: number): Promise<void> {
    const { sql, agent } = shop.stack;
    const [row] = now
      ? await sql`select heddle_api.rotate_signing_secret(${agent.id}, interval '0') ->> 'secret' as secret`
      : await sql`
        select heddle_api.rotate_signing_secret(${agent.id}, interval '5 minutes', interval '20 seconds')
          ->> 'secret' as secret`;
    const secret: string = row?.secret;
    keepSecret("a signing secret", { value: secret });
    if (!now) await delay(ms);
    await shop.stack.restartShop(() => Promise.resolve(secret));
  }

  /** As a deadlock, or a migration that takes long, would. */
  async function lockShop(ms: number): Promise<void> {
    await shop.sql.begin(async (tx) => {
      await tx`lock table conversations in access exclusive mode`;
      await delay(ms);
    });
  }

  /** Ends a function's process as the kernel would. */
  function crash(name: string): void {
    const processes = childrenOf(shop.stack.pid, "local/functions/worker.ts", `/${name}/index.ts`);
    if (processes.length === 0) throw new Error("it does not run");
    for (const pid of processes) process.kill(pid, "SIGKILL");
  }

  return {
    async perform(action) {
      switch (action.do) {
        case "restart Postgres":
          return await cluster.restart(() => delay(action.ms));
        case "crash Postgres":
          return await cluster.crash(() => delay(action.ms));
        case "crash the shop":
          return await shop.stack.restartShop(() => delay(action.ms));
        case "lock the shop's database":
          return await lockShop(action.ms);
        case "crash a function":
          return crash(action.name);
        case "fail Realtime":
          return await failRealtime(action.how, action.ms);
        case "rotate the signing secret":
          return await rotate(action.now, action.ms);
      }
    },
  };
}
