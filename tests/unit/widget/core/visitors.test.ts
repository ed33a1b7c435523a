import { expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { item, MESSAGES, refusal } from "./support/server.ts";
import { createLiveWorld, createWorld, tokenOf, type World } from "./support/world.ts";

const MINUTE = 60_000;

function becomeBob({ server }: World): void {
  server.endUserId = "bob";
  server.listChannel = "agent-x-user-bob-1";
  server.items[MESSAGES] = [item("b1", { unread: 5 })];
}

test("a logout leaves nothing of the visitor: state, lists, thread, channels, storage", async () => {
  const { core, server, page, realtime, emitted } = await createLiveWorld({
    prepare: ({ server }) => (server.items[MESSAGES] = [item("c1", { unread: 2 })]),
  });
  const list = core.list(MESSAGES);
  const thread = core.openThread(MESSAGES, "c1");
  await settle();
  const states: string[] = [];
  core.live.subscribe((state) => void states.push(state));

  core.logout();

  expect(core.session.value).toEqual({ status: "idle" });
  expect(states).toEqual(["live", "off"]);
  expect(core.unread.value).toBe(0);
  expect(emitted.filter(({ name }) => name === "unread").map(({ detail }) => detail)).toEqual([2, 0]);
  expect(core.unreadByTab.value).toEqual({});
  expect(list.state.value).toMatchObject({ status: "idle", items: [] });
  expect(thread.state.value).toMatchObject({ item: null, entries: [] });
  expect(realtime.connected).toBe(false);
  expect([...page.stored]).toEqual([]);
  expect(() => core.list(MESSAGES)).toThrow("No tab");
  server.calls.length = 0;
  list.open();
  thread.reload();
  thread.send("Hello?");
  await settle();
  expect(server.calls).toEqual([]);
});

test("a logout forgets an anonymous visitor as well", async () => {
  const { core, server } = createWorld({ userToken: undefined });
  server.session = { visitorToken: "vt-1" };
  await core.start();
  core.logout();
  await core.start();

  expect(server.of("validate-widget").map(({ body }) => body.visitorToken)).toEqual([undefined, undefined]);
});

test("after a logout the former token is not used again", async () => {
  const { core, server } = await createLiveWorld();
  core.logout();
  await core.start();

  expect(server.of("validate-widget").at(-1)?.body).not.toHaveProperty("userToken");
});

test.each(["validate-widget", "tab-fetch", "tab-action"])(
  "an answer of %s that comes after the logout changes nothing",
  async (path) => {
    const world = createWorld();
    const { core, server, realtime, page, clock, emitted } = world;
    server.holding = (call) => call.path === path;
    void core.start();
    await settle();
    if (core.session.value.status === "ready") core.openThread(MESSAGES, "c1");
    await settle();
    expect(server.held.length).toBeGreaterThan(0);
    core.logout();
    emitted.length = 0;
    server.holding = () => false;
    server.releaseAll();
    await clock.advance(10 * MINUTE);

    expect(core.session.value).toEqual({ status: "idle" });
    expect(core.unreadByTab.value).toEqual({});
    expect(realtime.connected).toBe(false);
    expect([...page.stored]).toEqual([]);
    expect(emitted).toEqual([]);
  },
);

test("requests of the former visitor are aborted", async () => {
  const { core, server } = await createLiveWorld();
  server.holding = () => true;
  core.openThread(MESSAGES, "c1");
  await settle();
  core.logout();

  expect(server.calls.at(-1)?.signal?.aborted).toBe(true);
});

test("identifying somebody else drops the former visitor before anything else", async () => {
  const world = await createLiveWorld();
  const { core, server, realtime } = world;
  const list = core.list(MESSAGES);
  becomeBob(world);
  server.holding = ({ path }) => path === "validate-widget";

  const identified = core.identify(tokenOf("bob"));
  expect(core.session.value).toEqual({ status: "loading" });
  expect(list.state.value.items).toEqual([]);
  expect(realtime.connected).toBe(false);
  server.holding = () => false;
  await settle();
  server.releaseAll();
  await identified;
  await settle();

  expect(core.session.value).toMatchObject({ status: "ready", endUser: { id: "bob" } });
  expect(core.list(MESSAGES)).not.toBe(list);
  expect(core.unread.value).toBe(5);
  // The panel is still open.
  expect(realtime.socket.joins).toEqual(["agent-x-user-bob-1"]);
});

test("a newer token of the same visitor keeps everything, and counts at the next validation", async () => {
  const { core, server, page, clock, realtime } = await createLiveWorld();
  const thread = core.openThread(MESSAGES, "c1");
  await settle();
  const newer = tokenOf("ada", { iat: 2 });
  await core.identify(newer);

  expect(server.count("validate-widget")).toBe(1);
  expect(thread.state.value.entries).toHaveLength(1);
  expect(realtime.sockets).toHaveLength(1);
  clock.sleep(6 * MINUTE);
  page.emit("visible");
  await clock.advance(1000);
  expect(server.of("validate-widget").at(-1)?.body.userToken).toBe(newer);
});

test("identifying an anonymous visitor begins anew", async () => {
  const { core, server } = createWorld({ userToken: undefined });
  server.session = { visitorToken: "vt-1" };
  await core.start();
  server.session = {};
  await core.identify(tokenOf("ada"));

  expect(server.of("validate-widget").at(-1)?.body).toEqual({
    agentId: "a0000000-0000-4000-8000-000000000001",
    userToken: tokenOf("ada"),
    visitorToken: "vt-1",
  });
});

test("identifying twice in a row ends with the last one", async () => {
  const world = createWorld();
  const { core, server } = world;
  server.holding = ({ body }) => body?.userToken === tokenOf("ada");
  const first = core.identify(tokenOf("ada"));
  await settle();
  server.endUserId = "bob";
  await core.identify(tokenOf("bob"));
  server.releaseAll();
  await first;
  await settle();

  expect(core.session.value).toMatchObject({ endUser: { id: "bob" } });
});

test("a validation that answers with another visitor drops the former one", async () => {
  const world = await createLiveWorld({ userToken: undefined });
  const { core, server, page, clock, realtime } = world;
  const list = core.list(MESSAGES);
  becomeBob(world);
  clock.sleep(6 * MINUTE);
  page.emit("visible");
  await clock.advance(1000);

  expect(server.count("validate-widget")).toBe(2);
  expect(core.session.value).toMatchObject({ status: "ready", endUser: { id: "bob" } });
  expect(list.state.value.items).toEqual([]);
  expect(core.unread.value).toBe(5);
  expect(realtime.sockets[0]?.closed).toBe(true);
  expect(realtime.socket.joins).toEqual(["agent-x-user-bob-1"]);
});

test("a visitor who is refused later disappears from the screen and from storage", async () => {
  const { core, server, page, clock, realtime } = await createLiveWorld();
  const list = core.list(MESSAGES);
  server.validate = () => refusal("invalid_user_token", "The token has expired.");
  clock.sleep(6 * MINUTE);
  page.emit("visible");
  await clock.advance(1000);

  expect(core.session.value).toMatchObject({
    status: "failed",
    problem: { message: "The token has expired." },
  });
  expect(list.state.value.items).toEqual([]);
  expect(realtime.connected).toBe(false);
  expect([...page.stored]).toEqual([]);
});
