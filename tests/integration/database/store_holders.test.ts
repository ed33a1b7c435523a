import { beforeEach, describe, expect, it } from "vitest";
import { AGENT, type Arguments, type Json, OLGA, ORG, PIET, useStore } from "./conversation_store.ts";

const store = useStore();
let id: string;
beforeEach(async () => {
  await store.visitor("invite_member", { p_user_id: PIET, p_name: "Piet" });
  id = await store.begin("vera");
  await act(PIET, "inbox_claim");
  await store.sent();
});

const piet = { id: PIET, name: "Piet" };
const act = (who: string, name: string, args: Arguments = {}) =>
  store.operator(who, name, { p_conversation_id: id, ...args });
const resolve = () => act(OLGA, "inbox_status", { p_status: "resolved" });
const write = () =>
  store.visitor("store_post", {
    p_end_user: "vera",
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "Still there?",
  });
const rowOf = async (): Promise<Json> => (await act(OLGA, "inbox_thread")).row;
const lastLine = async (): Promise<Json> =>
  (await act(OLGA, "inbox_thread")).notes.filter(({ change }: Json) => change).at(-1).change;
const isUnassigned = async () => {
  const { rows } = await store.operator(OLGA, "inbox_list", { p_agent_id: AGENT, p_view: "unassigned" });
  return rows.some((row: Json) => row.id === id);
};

/** Every way in which somebody answers for the agent no more. */
const WAYS: [string, () => Promise<unknown>][] = [
  [
    "is removed by a colleague",
    () => store.operator(OLGA, "inbox_remove_member", { p_agent_id: AGENT, p_user_id: PIET }),
  ],
  ["is removed from the command line", () => store.visitor("remove_member", { p_user_id: PIET })],
  [
    "has the account deleted in Supabase Auth",
    async () => {
      await store.sql`insert into auth.users (id, email) values (${PIET}, 'piet@example.com')`;
      await store.sql`delete from auth.users where id = ${PIET}`;
    },
  ],
  [
    "is to answer for listed agents only",
    () => store.sql`update heddle.members set every_agent = false where user_id = ${PIET}`,
  ],
  ["loses this agent", async () => {
    await store
      .sql`insert into heddle.member_agents (org_id, user_id, agent_id) values (${ORG}, ${PIET}, ${AGENT})`;
    await store.sql`update heddle.members set every_agent = false where user_id = ${PIET}`;
    expect((await rowOf()).assignee).toEqual(piet);
    await store.sql`delete from heddle.member_agents where user_id = ${PIET}`;
  }],
];

describe.each(WAYS)("who %s", (_, leave) => {
  const bySomebody = { by: expect.stringMatching(/^(AGENT|SYSTEM)$/) };

  it("holds nothing that is open or snoozed, which a line tells", async () => {
    await leave();
    expect((await rowOf()).assignee).toBeNull();
    expect(await lastLine()).toEqual({ ...bySomebody, from: piet });
    expect(await isUnassigned()).toBe(true);
    await store.visitor("invite_member", { p_user_id: PIET, p_name: "Piet" });
    await act(PIET, "inbox_claim");
    await act(PIET, "inbox_status", { p_status: "snoozed", p_seconds: 60 });
    await leave();
    expect(await lastLine()).toEqual({ ...bySomebody, from: piet });
    await write();
    expect(await isUnassigned()).toBe(true);
  });

  it("is out at once: the team's channel has another name, which they are not told", async () => {
    const channel = async () => (await store.operator(OLGA, "inbox_channels")).agents[0].inboxChannel;
    const former = await channel();
    await leave();
    expect(await channel()).not.toBe(former);
    expect((await store.operator(PIET, "inbox_channels")).agents).toEqual([]);
    await expect(act(PIET, "inbox_thread")).rejects.toMatchObject({ code: "PT404" });
  });

  it.each([
    ["the visitor writes", write, "USER"],
    ["a colleague opens it", () => act(OLGA, "inbox_status", { p_status: "open" }), "AGENT"],
  ])("holds what was resolved no more once %s", async (_, open, by) => {
    await resolve();
    await leave();
    await open();
    expect(await lastLine()).toEqual({ by, from: piet, was: "RESOLVED", status: "OPEN" });
    expect(await isUnassigned()).toBe(true);
    expect((await act(OLGA, "inbox_claim")).row.assignee).toEqual({ id: OLGA, name: "Olga" });
  });

  it("keeps nobody from claiming what is resolved", async () => {
    await resolve();
    await leave();
    expect((await act(OLGA, "inbox_claim")).row.assignee).toEqual({ id: OLGA, name: "Olga" });
  });
});

it("a bot that answers what nobody has claimed is asked again where its holder left the team", async () => {
  await store.visitor("create_bot", { p_name: "Fern bot", p_url: "https://bot.example" });
  await resolve();
  await store.visitor("remove_member", { p_user_id: PIET });
  expect((await write()).answering).toBe(true);
  await store.sql`delete from heddle.bots`;
});
