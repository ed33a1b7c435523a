import { expect, test } from "vitest";
import { startReaper } from "../../../../../local/realtime/connection_life.ts";
import { fakeServices, openSocket } from "../fake_services.ts";

const TEN_MINUTES = 600_000;

function reaped() {
  const world = fakeServices({ idleMs: 100 * TEN_MINUTES });
  const stop = startReaper({ sockets: world.sockets, clock: world.clock, settings: world.services.settings });
  return { world, stop };
}

test("at every tick connections without a channel end: who has left all, and who has joined none for as long", async () => {
  const { world } = reaped();
  const [silent, joined, left] = [openSocket(world), openSocket(world), openSocket(world)];
  world.clock.advance(TEN_MINUTES / 2);
  const late = openSocket(world);
  await joined.join("a");
  await left.join("a");
  left.send("1", "2", "realtime:a", "phx_leave", {});
  await left.received.nextWhere(([, , , event]) => event === "phx_close");

  world.clock.advance(TEN_MINUTES / 2);
  expect([silent, joined, left, late].map(({ ended }) => ended)).toEqual([["dropped"], [], ["dropped"], []]);
  world.clock.advance(TEN_MINUTES);
  expect([joined.ended, late.ended]).toEqual([[], ["dropped"]]);
});

test("stopped it ends nobody", () => {
  const { world, stop } = reaped();
  const socket = openSocket(world);
  stop();
  world.clock.advance(TEN_MINUTES);
  expect(socket.ended).toEqual([]);
});
