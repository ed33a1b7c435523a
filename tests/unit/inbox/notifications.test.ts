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
  content: `${id} asks for a person.`,
  createdAt: "2026-05-01T08:00:00Z",
  readAt,
  dismissedAt: null,
});

/** What the server has, answered when the test says so. */
function createCentre() {
  const { environment } = createSurroundings(() => Promise.reject(new TypeError("fetch failed")));
  const held: (() => void)[] = [];
  const server = { unread: 2, notifications: [notification("Ada"), notification("Grace")] };
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
  expect(said.at(-1)).toEqual({ p_agent_id: "agent", p_ids: ["Ada", "Grace"] });
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
