import { expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { entry, item, MESSAGES, ORDERS } from "./support/server.ts";
import { createLiveWorld, createWorld } from "./support/world.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

test("visible, restored, online and focus in a burst make one round over list and open thread", async () => {
  const { core, server, page, clock } = await createLiveWorld({ random: () => 0.999 });
  core.openThread(MESSAGES, "c1");
  await settle();
  page.emit("hidden");
  await clock.advance(10 * SECOND);
  server.items[MESSAGES] = [item("c1", { unread: 2 })];
  server.calls.length = 0;

  page.emit("visible");
  page.emit("focus");
  page.emit("restored");
  await clock.advance(100);
  page.emit("online");
  await clock.advance(SECOND / 2);

  expect(core.unread.value).toBe(2);
  expect(server.count("tab-fetch")).toBe(1);
  expect(server.count("tab-action", "item_clicked")).toBe(1);

  // Going online gave a new socket, whose subscriptions are younger than that round.
  await clock.advance(3 * SECOND);
  expect(server.count("tab-fetch")).toBe(2);
  expect(server.count("tab-action", "item_clicked")).toBe(2);
});

test("a page that is looked at again within revalidateAfter does not validate", async () => {
  const { server, page, clock } = await createLiveWorld();
  page.emit("hidden");
  await clock.advance(4 * MINUTE);
  page.emit("visible");
  await clock.advance(SECOND);

  expect(server.count("validate-widget")).toBe(1);
});

test("a live socket is kept when the page is looked at again, and replaced after the network changed", async () => {
  const { page, realtime, clock } = await createLiveWorld();
  page.emit("hidden");
  page.emit("visible");
  await clock.advance(SECOND);
  expect(realtime.sockets).toHaveLength(1);

  page.emit("online");
  await clock.advance(SECOND);
  expect(realtime.sockets.map(({ closed }) => closed)).toEqual([true, false]);
});

test("coming back does not wait for the next attempt to reconnect", async () => {
  const { core, page, realtime, clock } = await createLiveWorld({ random: () => 0.999 });
  realtime.answer = "lose";
  realtime.socket.events.lost();
  await clock.advance(MINUTE);
  const attempts = realtime.sockets.length;
  realtime.answer = "accept";

  page.emit("hidden");
  page.emit("visible");
  await clock.advance(SECOND / 2);

  expect(realtime.sockets).toHaveLength(attempts + 1);
  await clock.advance(3 * SECOND);
  expect(core.live.value).toBe("live");
});

test("a page that goes to the back/forward cache lets its socket go, and takes a new one when it is restored", async () => {
  const { core, server, page, realtime, clock } = await createLiveWorld();
  page.emit("stored");
  expect(realtime.connected).toBe(false);
  server.items[MESSAGES] = [item("c1", { unread: 1 })];

  page.emit("restored");
  await clock.advance(SECOND);

  expect(realtime.sockets).toHaveLength(2);
  expect(core.live.value).toBe("live");
  expect(core.unread.value).toBe(1);
});

test("online in a hidden page fetches nothing until the page is looked at", async () => {
  const { server, page, clock } = await createLiveWorld();
  page.emit("hidden");
  server.calls.length = 0;
  page.emit("online");
  await clock.advance(MINUTE);
  expect(server.calls).toEqual([]);

  page.emit("visible");
  await clock.advance(SECOND);
  expect(server.count("tab-fetch")).toBeGreaterThan(0);
});

test("focus refetches what the open panel shows, default tabs too", async () => {
  const { core, server, page, clock } = await createLiveWorld();
  core.list(ORDERS).open();
  await settle();
  server.calls.length = 0;

  page.emit("focus");
  await clock.advance(SECOND);

  expect(server.calls.map(({ query }) => query.tabId)).toEqual([ORDERS, MESSAGES]);
});

test("focus is nothing to a closed panel", async () => {
  const { core, server, page, clock } = await createLiveWorld();
  core.setPanelOpen(false);
  server.calls.length = 0;
  page.emit("focus");
  await clock.advance(SECOND);

  expect(server.calls).toEqual([]);
});

test("opening the panel refetches what it shows", async () => {
  const { core, server, clock } = await createLiveWorld();
  core.openThread(MESSAGES, "c1");
  await clock.advance(5 * SECOND);
  core.setPanelOpen(false);
  server.calls.length = 0;
  server.threads.c1?.push(entry("m2"));

  core.setPanelOpen(true);
  await settle();

  expect(server.count("tab-fetch")).toBe(1);
  expect(server.count("tab-action", "item_clicked")).toBe(1);
});

test("a start that found no network is repeated when the page comes online", async () => {
  const { core, server, page, clock } = createWorld();
  const { validate } = server;
  server.validate = () => "network";
  await core.start();
  expect(core.session.value).toMatchObject({ status: "failed", problem: { code: "network" } });

  server.validate = validate;
  page.emit("online");
  await clock.advance(SECOND);

  expect(core.session.value.status).toBe("ready");
});

test("a core that was not started stays silent", async () => {
  const { core, server, page, clock } = createWorld();
  core.setPanelOpen(true);
  page.emit("visible");
  page.emit("online");
  await clock.advance(MINUTE);

  expect(server.calls).toEqual([]);
});

test("a page that was stored before it had a session listens once it has one", async () => {
  const world = createWorld();
  const { core, server, page, clock } = world;
  server.holding = ({ path }) => path === "validate-widget";
  void core.start();
  core.setPanelOpen(true);
  await settle();

  page.emit("stored");
  page.emit("restored");
  await clock.advance(SECOND);
  server.releaseAll();
  await settle();

  expect(core.live.value).toBe("live");
});
