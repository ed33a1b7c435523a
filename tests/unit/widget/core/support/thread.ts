import type { ThreadStore } from "../../../../../widget/core/thread.ts";
import { settle } from "../../../client/support/clock.ts";
import { entry, type FakeServer, MESSAGES } from "./server.ts";
import { createLiveWorld, type World } from "./world.ts";

export type Creating = FakeServer["tabAction"];

/** Has the owner answer otherwise to what is sent. */
export function onCreate(server: FakeServer, reply: Creating): void {
  const act = server.tabAction;
  server.tabAction = (call) => call.body.action === "create_item" ? reply(call) : act(call);
}

/** A live world with the thread of `c1` open. */
export async function openThread(
  options: Parameters<typeof createLiveWorld>[0] = {},
): Promise<World & { thread: ThreadStore }> {
  const world = await createLiveWorld(options);
  const thread = world.core.openThread(MESSAGES, "c1");
  await settle();
  return { ...world, thread };
}

/** The same with an owner whose entries carry the `clientId` of whoever sent them. */
export async function openEchoingThread(): Promise<World & { thread: ThreadStore }> {
  return await openThread({
    prepare({ server }) {
      server.threads.c1 = [entry("m1", "visitor", { clientId: "from another device" })];
    },
  });
}

/** Text and delivery of what the thread shows. */
export const shown = (thread: ThreadStore) =>
  thread.state.value.entries.map(({ body, delivery }) => [body, delivery]);

/** Texts that were sent to the owner. */
export const bodies = (server: FakeServer) =>
  server.of("tab-action", "create_item").map(({ body }) => body.body);
