import { expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { MESSAGES } from "./support/server.ts";
import { createLiveWorld, createWorld } from "./support/world.ts";

test("a shutdown leaves no timer, listener, request or socket behind", async () => {
  const { core, server, page, clock, realtime } = await createLiveWorld();
  const thread = core.openThread(MESSAGES, "c1");
  await settle();
  realtime.socket.hint("conv-c1-1");
  await settle();
  realtime.answer = "lose";
  realtime.socket.events.lost();
  await clock.advance(20_000);
  page.emit("visible");
  server.holding = () => true;
  thread.send("Hello");
  core.list(MESSAGES).open();
  await settle();
  expect(clock.pending).toBeGreaterThan(0);

  core.shutdown();
  await settle();

  expect(clock.pending).toBe(0);
  expect(page.listeners.size).toBe(0);
  expect(realtime.connected).toBe(false);
  expect(server.held.every(({ call }) => call.signal?.aborted)).toBe(true);
  const calls = server.calls.length;
  server.releaseAll();
  await clock.advance(3_600_000);
  expect(server.calls).toHaveLength(calls);
  expect(clock.pending).toBe(0);
});

test("a core that is over does not begin again", async () => {
  const { core, server, page, realtime, clock } = createWorld();
  core.shutdown();
  core.setPanelOpen(true);
  await core.start();
  await core.identify("x.y.z");
  core.logout();
  await settle();

  expect(server.calls).toEqual([]);
  expect(realtime.sockets).toEqual([]);
  expect(page.listeners.size).toBe(0);
  expect(clock.pending).toBe(0);
});

test("a handler that throws does not stop the others, nor the core", async () => {
  const { core, emitted } = createWorld();
  const thrown: unknown[] = [];
  const listener = (error: unknown) => void thrown.push(error);
  const former = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", listener);
  core.on("ready", () => {
    throw new Error("the page's own");
  });
  core.on("ready", () => emitted.push({ name: "ready", detail: "second" }));
  await core.start();
  await settle();
  process.removeListener("uncaughtException", listener);
  for (const handler of former) process.on("uncaughtException", handler);

  expect(thrown).toEqual([new Error("the page's own")]);
  expect(emitted).toContainEqual({ name: "ready", detail: "second" });
  expect(core.session.value.status).toBe("ready");
});

test("a handler that was taken back is not called", async () => {
  const { core } = createWorld();
  let calls = 0;
  const off = core.on("ready", () => calls++);
  off();
  await core.start();

  expect(calls).toBe(0);
});
