import type { Core } from "../../../../../widget/core/core.ts";
import { settle } from "../../../client/support/clock.ts";
import { MESSAGES } from "./server.ts";
import type { World } from "./world.ts";

/** The next page of the same browser; the former one is gone. */
export async function nextPage(
  { core, reload }: World,
  options: Parameters<World["reload"]>[0] = {},
): Promise<Core> {
  core.shutdown();
  const next = reload(options);
  await next.start();
  await settle();
  return next;
}

/** A thread, once it shows what the server has. */
export async function open(core: Core, itemId: string | null = "c1") {
  const thread = core.openThread(MESSAGES, itemId);
  await settle();
  return thread;
}
