import { expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { item, MESSAGES, refusal } from "./support/server.ts";
import { createLiveWorld, createWorld, type World } from "./support/world.ts";

const SECOND = 1000;

async function cutOff(world: World): Promise<void> {
  world.realtime.answer = "lose";
  world.realtime.socket.events.lost();
  await settle();
}

test("the banner waits three seconds", async () => {
  const world = await createLiveWorld();
  await cutOff(world);
  expect(world.core.live.value).toBe("connecting");
  await world.clock.advance(2999);
  expect(world.core.live.value).toBe("connecting");

  await world.clock.advance(1);

  expect(world.core.live.value).toBe("offline");
});

test("the banner shows as soon as the browser is offline, although the socket seems alive", async () => {
  const { core, page, clock } = await createLiveWorld();
  page.emit("offline");
  expect(core.live.value).toBe("offline");

  page.emit("online");
  await clock.advance(4 * SECOND);
  expect(core.live.value).toBe("live");
});

test("an answer that comes while the browser is offline does not end the banner", async () => {
  const { core, page, server } = await createLiveWorld();
  server.holding = ({ path }) => path === "tab-fetch";
  core.list(MESSAGES).open();
  await settle();
  page.emit("offline");
  server.releaseAll();
  await settle();
  expect(core.live.value).toBe("offline");
});

test("a panel that is opened offline shows the banner at once", async () => {
  const { core, page } = createWorld();
  await core.start();
  page.emit("offline");
  expect(core.live.value).toBe("off");
  core.setPanelOpen(true);
  expect(core.live.value).toBe("offline");
});

test("a short loss shows no banner and causes no poll", async () => {
  const { core, realtime, clock } = await createLiveWorld();
  const states: string[] = [];
  core.live.subscribe((state) => void states.push(state));
  realtime.socket.events.lost();
  await clock.advance(60 * SECOND);

  expect(states).toEqual(["live", "connecting", "live"]);
});

test.each([
  { jitter: 0, polls: [10, 30, 70, 115, 160] },
  { jitter: 0.999999, polls: [13.3, 40, 93.3, 153.3, 213.3] },
])("while offline it polls from every 10 s to every 60 s (jitter $jitter)", async ({ jitter, polls }) => {
  const world = await createLiveWorld({ random: () => jitter });
  await cutOff(world);
  await world.clock.advance(3 * SECOND);
  world.server.calls.length = 0;
  const times: number[] = [];
  const since = world.clock.now();
  world.server.tabFetch = () => {
    times.push(Math.round((world.clock.now() - since) / 100) / 10);
    return { status: 304 };
  };
  await world.clock.advance(220 * SECOND);

  expect(times.slice(0, polls.length)).toEqual(polls);
});

test("a poll brings what was written, in the list and in the open thread", async () => {
  const world = await createLiveWorld();
  const thread = world.core.openThread(MESSAGES, "c1");
  await settle();
  await cutOff(world);
  world.server.items[MESSAGES] = [item("c1", { unread: 4 })];
  world.server.threads.c1 = [];

  await world.clock.advance(13 * SECOND);

  expect(world.core.unread.value).toBe(4);
  expect(thread.state.value.entries).toEqual([]);
});

test("a hidden page does not poll", async () => {
  const world = await createLiveWorld();
  await cutOff(world);
  await world.clock.advance(3 * SECOND);
  world.page.emit("hidden");
  world.server.calls.length = 0;
  await world.clock.advance(200 * SECOND);

  expect(world.server.count("tab-fetch")).toBe(0);
});

test("the first fetch after the reconnect ends it, not the reconnect itself", async () => {
  const world = await createLiveWorld({ random: () => 0.5 });
  await cutOff(world);
  await world.clock.advance(3 * SECOND);
  world.realtime.answer = "accept";
  world.server.holding = ({ path }) => path === "tab-fetch";
  await world.clock.advance(9 * SECOND);
  expect(world.realtime.connected).toBe(true);
  expect(world.core.live.value).toBe("offline");

  world.server.holding = () => false;
  world.server.releaseAll();
  await settle();

  expect(world.core.live.value).toBe("live");
  world.server.calls.length = 0;
  await world.clock.advance(120 * SECOND);
  expect(world.server.calls).toEqual([]);
});

test("a poll that was on its way at the reconnect does not end it", async () => {
  const world = await createLiveWorld({ random: () => 0.5 });
  await cutOff(world);
  world.server.holding = ({ path }) => path === "tab-fetch";
  // The first poll, 3 + 11.67 s after the loss.
  await world.clock.advance(15 * SECOND);
  expect(world.server.held).toHaveLength(1);
  world.realtime.answer = "accept";
  await world.clock.advance(4 * SECOND);
  expect(world.realtime.connected).toBe(true);

  world.server.held.splice(0).forEach(({ release }) => release());
  await settle();
  expect(world.core.live.value).toBe("offline");
  world.server.releaseAll();
  await settle();
  expect(world.core.live.value).toBe("live");
});

test("a fetch that fails after the reconnect does not end it", async () => {
  const world = await createLiveWorld();
  await cutOff(world);
  await world.clock.advance(3 * SECOND);
  world.realtime.answer = "accept";
  const { tabFetch } = world.server;
  world.server.tabFetch = () => refusal("source_failed");
  await world.clock.advance(5 * SECOND);
  expect(world.core.live.value).toBe("offline");

  world.server.tabFetch = tabFetch;
  await world.clock.advance(13 * SECOND);

  expect(world.core.live.value).toBe("live");
});

test("a refused upgrade means polling", async () => {
  const { core, server, realtime, clock } = createWorld();
  realtime.answer = "lose";
  await core.start();
  core.setPanelOpen(true);
  await clock.advance(3 * SECOND);
  expect(core.live.value).toBe("offline");

  server.items[MESSAGES] = [item("c1", { unread: 1 })];
  await clock.advance(10 * SECOND);
  expect(core.unread.value).toBe(1);
});

test("a server that never answers the join means polling", async () => {
  const { core, realtime, clock } = createWorld();
  realtime.answer = "silence";
  await core.start();
  core.setPanelOpen(true);
  await clock.advance(4 * SECOND);

  expect(core.live.value).toBe("offline");
});

test("a slow first list is loading, not offline", async () => {
  const { core, server, clock } = createWorld();
  server.holding = ({ path }) => path === "tab-fetch";
  await core.start();
  core.setPanelOpen(true);
  await clock.advance(8 * SECOND);
  expect(core.live.value).toBe("connecting");
  expect(core.list(MESSAGES).state.value.status).toBe("loading");
});

test("a first list that failed is no lost connection, and is fetched again by itself", async () => {
  const { core, server, realtime, clock } = createWorld();
  const { tabFetch } = server;
  server.tabFetch = () => "network";
  await core.start();
  core.setPanelOpen(true);
  await clock.advance(4 * SECOND);
  expect(core.live.value).toBe("connecting");

  server.tabFetch = tabFetch;
  await clock.advance(20 * SECOND);

  expect(realtime.connected).toBe(true);
  expect(core.live.value).toBe("live");
});
