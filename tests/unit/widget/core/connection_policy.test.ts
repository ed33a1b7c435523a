import { expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { MESSAGES } from "./support/server.ts";
import { createLiveWorld, createWorld } from "./support/world.ts";

const MINUTE = 60_000;

test("a visitor without conversations gets no socket while the panel is closed", async () => {
  const { core, server, realtime, clock } = createWorld();
  server.items[MESSAGES] = [];
  await core.start();
  await clock.advance(10 * MINUTE);

  expect(realtime.sockets).toEqual([]);
  expect(core.live.value).toBe("off");
});

test("a visitor with a conversation gets one once the page was visible for five seconds", async () => {
  const { core, realtime, clock } = createWorld();
  await core.start();
  await clock.advance(4999);
  expect(realtime.sockets).toEqual([]);

  await clock.advance(1);

  expect(realtime.connected).toBe(true);
  expect(core.live.value).toBe("live");
});

test("a page that opens in the background connects five seconds after it was looked at", async () => {
  const { core, page, realtime, clock } = createWorld();
  page.visible = false;
  await core.start();
  await clock.advance(MINUTE);
  expect(realtime.sockets).toEqual([]);

  page.emit("visible");
  await clock.advance(5000);

  expect(realtime.connected).toBe(true);
});

test("an opened panel connects at once, for a visitor without conversations too", async () => {
  const { core, server, realtime } = createWorld();
  server.items[MESSAGES] = [];
  await core.start();
  core.setPanelOpen(true);
  await settle();

  expect(realtime.socket.joins).toEqual(["agent-x-user-ada-1"]);
});

test("closing the panel disconnects a visitor without conversations", async () => {
  const { core, realtime } = await createLiveWorld({
    prepare: ({ server }) => (server.items[MESSAGES] = []),
  });
  core.setPanelOpen(false);

  expect(realtime.connected).toBe(false);
  expect(core.live.value).toBe("off");
});

test("after five minutes in the background the socket closes, not earlier", async () => {
  const { core, page, realtime, clock } = await createLiveWorld();
  page.emit("hidden");
  await clock.advance(5 * MINUTE - 1);
  expect(realtime.connected).toBe(true);

  await clock.advance(1);

  expect(realtime.connected).toBe(false);
  expect(core.live.value).toBe("off");
});

test("coming back with the panel open connects again", async () => {
  const { core, page, realtime, clock } = await createLiveWorld();
  page.emit("hidden");
  await clock.advance(10 * MINUTE);
  page.emit("visible");
  await clock.advance(1000);

  expect(realtime.connected).toBe(true);
  expect(core.live.value).toBe("live");
});

test("an agent without messaging tabs needs no socket", async () => {
  const { core, realtime, clock } = await createLiveWorld({
    prepare: ({ server }) => (server.session.tabs = []),
  });
  await clock.advance(MINUTE);

  expect(realtime.sockets).toEqual([]);
  expect(core.live.value).toBe("off");
});
