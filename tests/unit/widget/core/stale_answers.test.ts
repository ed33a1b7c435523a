import { expect, test } from "vitest";
import { updateItem } from "../../../../widget/core/writes.ts";
import { createRecord } from "../../../../widget/core/record.ts";
import { settle } from "../../client/support/clock.ts";
import { item, MESSAGES, ORDERS, refusal } from "./support/server.ts";
import { createLiveWorld } from "./support/world.ts";

test("an answer to a refetch after a hint that shows nothing new is followed by one after 1.5 s", async () => {
  const { core, server, realtime, clock } = await createLiveWorld();
  // The owner's replica lags behind: the hint comes first.
  realtime.socket.hint("agent-x-user-ada-1");
  await settle();
  server.items[MESSAGES] = [item("c1", { unread: 1 })];
  expect(core.unread.value).toBe(0);

  await clock.advance(1500);

  expect(core.unread.value).toBe(1);
});

test("the same holds for a thread", async () => {
  const { core, server, realtime, clock } = await createLiveWorld();
  const thread = core.openThread(MESSAGES, "c1");
  await settle();
  realtime.socket.hint("conv-c1-1");
  await settle();
  server.threads.c1 = [];

  await clock.advance(1500);

  expect(thread.state.value.entries).toEqual([]);
});

test("a page that was asked for before the first page changed does not bring back what is gone", async () => {
  const { core, server, realtime } = await createLiveWorld({
    prepare({ server }) {
      server.pageSize = 2;
      server.items[MESSAGES] = ["c1", "c2", "c3", "c4"].map((id) => item(id));
    },
  });
  const list = core.list(MESSAGES);
  server.holding = ({ query }) => query.cursor !== undefined;
  list.loadMore();
  await settle();

  server.items[MESSAGES] = ["n1", "n2", "n3"].map((id) => item(id));
  server.tabFetch = ({ query }) => ({
    status: 200,
    body: {
      items: [item("n1"), item("n2")],
      nextCursor: query.cursor ?? "after n2",
      listChannel: "agent-x-user-ada-1",
    },
  });
  realtime.socket.hint("agent-x-user-ada-1");
  await settle();
  server.releaseAll();
  await settle();

  expect(list.state.value.items.map(({ id }) => id)).toEqual(["n1", "n2"]);
  expect(list.state.value.loadingMore).toBe(false);
});

test("an action's answer does not overwrite what a later fetch has shown", async () => {
  const { core, server } = await createLiveWorld();
  const list = core.list(MESSAGES);
  server.holding = ({ path }) => path === "tab-action";
  server.tabAction = () => ({ status: 200, body: { item: item("c1", { title: "From the action" }) } });
  const updated = updateItem(list, "c1", { status: "closed" });
  await settle();

  server.items[MESSAGES] = [item("c1", { title: "From the fetch" })];
  list.open();
  await settle();
  server.releaseAll();
  await updated;

  expect(list.state.value.items[0]?.title).toBe("From the fetch");
});

test("an action's answer shows before the refetch that follows it", async () => {
  const { core, server } = await createLiveWorld();
  const list = core.list(MESSAGES);
  server.tabAction = () => ({ status: 200, body: { item: item("c1", { title: "From the action" }) } });
  server.holding = ({ path }) => path === "tab-fetch";

  await updateItem(list, "c1", { status: "closed" });

  expect(list.state.value.items[0]?.title).toBe("From the action");
  expect(server.of("tab-fetch").at(-1)?.headers.has("if-none-match")).toBe(false);
});

test("a failed refetch keeps what is shown and says what went wrong", async () => {
  const { core, server, realtime } = await createLiveWorld();
  server.tabFetch = () => refusal("source_timeout", "The owner did not answer in time.");
  realtime.socket.hint("agent-x-user-ada-1");
  await settle();

  expect(core.list(MESSAGES).state.value).toMatchObject({
    status: "ready",
    items: [{ id: "c1" }],
    problem: { code: "source_timeout", message: "The owner did not answer in time." },
  });
});

test("a first fetch that fails is a failed list, and opening it again repairs it", async () => {
  const { core, server } = await createLiveWorld({
    prepare({ server }) {
      server.tabFetch = () => refusal("source_failed");
    },
  });
  const list = core.list(MESSAGES);
  expect(list.state.value).toMatchObject({ status: "failed", problem: { code: "source_failed" } });

  server.tabFetch = () => ({ status: 200, body: { items: [item("c1")] } });
  list.open();
  expect(list.state.value.status).toBe("loading");
  await settle();

  expect(list.state.value).toMatchObject({ status: "ready", items: [{ id: "c1" }] });
  expect(list.state.value.problem).toBeUndefined();
});

test.each(["conflict", "source_rejected", "network"] as const)(
  "what is shown is fetched again after an update that ended in %s, in the detail and in the list",
  async (code) => {
    const { core, server } = await createLiveWorld();
    const list = core.list(ORDERS);
    list.open();
    const detail = core.openRecord(ORDERS, "o1", createRecord);
    await settle();
    const answer = server.tabAction;
    server.tabAction = (call) =>
      call.body.action !== "update_item" ? answer(call) : code === "network" ? code : refusal(code);
    const before = { clicks: server.count("tab-action", "item_clicked"), lists: server.count("tab-fetch") };

    expect(await detail.update({ note: "Too late" })).toMatchObject({ code });
    await settle();

    expect(server.count("tab-action", "item_clicked")).toBe(before.clicks + 1);
    expect(server.count("tab-fetch")).toBe(before.lists + 1);
  },
);

test("what is shown is fetched again after a deletion that was refused", async () => {
  const { core, server } = await createLiveWorld();
  const detail = core.openRecord(ORDERS, "o1", createRecord);
  await settle();
  const answer = server.tabAction;
  server.tabAction = (call) => call.body.action === "delete_item" ? refusal("conflict") : answer(call);

  expect(await detail.remove()).toMatchObject({ code: "conflict" });
  await settle();

  expect(server.count("tab-action", "item_clicked")).toBe(2);
});

test("a list that failed stays so while it is fetched again by itself", async () => {
  const { core, server, clock } = await createLiveWorld({
    prepare({ server }) {
      server.tabFetch = () => refusal("source_failed");
    },
  });
  const list = core.list(MESSAGES);
  const seen: string[] = [];
  list.state.subscribe(({ status }) => seen.push(status));
  await clock.advance(30_000);
  server.tabFetch = () => ({ status: 200, body: { items: [item("c1")] } });
  await clock.advance(60_000);

  expect(new Set(seen)).toEqual(new Set(["failed", "ready"]));
});
