import { expect, test, vi } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { entry } from "./support/server.ts";
import { openThread } from "./support/thread.ts";
import type { World } from "./support/world.ts";

const TOPIC = "conv-c1-1";

const message = (id: string, text: string, more: Record<string, unknown> = {}) => ({
  id,
  text,
  role: "AGENT",
  createdAt: "2026-01-01T00:00:00Z",
  meta: { author: { name: "Rosa" }, attachments: [] },
  ...more,
});

/** The owner's backend publishes with an event; the code that reads it may be loaded only now. */
async function publish({ realtime }: World, type: string, data: Record<string, unknown>) {
  realtime.socket.publish(TOPIC, type, { conversationId: "c1", ...data });
  await vi.dynamicImportSettled();
  await settle();
}

/** A thread whose fetches wait, so that what a broadcast alone has shown can be seen. */
async function openSlowThread() {
  const world = await openThread({
    prepare: ({ server }) => (server.threads.c1 = [entry("m1"), entry("m2")]),
  });
  world.server.holding = ({ body }) => body?.action === "item_clicked";
  const bodies = () => world.thread.state.value.entries.map(({ body }) => body);
  const release = async () => {
    world.server.holding = () => false;
    world.server.releaseAll();
    await settle();
  };
  return { ...world, bodies, release };
}

const messagesTold = ({ emitted }: World) => emitted.filter(({ name }) => name === "message").length;
const clicks = ({ server }: World) => server.count("tab-action", "item_clicked");

test("a new message is shown at once and fetched, and the page is told of it once", async () => {
  const world = await openSlowThread();
  const before = clicks(world);
  world.server.threads.c1?.push(entry("m3", "operator", { body: "As the owner has it" }));
  await publish(world, "message:new", { message: message("m3", "Hello") });
  expect(world.bodies().at(-1)).toBe("Hello");
  expect(clicks(world) - before).toBe(1);
  expect(messagesTold(world)).toBe(1);

  await world.release();
  expect(world.bodies()).toEqual(["Text of m1", "Text of m2", "As the owner has it"]);
  expect(messagesTold(world)).toBe(1);
});

test("an edited message changes in place, a deleted one is marked", async () => {
  const world = await openSlowThread();
  await publish(world, "message:updated", { message: message("m1", "Edited") });
  await publish(world, "message:deleted", { message: message("m2", "") });
  expect(world.thread.state.value.entries).toMatchObject([
    { id: "m1", body: "Edited" },
    { id: "m2", deletedAt: "2026-01-01T00:00:00Z" },
  ]);
});

test("a change of a message that is not loaded shows nothing", async () => {
  const world = await openSlowThread();
  await publish(world, "message:updated", { message: message("m0", "Edited") });
  expect(world.bodies()).toEqual(["Text of m1", "Text of m2"]);
});

test("what the owner's replica does not have yet stays until a second look, and no longer", async () => {
  const world = await openSlowThread();
  await publish(world, "message:new", { message: message("m3", "Hello") });
  await world.release();
  expect(world.bodies()).toContain("Hello");

  await world.clock.advance(1500);
  expect(world.bodies()).not.toContain("Hello");
});

test("the visitor's own message is not shown twice while it is being sent", async () => {
  const world = await openSlowThread();
  world.server.holding = () => true;
  world.thread.send("Hi");
  const { clientId } = world.thread.state.value.entries.at(-1) ?? {};
  await publish(world, "message:new", { message: message("m3", "Hi", { role: "USER", clientId }) });
  expect(world.bodies().filter((body) => body === "Hi")).toHaveLength(1);
  expect(messagesTold(world)).toBe(0);
});

test.each([
  ["an event of the owner's own", "x-order", { order: 7 }],
  ["an event of a later release", "message:pinned", { message: message("m3", "Hello") }],
  ["a message of another conversation", "message:new", {
    conversationId: "c2",
    message: message("m3", "Hello"),
  }],
  ["a message that can't be read", "message:new", { message: { id: "m3" } }],
])("%s shows nothing and is fetched", async (_case, type, data) => {
  const world = await openSlowThread();
  const before = clicks(world);
  await publish(world, type, data);
  expect(world.bodies()).toEqual(["Text of m1", "Text of m2"]);
  expect(clicks(world) - before).toBe(1);
});

test("several events in one envelope are all shown, with one fetch", async () => {
  const world = await openSlowThread();
  const before = clicks(world);
  const { realtime } = world;
  const at = "2026-01-01T00:00:00Z";
  const envelope = (id: string) => ({
    v: 1,
    id,
    type: "message:new",
    at,
    data: { conversationId: "c1", message: message(id, `News ${id}`) },
  });
  realtime.socket.publish(TOPIC, "events", { events: [envelope("m3"), envelope("m4")] });
  await vi.dynamicImportSettled();
  await settle();
  expect(world.bodies().slice(-2)).toEqual(["News m3", "News m4"]);
  expect(clicks(world) - before).toBe(1);
});

test("typing is shown until six seconds after the last of it, and fetches nothing", async () => {
  const world = await openThread();
  const before = clicks(world);
  await publish(world, "typing", { role: "AGENT", name: "Rosa" });
  await world.clock.advance(5000);
  await publish(world, "typing", { role: "AGENT", name: "Rosa" });
  await world.clock.advance(5999);
  expect(world.thread.state.value.typing).toEqual({ name: "Rosa" });
  await world.clock.advance(1);
  expect(world.thread.state.value.typing).toBeUndefined();
  expect(clicks(world)).toBe(before);
});

test("typing ends with the message, and is not the visitor's own", async () => {
  const world = await openThread();
  await publish(world, "typing", { role: "USER" });
  expect(world.thread.state.value.typing).toBeUndefined();
  await publish(world, "typing", { role: "BOT" });
  expect(world.thread.state.value.typing).toEqual({});
  await publish(world, "message:new", { message: message("m3", "Hello") });
  expect(world.thread.state.value.typing).toBeUndefined();
});

test("content on the visitor's list channel is a hint and no more", async () => {
  const world = await openThread();
  const before = world.server.count("tab-fetch");
  world.realtime.socket.publish("agent-x-user-ada-1", "message:new", { message: message("m3", "Hello") });
  await settle();
  expect(world.server.count("tab-fetch") - before).toBe(1);
  expect(world.thread.state.value.entries).toHaveLength(1);
});
