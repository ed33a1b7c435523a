import { expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { item, MESSAGES, refusal } from "./support/server.ts";
import { createLiveWorld } from "./support/world.ts";

const USER = "agent-x-user-ada-1";
const SECOND = 1000;
const HOUR = 3600 * SECOND;

test("a lost socket is replaced by a new one after a delay, with its channels joined anew", async () => {
  const { core, realtime, clock } = await createLiveWorld();
  core.openThread(MESSAGES, "c1");
  await settle();
  const lost = realtime.socket;

  lost.events.lost();
  expect(lost.closed).toBe(true);
  expect(realtime.sockets).toHaveLength(1);
  await clock.advance(SECOND);

  expect(realtime.sockets).toHaveLength(2);
  expect(realtime.socket.joins).toEqual([USER, "conv-c1-1"]);
  expect(core.live.value).toBe("live");
});

test("nothing that an old socket still says is listened to", async () => {
  const { server, realtime, clock } = await createLiveWorld();
  const old = realtime.socket;
  old.events.lost();
  await clock.advance(10 * SECOND);
  const before = server.calls.length;

  old.hint(USER);
  old.events.lost();
  await clock.advance(10 * SECOND);

  expect(server.calls).toHaveLength(before);
  expect(realtime.sockets).toHaveLength(2);
});

test.each([
  { jitter: 0, delays: [1, 1, 1, 1, 1, 1] },
  { jitter: 0.5, delays: [1.5, 2.5, 4.5, 8.5, 15.5, 15.5] },
  { jitter: 0.999999, delays: [2, 4, 8, 16, 30, 30] },
])(
  "attempts are spread between one second and a limit that grows to thirty (jitter $jitter)",
  async ({ jitter, delays }) => {
    const { realtime, clock } = await createLiveWorld({ random: () => jitter });
    realtime.answer = "lose";
    realtime.socket.events.lost();
    for (const [index, delay] of delays.entries()) {
      await clock.advance(delay * SECOND - 100);
      expect(realtime.sockets).toHaveLength(index + 1);
      await clock.advance(100);
      expect(realtime.sockets).toHaveLength(index + 2);
    }
  },
);

test("a connection that lasted starts the delays anew, one that ended at once does not", async () => {
  const { realtime, clock } = await createLiveWorld({ random: () => 0.5 });
  realtime.socket.events.lost();
  await clock.advance(1.5 * SECOND);
  realtime.socket.events.lost();
  await clock.advance(2.4 * SECOND);
  expect(realtime.sockets).toHaveLength(2);
  await clock.advance(0.1 * SECOND);
  expect(realtime.sockets).toHaveLength(3);

  await clock.advance(31 * SECOND);
  realtime.socket.events.lost();
  await clock.advance(1.5 * SECOND);
  expect(realtime.sockets).toHaveLength(4);
});

test("what was written while the socket was away is there after the reconnect", async () => {
  const { core, server, realtime, clock } = await createLiveWorld();
  realtime.socket.events.lost();
  server.items[MESSAGES] = [item("c1", { unread: 3 })];
  await clock.advance(SECOND);

  expect(core.unread.value).toBe(3);
});

test("a refused join validates again, refetches and is not tried at once", async () => {
  const { core, server, realtime } = await createLiveWorld({ random: () => 0.5 });
  server.calls.length = 0;
  realtime.socket.refuse(USER, "unauthorized");
  await settle();

  expect(server.count("validate-widget")).toBe(1);
  expect(server.count("tab-fetch")).toBe(1);
  expect(realtime.sockets).toHaveLength(1);
  expect(realtime.socket.joins).toEqual([USER]);
  expect(core.live.value).not.toBe("live");
});

test("a join that stays refused is tried ever more rarely, up to five minutes apart", async () => {
  const { server, realtime, clock } = await createLiveWorld({ random: () => 0.5 });
  realtime.answer = "unauthorized";
  realtime.socket.refuse(USER, "unauthorized");
  await clock.advance(HOUR);

  // After 1.5, 2.5, 4.5 … 128.5 s, then every 150.5 s.
  expect(realtime.socket.joins.length).toBeGreaterThan(20);
  expect(realtime.socket.joins.length).toBeLessThan(35);
  expect(server.count("validate-widget")).toBeGreaterThan(1);
});

test("a refused join that works later makes everything live again", async () => {
  const { core, realtime, clock } = await createLiveWorld();
  realtime.socket.refuse(USER, "unauthorized");
  await clock.advance(5 * SECOND);

  expect(core.live.value).toBe("live");
});

test("a refusal after a good join is tried as soon as the first one was", async () => {
  const { realtime, clock } = await createLiveWorld({ random: () => 0.5 });
  for (let refusals = 1; refusals <= 3; refusals++) {
    realtime.socket.refuse(USER, "unauthorized");
    await clock.advance(1.5 * SECOND);
    expect(realtime.socket.joins).toHaveLength(1 + refusals);
  }
});

test("one refused conversation does not silence the visitor's channel", async () => {
  const { core, server, realtime } = await createLiveWorld({ random: () => 0.5 });
  realtime.answer = "unauthorized";
  core.openThread(MESSAGES, "c1");
  await settle();
  server.items[MESSAGES] = [item("c1", { unread: 1 })];

  realtime.socket.hint(USER);
  await settle();

  expect(realtime.connected).toBe(true);
  expect(core.unread.value).toBe(1);
});

test("a bad token on a join drops the socket, and the next one has the key of a new validation", async () => {
  const { server, realtime, clock } = await createLiveWorld();
  server.session.realtime = { key: "sb_publishable_new" };
  realtime.socket.refuse(USER, "token");
  expect(realtime.sockets[0]?.closed).toBe(true);
  await clock.advance(2 * SECOND);

  expect(server.count("validate-widget")).toBe(2);
  expect(realtime.socket.target.key).toBe("sb_publishable_new");
  expect(realtime.socket.joins).toEqual([USER]);
});

test("a visitor who may no longer come in hears nothing more", async () => {
  const { core, server, realtime } = await createLiveWorld();
  server.validate = () => refusal("invalid_user_token");
  realtime.socket.refuse(USER, "unauthorized");
  await settle();

  expect(realtime.connected).toBe(false);
  expect(core.session.value).toMatchObject({ status: "failed", problem: { code: "invalid_user_token" } });
  expect(core.live.value).toBe("off");
});

test.each([
  { jitter: 0, hours: 22.5 },
  { jitter: 0.5, hours: 23 },
])("a connection is renewed around its 23rd hour (jitter $jitter)", async ({ jitter, hours }) => {
  const { core, realtime, clock } = await createLiveWorld({ random: () => jitter });
  await clock.advance(hours * HOUR - SECOND);
  expect(realtime.sockets).toHaveLength(1);

  await clock.advance(2 * SECOND);

  expect(realtime.sockets.map(({ closed }) => closed)).toEqual([true, false]);
  expect(core.live.value).toBe("live");
});

test("attempts that fail before a socket is opened are spread as well", async () => {
  const { server, realtime, clock } = await createLiveWorld({ random: () => 0.5 });
  await clock.advance(301 * SECOND);
  server.validate = () => refusal("internal");
  realtime.socket.events.lost();
  await clock.advance(60 * SECOND);

  // 1 by the first start; then after 1.5, 2.5, 4.5, 8.5, 15.5 and 15.5 s.
  expect(server.count("validate-widget")).toBe(1 + 6);
});
