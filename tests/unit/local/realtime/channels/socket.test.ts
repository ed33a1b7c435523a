import { expect, test } from "vitest";
import { fakeServices, openSocket } from "../fake_services.ts";

const heartbeat = (ref: string) => [null, ref, "phoenix", "phx_reply", { status: "ok", response: {} }];

/** Resolves when everything that waits for no event has run. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test("a refused join is answered after the back-off, and what follows it waits", async () => {
  const world = fakeServices({ joinBackoffMs: 5000 });
  const { send, received } = openSocket(world);
  const scheduled = new Promise<void>((resolve) => {
    const { after } = world.clock;
    world.clock.after = (ms, task) => {
      if (ms === 5000) resolve();
      return after.call(world.clock, ms, task);
    };
  });
  send("1", "1", "realtime:no", "phx_join", { config: { private: true } });
  send(null, "2", "phoenix", "heartbeat", {});
  await scheduled;
  received.push(["not yet"]);
  world.clock.advance(5000);

  expect(await received.next()).toEqual(["not yet"]);
  expect(await received.next()).toMatchObject(["1", "1", "realtime:no", "phx_reply", { status: "error" }]);
  expect(await received.next()).toEqual(heartbeat("2"));
});

test("a join that fails for a reason nobody foresaw says so, and the log says why", async () => {
  const world = fakeServices({ joinBackoffMs: 0 });
  const { join } = openSocket(world);
  const response = { reason: "Unknown Error on Channel" };
  expect(await join("broken")).toEqual(
    ["1", "1", "realtime:broken", "phx_reply", { status: "error", response }],
  );
  expect(world.logged).toEqual(["realtime: a join failed: Error: broken"]);
});

test("a channel that crashes ends with phx_error and leaves the others alone", async () => {
  const { send, join, received } = openSocket(fakeServices());
  await join("crash");
  await join("fine", "2");
  send("1", "3", "realtime:crash", "broadcast", { event: "ev" });

  expect(await received.next()).toEqual(["1", "1", "realtime:crash", "phx_error", {
    reason: "channel_crash",
  }]);
  send("1", "4", "realtime:crash", "broadcast", { event: "ev" });
  expect(await received.next()).toMatchObject([null, "4", "realtime:crash", "phx_reply", {
    status: "error",
  }]);
  send("2", "5", "realtime:fine", "phx_leave", {});
  expect(await received.next()).toMatchObject(["2", "5", "realtime:fine", "phx_reply", { status: "ok" }]);
});

test("a leave with a stale join_ref leaves the channel as it is", async () => {
  const world = fakeServices();
  const { send, join, received } = openSocket(world);
  await join("a", "2");
  send("1", "3", "realtime:a", "phx_leave", {});
  send(null, "4", "phoenix", "heartbeat", {});
  expect(await received.next()).toEqual(heartbeat("4"));
  expect(world.services.registry.counts()).toEqual([{ topic: "a", private: true, members: 1 }]);
});

test("a leave without a join_ref is answered with the channel's", async () => {
  const world = fakeServices();
  const { send, join, received } = openSocket(world);
  await join("a", "2");
  send(null, "3", "realtime:a", "phx_leave", {});
  expect(await received.next()).toMatchObject(["2", "3", "realtime:a", "phx_reply", { status: "ok" }]);
  expect(await received.next()).toEqual(["2", "2", "realtime:a", "phx_close", {}]);
  expect(world.services.registry.counts()).toEqual([]);
});

test("leaving and joining again at once closes the old channel and keeps the new one", async () => {
  const world = fakeServices();
  const { send, join, received } = openSocket(world);
  await join("a");
  send("1", "2", "realtime:a", "phx_leave", {});
  send("3", "3", "realtime:a", "phx_join", { config: { private: true } });

  const events = [await received.next(), await received.next(), await received.next()];
  expect(events).toContainEqual(["1", "2", "realtime:a", "phx_reply", { status: "ok", response: {} }]);
  expect(events).toContainEqual(["1", "1", "realtime:a", "phx_close", {}]);
  expect(events).toContainEqual(
    ["3", "3", "realtime:a", "phx_reply", { status: "ok", response: { postgres_changes: [] } }],
  );
  expect(world.services.registry.counts()).toEqual([{ topic: "a", private: true, members: 1 }]);
});

test("a token far from its expiry is looked at again after five minutes, and closes the channel when it has gone", async () => {
  const world = fakeServices({ idleMs: 3_600_000 });
  const { join, received, ended } = openSocket(world, 400);
  await join("a");
  world.clock.advance(300_000);
  await settled(); // the next look, at the expiry itself, is scheduled once this one has passed
  expect(world.services.registry.counts()).toHaveLength(1);

  const closing = received.next();
  world.clock.advance(100_000);
  expect(await closing).toMatchObject(["1", null, "realtime:a", "system", { message: "Token has expired" }]);
  expect(await received.next()).toEqual(["1", "1", "realtime:a", "phx_close", {}]);
  expect(ended).toEqual([]);
});

test("a silent socket is closed after its idle time; every frame begins it anew", () => {
  const world = fakeServices({ idleMs: 60_000 });
  const { send, ended } = openSocket(world);
  world.clock.advance(59_000);
  send(null, "1", "phoenix", "heartbeat", {});
  world.clock.advance(59_000);
  expect(ended).toEqual([]);
  world.clock.advance(1_000);
  expect(ended).toEqual([1000]);
});

test("a socket that is gone is a member of nothing", async () => {
  const world = fakeServices();
  const { socket, join } = openSocket(world);
  await join("a");
  socket.disconnected();
  expect(world.services.registry.counts()).toEqual([]);
});

test("a socket that goes while its join is being decided joins nothing", async () => {
  const world = fakeServices();
  const { socket, send } = openSocket(world);
  const asked = new Promise<() => void>((resolve) => {
    world.services.authorizer.read = () =>
      new Promise((decide) => resolve(() => decide({ broadcast: true, presence: true })));
  });
  send("1", "1", "realtime:a", "phx_join", { config: { private: true } });
  const decide = await asked;
  socket.disconnected();
  decide();
  await settled();
  expect(world.services.registry.counts()).toEqual([]);
});
