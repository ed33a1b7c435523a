import { expect, it } from "vitest";
import { createScope } from "../../../client/platform/scope.ts";
import { createNotifications, type Notification } from "../../../inbox/core/notifications.ts";
import type { Project } from "../../../inbox/core/project.ts";
import { createSurroundings } from "../client/support/environment.ts";
import { settle } from "../client/support/clock.ts";

const notification = (id: string, readAt: string | null = null): Notification => ({
  id,
  userId: "mira",
  conversationId: `conversation of ${id}`,
  rule: "needs_human",
  priority: "high",
  content: `${id} needs a person.`,
  createdAt: "2026-05-01T08:00:00Z",
  readAt,
  dismissedAt: null,
});

/** What the server has, answered when the test says so. */
function createCentre() {
  const { environment } = createSurroundings(() => Promise.reject(new TypeError("fetch failed")));
  const held: (() => void)[] = [];
  const server = {
    unread: 2,
    notifications: [notification("Ada"), notification("Grace")],
    handed: [] as { id: string; conversationId: string }[],
  };
  const calls: string[] = [];
  const said: object[] = [];
  const project = {
    call(name: string, args: object) {
      calls.push(name);
      said.push(args);
      const value = structuredClone(server);
      return new Promise((resolve) => held.push(() => resolve({ ok: true, value })));
    },
  } as unknown as Project;
  const centre = createNotifications({
    scope: createScope(environment),
    project,
    agentId: "agent",
    userId: "mira",
  });
  return {
    centre,
    calls,
    said,
    server,
    async answer() {
      held.shift()?.();
      await settle();
    },
    ids: () => centre.state.value.shown?.map(({ id }) => id),
  };
}

const told = (userId: string, type = "notification:new") => ({
  v: 1 as const,
  id: "1",
  at: "2026-05-01T08:00:00Z",
  type: "events",
  data: { events: [{ v: 1, id: "2", at: "2026-05-01T08:00:00Z", type, data: { userId } }] },
});

it("asks again when the operator was told something, and not when a colleague was", async () => {
  const { centre, calls, answer, ids } = createCentre();
  centre.receive(told("jonas"));
  expect(calls).toEqual([]);
  centre.receive(told("mira"));
  await answer();
  expect([centre.state.value.unread, ids()]).toEqual([2, ["Ada", "Grace"]]);
});

it("asks once more for whatever came while a question was on its way", async () => {
  const { centre, calls, server, answer } = createCentre();
  centre.load();
  for (let n = 0; n < 5; n++) centre.receive(told("mira"));
  server.unread = 7;
  await answer();
  await answer();
  expect([calls.length, centre.state.value.unread]).toEqual([2, 7]);
});

it("shows what was dismissed no more, at once, whatever older answers say", async () => {
  const { centre, server, answer, ids } = createCentre();
  centre.load();
  await answer();
  centre.load();
  const dismissed = centre.dismiss("Ada");
  expect([centre.state.value.unread, ids()]).toEqual([1, ["Grace"]]);
  await answer();
  expect(ids()).toEqual(["Grace"]);
  server.notifications.shift();
  server.unread = 1;
  await answer();
  expect(await dismissed).toMatchObject({ ok: true });
  await answer();
  expect([centre.state.value.unread, ids()]).toEqual([1, ["Grace"]]);
});

it("shows all as read at once", async () => {
  const { centre, said, answer } = createCentre();
  centre.load();
  await answer();
  void centre.readAll();
  expect(said.at(-1)).toEqual({ p_agent_id: "agent", p_until: "Ada" });
  const { unread, shown } = centre.state.value;
  expect([unread, shown?.filter(({ readAt }) => readAt === null)]).toEqual([0, []]);
});

it("knows what was told of a conversation as read once the operator looks at it", async () => {
  const { centre, calls, answer } = createCentre();
  centre.load();
  await answer();
  centre.seen("conversation of Ada");
  centre.seen("conversation of Ada");
  const { unread, shown } = centre.state.value;
  expect([unread, shown?.map(({ readAt }) => readAt !== null)]).toEqual([1, [true, false]]);
  expect(calls.filter((name) => name === "inbox_read_notifications")).toHaveLength(1);
});

const MANY = Array.from({ length: 120 }, (_, index) => notification(`Visitor ${index}`));

it("loads older ones, and keeps them whatever comes in front", async () => {
  const { centre, server, said, answer, ids } = createCentre();
  Object.assign(server, { unread: 100, notifications: MANY.slice(1, 51) });
  centre.load();
  await answer();
  expect(centre.state.value.hasOlder).toBe(true);
  server.notifications = MANY.slice(51, 101);
  void centre.loadOlder();
  expect(said.at(-1)).toEqual({ p_agent_id: "agent", p_before: "Visitor 50" });
  await answer();
  expect([ids()?.length, centre.state.value.hasOlder]).toEqual([100, true]);
  server.notifications = MANY.slice(101);
  void centre.loadOlder();
  await answer();
  expect([ids()?.length, centre.state.value.hasOlder]).toEqual([119, false]);
  server.notifications = MANY.slice(0, 50);
  centre.receive(told("mira"));
  await answer();
  expect(ids()).toEqual(MANY.map(({ id }) => id));
  void centre.readAll();
  expect(said.at(-1)).toEqual({ p_agent_id: "agent", p_until: "Visitor 0" });
  expect(centre.state.value.unread).toBe(0);
});

it("knows which conversations were handed to the operator, also beyond those that are shown", async () => {
  const { centre, server, said, answer } = createCentre();
  server.handed = [{ id: "Old", conversationId: "c9" }];
  centre.load();
  await answer();
  expect(centre.state.value.handed).toEqual(server.handed);
  centre.seen("c9");
  expect(said.at(-1)).toEqual({ p_agent_id: "agent", p_ids: ["Old"] });
  expect([centre.state.value.handed, centre.state.value.unread]).toEqual([[], 1]);
});
