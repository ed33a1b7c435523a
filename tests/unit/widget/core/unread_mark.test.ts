import { expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { entry, item, MESSAGES } from "./support/server.ts";
import { createLiveWorld } from "./support/world.ts";

async function opened(unread: number, ids: string[]) {
  const world = await createLiveWorld({
    prepare({ server }) {
      server.items[MESSAGES] = [item("c1", { unread })];
      server.threads.c1 = ids.map((id) => entry(id, id.startsWith("own") ? "visitor" : "operator"));
    },
  });
  const thread = world.core.openThread(MESSAGES, "c1");
  await settle();
  async function arrives(id: string) {
    world.server.threads.c1?.push(entry(id));
    world.realtime.socket.hint("conv-c1-1");
    await settle();
  }
  return { thread, arrives };
}

test("a thread that was read has no line before what is unread, also when it is left and seen again", async () => {
  const { thread } = await opened(0, ["m1", "m2"]);
  expect(thread.state.value.unreadFrom).toBeUndefined();
  thread.setReading(true);
  thread.setReading(false);
  thread.reload();
  await settle();
  expect(thread.state.value.unreadFrom).toBeUndefined();
});

test.each([
  [1, "m3"],
  [2, "m2"],
  [9, "m1"],
])("of %i unread ones the line stands before the first of them", async (unread, first) => {
  const { thread } = await opened(unread, ["m1", "own1", "m2", "m3"]);
  expect(thread.state.value.unreadFrom).toBe(first);
  thread.setReading(true);
  await settle();
  expect(thread.state.value.unreadFrom).toBe(first);
});

test("the line stands before what came while nobody looked, and not before what came while somebody did", async () => {
  const { thread, arrives } = await opened(0, ["m1"]);
  thread.setReading(true);
  await arrives("m2");
  expect(thread.state.value.unreadFrom).toBeUndefined();
  thread.setReading(false);
  await arrives("m3");
  await arrives("m4");
  expect(thread.state.value.unreadFrom).toBe("m3");
  thread.setReading(true);
  expect(thread.state.value.unreadFrom).toBe("m3");
});
