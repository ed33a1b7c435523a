import { describe, expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { entry, item, MESSAGES, refusal } from "./support/server.ts";
import { createLiveWorld, createWorld, tokenOf, type World } from "./support/world.ts";

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
  core.openThread(MESSAGES, "c1");
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
  core.openThread(MESSAGES, "c1");
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

/** As `rotate-secret signing --now` does it: former sessions end, and for 30 s no answer names a channel. */
function revoke({ server }: World): { handOutNames(): void } {
  const { tabFetch, tabAction } = server;
  server.session.channelsVersion = "2";
  const former = `Bearer session-${server.sessionNumber}`;
  const name = { listChannel: undefined, conversationChannel: undefined };
  let isNamed = false;
  const guard = (handle: typeof tabFetch): typeof tabFetch => (call) => {
    if (call.headers.get("authorization") === former) return refusal("invalid_session");
    if (!isNamed) call.headers.delete("if-none-match"); // the names are part of what the ETag stands for
    const reply = handle(call);
    if (isNamed || reply === "network" || reply instanceof Response || reply.status !== 200) return reply;
    return { status: 200, body: { ...reply.body as object, ...name } };
  };
  server.tabFetch = guard(tabFetch);
  server.tabAction = guard(tabAction);
  return {
    handOutNames() {
      isNamed = true;
      server.listChannel = "agent-x-user-ada-2";
      server.conversationChannel = (id) => `conv-${id}-2`;
    },
  };
}

describe("after a rotation that ends the former secret at once", () => {
  test("a hint on the former name makes an open page validate, poll every 10 s, and move to the new names", async () => {
    const world = await createLiveWorld();
    const { core, server, realtime, clock } = world;
    const thread = core.openThread(MESSAGES, "c1");
    await settle();
    const { handOutNames } = revoke(world);
    server.threads.c1 = [entry("m1"), entry("m2")];

    realtime.socket.hint("conv-c1-1");
    await settle();
    expect(server.count("validate-widget")).toBe(2);
    expect(thread.state.value.entries).toHaveLength(2);

    const before = server.count("tab-fetch");
    await clock.advance(25 * SECOND);
    expect(server.count("tab-fetch") - before).toBe(2);
    handOutNames();
    await clock.advance(10 * SECOND);
    expect(realtime.socket.joins).toEqual(expect.arrayContaining(["agent-x-user-ada-2", "conv-c1-2"]));
    expect(realtime.socket.left).toEqual(expect.arrayContaining(["agent-x-user-ada-1", "conv-c1-1"]));
    expect(core.live.value).toBe("live");

    const named = server.count("tab-fetch");
    await clock.advance(2 * MINUTE);
    expect(server.count("tab-fetch")).toBe(named);
  });

  test("hints on the former names are heard until there are new ones", async () => {
    const world = await createLiveWorld();
    const { core, server, realtime } = world;
    revoke(world);
    realtime.socket.hint("agent-x-user-ada-1");
    await settle();
    server.items[MESSAGES] = [item("c1", { unread: 3 })];
    realtime.socket.hint("agent-x-user-ada-1");
    await settle();
    expect(core.unread.value).toBe(3);
    expect(realtime.socket.left).toEqual([]);
  });

  test("a hidden page asks nobody, and moves when it is looked at", async () => {
    const world = await createLiveWorld();
    const { server, page, realtime, clock } = world;
    const { handOutNames } = revoke(world);
    realtime.socket.hint("agent-x-user-ada-1");
    await settle();
    page.emit("hidden");
    const before = server.count("tab-fetch");
    await clock.advance(MINUTE);
    expect(server.count("tab-fetch")).toBe(before);

    handOutNames();
    page.emit("visible");
    await clock.advance(SECOND);
    expect(realtime.socket.joins).toContain("agent-x-user-ada-2");
  });

  test("a page that is loaded meanwhile joins its list and its open thread once they have names", async () => {
    const world = createWorld();
    const { core, realtime, clock, server } = world;
    const { handOutNames } = revoke(world);
    await core.start();
    core.setPanelOpen(true);
    await settle();
    core.openThread(MESSAGES, "c1");
    await settle();
    expect(realtime.sockets).toHaveLength(0);

    handOutNames();
    await clock.advance(10 * SECOND);
    expect(realtime.socket.joins).toEqual(["agent-x-user-ada-2", "conv-c1-2"]);
    expect(server.count("validate-widget")).toBe(1);
  });

  test("a visitor whose token the former secret signed comes back once the backend signs with the new one", async () => {
    const [old, fresh] = [tokenOf("ada", { iat: 1 }), tokenOf("ada", { iat: 2 })];
    let signed = old;
    const world = await createLiveWorld({ userToken: old, getUserToken: () => Promise.resolve(signed) });
    const { core, server, realtime, clock } = world;
    const { validate } = server;
    server.validate = (call) =>
      call.body.userToken === fresh ? validate(call) : refusal("invalid_user_token");
    revoke(world).handOutNames();
    realtime.socket.hint("agent-x-user-ada-1");
    await settle();
    expect(core.session.value).toMatchObject({ status: "failed", problem: { code: "invalid_user_token" } });
    expect(realtime.connected).toBe(false);

    signed = fresh;
    await clock.advance(MINUTE);
    expect(core.session.value.status).toBe("ready");
    expect(realtime.socket.joins).toEqual(["agent-x-user-ada-2"]);
  });

  test("the page's new token is taken at once where the backend signs with the new secret already", async () => {
    const fresh = tokenOf("ada", { iat: 2 });
    const world = await createLiveWorld({ getUserToken: () => Promise.resolve(fresh) });
    const { core, server, realtime } = world;
    const { validate } = server;
    server.validate = (call) =>
      call.body.userToken === fresh ? validate(call) : refusal("invalid_user_token");
    revoke(world).handOutNames();
    realtime.socket.hint("agent-x-user-ada-1");
    await settle();
    expect(core.session.value.status).toBe("ready");
    expect(realtime.socket.joins).toContain("agent-x-user-ada-2");
  });

  test("a visitor who is signed out on the page is not asked about again", async () => {
    const world = await createLiveWorld({ getUserToken: () => Promise.resolve(null) });
    world.server.validate = () => refusal("invalid_user_token");
    revoke(world);
    world.realtime.socket.hint("agent-x-user-ada-1");
    await settle();
    const validations = world.server.count("validate-widget");
    await world.clock.advance(10 * MINUTE);
    expect(world.server.count("validate-widget")).toBe(validations);
  });
});
