import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import WebSocket from "ws";
import { OperatorPage } from "./support/operator_page.ts";
import { AGENT_ID, MIRA } from "./support/project.ts";

// The official client wants one to exist; nothing here connects with it.
beforeAll(() => void vi.stubGlobal("WebSocket", globalThis.WebSocket ?? WebSocket));
afterAll(() => void vi.unstubAllGlobals());

let operator: OperatorPage;
beforeEach(() => void (operator = new OperatorPage()));
afterEach(() => operator.inbox.shutdown());

const MOSS = "b0000000-0000-4000-8000-000000000002";
const QUIET = { waiting: 0, mine: 0, unread: 0 };

/** Something happens on another site. */
function publish(siteId: string, events: object[]) {
  operator.page.realtime.socket.publish(`agent-${siteId}-inbox-${operator.server.epoch}`, "events", {
    events,
  });
}

const event = (type: string, data: object) => ({ v: 1, id: "event", at: "2026-05-01T08:00:00Z", type, data });

test("who answers for one site alone asks for nothing more", async () => {
  const desk = await operator.signIn();
  await operator.pass(5000);
  expect(desk.others.state.value).toEqual([]);
  expect(operator.page.realtime.socket.joins).toEqual([`agent-${AGENT_ID}-inbox-1`]);
  expect(operator.server.askedElsewhere).toEqual([]);
});

test("what waits on another site is asked for once, after what is looked at", async () => {
  operator.server.otherSites.set(MOSS, { waiting: 2, mine: 1, unread: 3 });
  const desk = await operator.signIn();
  expect(operator.server.askedElsewhere).toEqual([]);
  await operator.pass(30_000);
  expect(operator.server.askedElsewhere).toEqual([`inbox_counts ${MOSS}`, `inbox_notifications ${MOSS}`]);
  expect(desk.others.state.value).toMatchObject([{ agent: { id: MOSS }, waiting: 2, toDo: 1 }]);
  expect(desk.others.state.value[0]?.notifications.state.value.unread).toBe(3);
  expect(operator.page.realtime.sockets).toHaveLength(1);
});

test("what comes on another site is known at once, and what a colleague was told there is not asked about", async () => {
  operator.server.otherSites.set(MOSS, QUIET);
  const desk = await operator.signIn();
  await operator.pass(30_000);
  operator.server.askedElsewhere = [];
  const id = operator.server.begin("Kim Rho", "Do you sell moss?");
  const begun = event("conversation:new", { conversation: { id } });
  publish(MOSS, [begun, ...operator.server.write(id, "Anybody there?").events]);
  expect(desk.others.state.value).toMatchObject([{ waiting: 1, toDo: 1 }]);
  expect(desk.lists.of("open").state.value.rows).toEqual([]);
  publish(MOSS, [event("notification:new", { userId: "jonas" })]);
  await operator.pass();
  expect(operator.server.askedElsewhere).toEqual([`inbox_counts ${MOSS}`]);

  operator.server.otherSites.set(MOSS, { waiting: 1, mine: 0, unread: 1 });
  publish(MOSS, [event("notification:new", { userId: MIRA.id })]);
  await operator.pass();
  expect(desk.others.state.value[0]?.notifications.state.value.unread).toBe(1);
});

test("ten other sites are heard; of any more it is known when the page is looked at again", async () => {
  const ids = Array.from({ length: 12 }, (_, index) => MOSS.replace(/^b0/, `b${index.toString(16)}`));
  for (const id of ids) operator.server.otherSites.set(id, QUIET);
  const desk = await operator.signIn();
  await operator.pass(30_000);
  expect(operator.page.realtime.socket.joins).toHaveLength(11);
  for (const id of ids) operator.server.otherSites.set(id, { waiting: 1, mine: 0, unread: 0 });
  operator.page.page.emit("visible");
  await operator.pass();
  expect(desk.others.state.value.map(({ waiting }) => waiting)).toEqual(ids.map(() => 1));
});

test("another site's channel is followed to its next name, and left with its team", async () => {
  operator.server.otherSites.set(MOSS, QUIET);
  const desk = await operator.signIn();
  await operator.pass(30_000);
  const { socket } = operator.page.realtime;
  publish(MOSS, [event("inbox:moved", {})]);
  operator.server.epoch = 2;
  await operator.pass();
  expect(socket.joins.at(-1)).toBe(`agent-${MOSS}-inbox-2`);
  operator.server.otherSites.clear();
  await operator.pass(60_000);
  expect(socket.left.at(-1)).toBe(`agent-${MOSS}-inbox-2`);
  expect(desk.others.state.value).toEqual([]);
  operator.server.askedElsewhere = [];
  await operator.pass(60_000);
  expect(operator.server.askedElsewhere).toEqual([]);
});
