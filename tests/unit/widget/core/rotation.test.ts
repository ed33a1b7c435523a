import { expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { item, MESSAGES, refusal } from "./support/server.ts";
import { createLiveWorld } from "./support/world.ts";
import type { World } from "./support/world.ts";

const SUPPORT = "b0000000-0000-4000-8000-000000000003";
const SECOND = 1000;
const MINUTE = 60 * SECOND;

function rotate({ server }: World): void {
  server.session.channelsVersion = "2";
  server.listChannel = "agent-x-user-ada-2";
  server.conversationChannel = (id) => `conv-${id}-2`;
}

test("a resume later than revalidateAfter validates before it joins", async () => {
  const world = await createLiveWorld();
  const { server, page, realtime, clock } = world;
  page.emit("hidden");
  await clock.advance(6 * MINUTE);
  expect(realtime.connected).toBe(false);
  server.holding = ({ path }) => path === "validate-widget";

  page.emit("visible");
  await clock.advance(10 * SECOND);
  expect(server.count("validate-widget")).toBe(2);
  expect(realtime.connected).toBe(false);

  server.holding = () => false;
  server.releaseAll();
  await clock.advance(SECOND);
  expect(realtime.connected).toBe(true);
});

test("a reconnect after a long sleep validates before it joins, without any event of the page", async () => {
  const { server, realtime, clock } = await createLiveWorld();
  clock.sleep(10 * MINUTE);
  realtime.socket.events.lost();
  server.holding = ({ path }) => path === "validate-widget";
  await clock.advance(5 * SECOND);
  expect(realtime.connected).toBe(false);

  server.holding = () => false;
  server.releaseAll();
  await clock.advance(SECOND);
  expect(realtime.connected).toBe(true);
  expect(server.count("validate-widget")).toBe(2);
});

test("if validating fails for want of a network, joining waits for the next attempt", async () => {
  const { core, server, realtime, clock } = await createLiveWorld();
  const { validate } = server;
  clock.sleep(10 * MINUTE);
  realtime.socket.events.lost();
  server.validate = () => "network";
  await clock.advance(10 * SECOND);
  expect(realtime.connected).toBe(false);
  expect(core.session.value.status).toBe("ready");

  server.validate = validate;
  await clock.advance(30 * SECOND);
  expect(realtime.connected).toBe(true);
});

test("a changed channelsVersion refetches list and thread and moves to the new names", async () => {
  const world = await createLiveWorld();
  const { core, server, page, realtime, clock } = world;
  core.openItem(MESSAGES, "c1");
  await settle();
  rotate(world);
  clock.sleep(6 * MINUTE);
  page.emit("visible");
  await clock.advance(SECOND);

  expect(realtime.socket.joins).toEqual(expect.arrayContaining(["agent-x-user-ada-2", "conv-c1-2"]));
  expect(realtime.socket.left).toEqual(expect.arrayContaining(["agent-x-user-ada-1", "conv-c1-1"]));
  server.items[MESSAGES] = [item("c1", { unread: 1 })];
  realtime.socket.hint("agent-x-user-ada-2");
  await settle();
  expect(core.unread.value).toBe(1);
});

test("a list fetch that names another channel moves the open thread, too", async () => {
  const world = await createLiveWorld();
  const { core, realtime } = world;
  core.openItem(MESSAGES, "c1");
  await settle();
  rotate(world);

  realtime.socket.hint("agent-x-user-ada-1");
  await settle();

  expect(realtime.socket.joins).toEqual(expect.arrayContaining(["agent-x-user-ada-2", "conv-c1-2"]));
  expect(realtime.socket.left).toEqual(expect.arrayContaining(["agent-x-user-ada-1", "conv-c1-1"]));
});

test("a former name in an answer that comes late is not moved back to", async () => {
  const world = await createLiveWorld({
    prepare({ server }) {
      const actions = ["get_items" as const];
      server.session.tabs = [
        { id: MESSAGES, name: "Messages", category: "messaging", source: "webhook", actions },
        { id: SUPPORT, name: "Support", category: "messaging", source: "webhook", actions },
      ];
      server.tabFetch = () => ({ status: 200, body: { items: [], listChannel: server.listChannel } });
    },
  });
  const { core, server, realtime } = world;
  server.holding = ({ query }) => query.tabId === SUPPORT;
  core.list(SUPPORT).open();
  await settle();
  server.holding = () => false;
  rotate(world);
  core.list(MESSAGES).open();
  await settle();
  expect(realtime.socket.joins.at(-1)).toBe("agent-x-user-ada-2");

  server.releaseAll();
  await settle();

  expect(realtime.socket.joins.filter((topic) => topic === "agent-x-user-ada-1")).toHaveLength(1);
  expect(core.live.value).toBe("live");
});

test("an unchanged channelsVersion refetches nothing but what coming back does anyway", async () => {
  const { core, server, page, realtime, clock } = await createLiveWorld();
  clock.sleep(6 * MINUTE);
  server.calls.length = 0;
  page.emit("visible");
  await clock.advance(SECOND);

  expect(server.calls.map(({ path }) => path)).toEqual(["validate-widget", "tab-fetch"]);
  expect(realtime.sockets).toHaveLength(1);
  expect(core.live.value).toBe("live");
});

test("a page that only listens notices a rotation when its session ends", async () => {
  const world = await createLiveWorld();
  rotate(world);
  await world.clock.advance(15 * MINUTE + SECOND);

  expect(world.realtime.socket.joins).toContain("agent-x-user-ada-2");
  expect(world.server.count("validate-widget")).toBe(2);
});

test("a visitor who is no longer let in when the session ends stops listening", async () => {
  const { core, server, realtime, clock } = await createLiveWorld();
  server.validate = () => refusal("invalid_user_token");
  await clock.advance(15 * MINUTE + SECOND);

  expect(core.session.value.status).toBe("failed");
  expect(realtime.connected).toBe(false);
});
