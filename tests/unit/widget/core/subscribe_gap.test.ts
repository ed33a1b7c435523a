import { expect, test } from "vitest";
import { settle } from "../../client/support/clock.ts";
import { entry, item, MESSAGES } from "./support/server.ts";
import { createLiveWorld, createWorld } from "./support/world.ts";

test("the first subscription refetches the list, because its name is older than it", async () => {
  const { core, server, realtime } = createWorld();
  realtime.answer = "silence";
  await core.start();
  core.setPanelOpen(true);
  await settle();
  expect(server.count("tab-fetch")).toBe(1);

  server.items[MESSAGES] = [item("c1", { unread: 1 })];
  realtime.socket.events.joined("agent-x-user-ada-1");
  await settle();

  expect(server.count("tab-fetch")).toBe(2);
  expect(core.unread.value).toBe(1);
});

test("a message written between a thread's fetch and its subscription is shown", async () => {
  const { core, server, realtime } = await createLiveWorld();
  realtime.answer = "silence";
  const thread = core.openThread(MESSAGES, "c1");
  await settle();

  server.threads.c1?.push(entry("m2"));
  realtime.socket.events.joined("conv-c1-1");
  await settle();

  expect(thread.state.value.entries.map(({ id }) => id)).toEqual(["m1", "m2"]);
});

test("a fetch that is on its way at the subscription is followed by another one", async () => {
  const { core, server, realtime } = createWorld();
  realtime.answer = "silence";
  await core.start();
  core.setPanelOpen(true);
  await settle();
  server.holding = ({ path }) => path === "tab-fetch";
  core.list(MESSAGES).open();
  await settle();

  realtime.socket.events.joined("agent-x-user-ada-1");
  await settle();
  expect(server.count("tab-fetch")).toBe(2);
  server.holding = () => false;
  server.releaseAll();
  await settle();

  expect(server.count("tab-fetch")).toBe(3);
});

test("a thread that is opened again catches up at its subscription without jitter", async () => {
  const { core, server } = await createLiveWorld({ random: () => 0.5 });
  core.openThread(MESSAGES, "c1");
  await settle();
  core.openThread(MESSAGES, "c1");
  await settle();

  // Twice a click and what the subscription asks for.
  expect(server.of("tab-action", "item_clicked").map(({ body }) => body.refresh)).toEqual([
    undefined,
    true,
    undefined,
    true,
  ]);
});

test("when broadcasts from the database begin later than the join, what they may have missed is fetched", async () => {
  const { server, realtime, clock } = await createLiveWorld({ random: () => 0.5 });
  const before = server.count("tab-fetch");

  realtime.socket.events.joined("agent-x-user-ada-1");
  // Spread over three seconds, since every visitor hears of it at the same moment.
  await clock.advance(1499);
  expect(server.count("tab-fetch")).toBe(before);
  await clock.advance(1);

  expect(server.count("tab-fetch")).toBe(before + 1);
});

test("after a reconnect a fetch that started after the subscription is enough", async () => {
  const { core, server, realtime, clock } = await createLiveWorld({ random: () => 0.5 });
  realtime.socket.events.lost();
  // Half of one to two seconds, then the jitter of the refetch runs.
  await clock.advance(1500);
  expect(core.live.value).toBe("live");
  const before = server.count("tab-fetch");

  core.list(MESSAGES).open();
  await clock.advance(3000);

  expect(server.count("tab-fetch")).toBe(before + 1);
});
