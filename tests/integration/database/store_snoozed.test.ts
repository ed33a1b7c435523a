import { expect, it } from "vitest";
import { AGENT, type Json, OLGA, PIET, useStore } from "./conversation_store.ts";

const store = useStore();

it("a visitor sees a conversation that the team has put off as open", async () => {
  const id = await store.begin("waiting");
  await store.sent();
  await store.operator(OLGA, "inbox_status", {
    p_conversation_id: id,
    p_status: "snoozed",
    p_until: new Date(Date.now() + 3_600_000).toISOString(),
  });
  await store.operator(OLGA, "inbox_post", {
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "Later",
  });
  expect((await store.visitor("store_list", { p_end_user: "waiting" })).items).toMatchObject([{
    status: "OPEN",
  }]);
  const sent = await store.sent();
  const heard = sent.filter(({ to }) => to !== "inbox");
  expect(heard.length).toBeGreaterThan(1);
  expect(JSON.stringify(heard)).not.toMatch(/snoozed/i);
  expect(JSON.stringify(sent)).toContain("SNOOZED");
});

it("a visitor hears nothing of a snooze, nor of its end, however it ends", async () => {
  const ENDS: Record<string, (id: string) => Promise<unknown>> = {
    time: (id) =>
      store.sql`update heddle.conversations set snoozed_until = now() where id = ${id}`.then(tend),
    operator: (id) => status(id, "open"),
  };
  for (const [name, end] of Object.entries(ENDS)) {
    const id = await store.begin(`deaf ${name}`);
    await store.sent();
    const heard = async () => (await store.sent()).map(({ to }) => to);
    await status(id, "snoozed", { p_seconds: 3600 });
    expect(await heard()).toEqual(["inbox"]);
    await end(id);
    expect(new Set(await heard()), name).toEqual(new Set(["inbox"]));
    expect(await rowOf(id)).toMatchObject({ status: "OPEN" });
    await status(id, "resolved");
    expect(await heard()).toContain("list");
  }
});

const status = (p_conversation_id: string, p_status: string, more: object = {}) =>
  store.operator(OLGA, "inbox_status", { p_conversation_id, p_status, ...more });
const rowOf = async (id: string): Promise<Json> =>
  (await store.operator(OLGA, "inbox_thread", { p_conversation_id: id })).row;
const tend = () => store.sql`select heddle_api.tend_store()`;

/** A conversation whose snooze has ended, as `end` ends it. */
async function woken(endUser: string, end: () => Promise<unknown> = tend): Promise<string> {
  const id = await store.begin(endUser);
  await store.operator(OLGA, "inbox_read", { p_conversation_id: id, p_seq: 1, p_seen: true });
  await status(id, "snoozed", { p_seconds: 3600 });
  await store.sql`update heddle.conversations set snoozed_until = now() where id = ${id}`;
  await end();
  return id;
}

it.each([
  ["the database", tend],
  ["whoever looks", () => store.operator(OLGA, "inbox_here", { p_state: "online" })],
])("a snooze that ends by %s brings the conversation to where a new message would", async (by, end) => {
  const id = await store.begin(`woken by ${by}`);
  await status(id, "snoozed", { p_seconds: 3600 });
  const other = await store.begin("later");
  const before = await rowOf(id);
  const items = () => store.visitor("store_list", { p_end_user: `woken by ${by}` });
  const [item] = (await items()).items;
  await store.sql`update heddle.conversations set snoozed_until = now() where id = ${id}`;
  await store.sent();
  await end();
  const { rows } = await store.operator(OLGA, "inbox_list", { p_agent_id: AGENT });
  expect(rows.slice(0, 2)).toMatchObject([{ id, status: "OPEN", snoozeEnded: true }, { id: other }]);
  expect(rows[0].activeAt > rows[1].activeAt).toBe(true);
  // What was said is as old as it is, and to the visitor nothing has happened.
  expect(rows[0].lastMessageAt).toBe(before.lastMessageAt);
  expect((await items()).items).toEqual([item]);
  const told = (await store.sent()).filter(({ to }) => to === "list").flatMap(({ events }) => events);
  for (const { data } of told) expect(data.lastMessageAt).toBe(before.lastMessageAt);
  await store.sql`delete from heddle.visitors where end_user_id = 'later'`;
});

it("the mark of a snooze that ended stays until who holds the conversation has opened it, or anybody if nobody does", async () => {
  const read = (userId: string, id: string, p_seen = true) =>
    store.operator(userId, "inbox_read", { p_conversation_id: id, p_seq: 1, p_seen });
  const held = await woken("held");
  await store.operator(OLGA, "inbox_assign", { p_conversation_id: held, p_to: PIET });
  await read(OLGA, held);
  await read(PIET, held, false);
  expect(await rowOf(held)).toMatchObject({ snoozeEnded: true });
  await store.sent();
  await read(PIET, held);
  expect(await rowOf(held)).toMatchObject({ snoozeEnded: false });
  const heard = (await store.sent()).filter(({ to }) => to === "inbox").flatMap(({ events }) => events);
  expect(heard.findLast(({ type }) => type === "conversation:updated")?.data)
    .toMatchObject({ id: held, snoozeEnded: false });
  const free = await woken("free");
  await read(PIET, free);
  expect(await rowOf(free)).toMatchObject({ snoozeEnded: false });
});

it("a reply, a resolution and another snooze end the mark as well; a visitor's message does not", async () => {
  const post = (id: string) => ({
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "Any news?",
  });
  const asked = await woken("asked");
  await store.visitor("store_post", { ...post(asked), p_end_user: "asked" });
  expect(await rowOf(asked)).toMatchObject({ snoozeEnded: true });
  await store.operator(OLGA, "inbox_post", post(asked));
  expect(await rowOf(asked)).toMatchObject({ snoozeEnded: false });
  for (const [name, more] of [["resolved", {}], ["snoozed", { p_seconds: 60 }]] as const) {
    const id = await woken(name);
    await status(id, name, more);
    await status(id, "open");
    expect(await rowOf(id), name).toMatchObject({ snoozeEnded: false });
  }
});

it("a visitor who writes ends a snooze without a mark: the message is one", async () => {
  const id = await store.begin("impatient");
  await status(id, "snoozed", { p_seconds: 3600 });
  await store.visitor("store_post", {
    p_end_user: "impatient",
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "Still there?",
  });
  expect(await rowOf(id)).toMatchObject({ status: "OPEN", snoozeEnded: false, unread: 2 });
});

it("how long a snooze lasts is reckoned by the server's clock", async () => {
  const id = await store.begin("an hour");
  await status(id, "snoozed", { p_seconds: 3600 });
  const [row] = await store.sql`
    select extract(epoch from snoozed_until - now())::float as left from heddle.conversations where id = ${id}`;
  expect(row?.left).toBeGreaterThan(3590);
  expect(row?.left).toBeLessThanOrEqual(3600);
  const until = new Date(Date.now() + 60_000).toISOString();
  for (const wrong of [{}, { p_seconds: 0 }, { p_seconds: -5 }, { p_seconds: 5, p_until: until }]) {
    await expect(status(id, "snoozed", wrong), JSON.stringify(wrong)).rejects.toMatchObject({
      code: "PT400",
    });
  }
  await expect(status(id, "open", { p_seconds: 60 })).rejects.toMatchObject({ code: "PT400" });
});
