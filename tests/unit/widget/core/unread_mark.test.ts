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

test("the line stays where it is while what stands behind it has not been read to the end", async () => {
  const { thread, arrives } = await opened(2, ["m1", "m2", "m3"]);
  thread.setReading(false);
  await arrives("m4");
  expect(thread.state.value.unreadFrom).toBe("m2");
  thread.setReading(true);
  thread.setReading(false);
  await arrives("m5");
  expect(thread.state.value.unreadFrom).toBe("m5");
});

test("a thread whose unread entries begin on an older page is shown with that page", async () => {
  const world = await createLiveWorld({
    prepare({ server }) {
      server.items[MESSAGES] = [item("c1", { unread: 5 })];
      const page = (ids: string[], nextCursor?: string) => ({
        status: 200,
        body: { item: item("c1", { unread: 5 }), entries: ids.map((id) => entry(id)), nextCursor },
      });
      server.tabAction = ({ body }) => {
        if (body.cursor === "2") return page(["m3", "m4"], "3");
        return body.cursor === "3" ? page(["m1", "m2"], "4") : page(["m5", "m6"], "2");
      };
    },
  });
  const { state } = world.core.openThread(MESSAGES, "c1");
  const shown: number[] = [];
  state.subscribe(({ status, entries }) => status === "ready" && shown.push(entries.length));
  await settle();
  expect(shown[0]).toBe(6);
  expect(state.value).toMatchObject({ status: "ready", unreadFrom: "m2", hasOlder: true });
});

test("no more than some pages are loaded at once, and the line stands before the first of them", async () => {
  const pages = 20;
  const world = await createLiveWorld({
    prepare({ server }) {
      server.items[MESSAGES] = [item("c1", { unread: 99 })];
      server.tabAction = ({ body }) => {
        const page = Number(body.cursor ?? pages);
        const nextCursor = String(page - 1);
        return {
          status: 200,
          body: { item: item("c1", { unread: 99 }), entries: [entry(`m${page}`)], nextCursor },
        };
      };
    },
  });
  const { state } = world.core.openThread(MESSAGES, "c1");
  await settle();
  expect(state.value).toMatchObject({ status: "ready", unreadFrom: "m16", hasOlder: true });
  expect(state.value.entries.map(({ id }) => id)).toEqual(["m16", "m17", "m18", "m19", "m20"]);
});
