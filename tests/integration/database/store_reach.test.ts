import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AGENT, type Json, OLGA, ORG, PIET, useStore } from "./conversation_store.ts";

/** Owner of the second agent only. */
const LIMITED = "10000000-0000-4000-8000-000000000003";
/** Answers for the second agent, as LIMITED does. */
const BESIDE = "10000000-0000-4000-8000-000000000004";
/** Answers for the first agent only. */
const ELSEWHERE = "10000000-0000-4000-8000-000000000005";
/** Answers for both, each of them listed. */
const BOTH = "10000000-0000-4000-8000-000000000006";

const store = useStore();
let holding: Sql;
let second: string;

beforeAll(async () => {
  holding = postgres(store.adminUrl, { max: 2, onnotice: () => {} });
  const [agent] = await store.sql`
    insert into heddle.agents (org_id, name) values (${ORG}, 'Second') returning id`;
  second = agent?.id;
});
afterAll(() => holding.end());
beforeEach(async () => {
  await store.sql`delete from heddle.members where org_id = ${ORG}`;
  await invite(AGENT, OLGA, "Olga", "owner", true);
  await invite(AGENT, PIET, "Piet", "operator", true);
  await invite(second, LIMITED, "Lena", "owner", false);
  await invite(second, BESIDE, "Ben", "operator", false);
  await invite(AGENT, ELSEWHERE, "Els", "operator", false);
  await invite(AGENT, BOTH, "Bo", "operator", false);
  await invite(second, BOTH, "Bo", "operator", false);
});

function invite(agent: string, user: string, name: string, role: string, everyAgent: boolean) {
  return store.visitor("invite_member", {
    p_agent_id: agent,
    p_user_id: user,
    p_name: name,
    p_role: role,
    p_every_agent: everyAgent,
  });
}

const outcome = (work: Promise<unknown>) =>
  work.then(() => "ok", ({ code, message }: { code?: string; message?: string }) => `${code} ${message}`);
const change = (by: string, user: string, p_changes: object, agent = second) =>
  outcome(store.operator(by, "inbox_update_member", { p_agent_id: agent, p_user_id: user, p_changes }));
const remove = (by: string, user: string, agent = second) =>
  outcome(store.operator(by, "inbox_remove_member", { p_agent_id: agent, p_user_id: user }));
const team = () =>
  store
    .sql`select user_id, name, role, every_agent from heddle.members where org_id = ${ORG} order by user_id`;
const agentsOf = async (user: string) =>
  (await store.sql`select agent_id from heddle.member_agents where user_id = ${user} order by agent_id`)
    .map(({ agent_id }) => agent_id);
const roleOf = async (user: string) =>
  (await store.sql`select role from heddle.members where org_id = ${ORG} and user_id = ${user}`)[0]?.role;

describe("an owner of one agent", () => {
  it("is told whom they may change, and whom they may take out of that agent", async () => {
    const told = async (user: string, may: "changeable" | "removable", agent = second) => {
      const { members } = await store.operator(user, "inbox_members", { p_agent_id: agent });
      const { agents } = await store.operator(user, "inbox_channels");
      expect(agents.find(({ id }: Json) => id === agent).members).toEqual(members);
      return members.filter((member: Json) => member[may]).map(({ id }: Json) => id).sort();
    };
    expect(await told(LIMITED, "changeable")).toEqual([LIMITED, BESIDE].sort());
    expect(await told(LIMITED, "removable")).toEqual([LIMITED, BESIDE, BOTH].sort());
    for (const may of ["changeable", "removable"] as const) {
      expect(await told(OLGA, may)).toEqual([OLGA, PIET, LIMITED, BESIDE, BOTH].sort());
      expect(await told(PIET, may)).toEqual([]);
    }
  });

  it.each([
    ["an owner of all agents", OLGA],
    ["an operator of all agents", PIET],
    ["who answers for another agent only", ELSEWHERE],
    ["who answers for another agent besides", BOTH],
  ])("neither changes nor removes %s, whichever agent they name", async (_who, user) => {
    const before = await team();
    for (const changes of [{ name: "Taken" }, { role: "operator" }, { role: "owner" }]) {
      expect(await change(LIMITED, user, changes)).toBe("PT403 not_allowed");
      expect(await change(LIMITED, user, changes, AGENT)).toBe("PT404 agent_not_found");
    }
    if (user !== BOTH) expect(await remove(LIMITED, user)).toBe("PT403 not_allowed");
    expect(await remove(LIMITED, user, AGENT)).toBe("PT404 agent_not_found");
    expect(await team()).toEqual(before);
  });

  it("takes from who answers for another agent besides only what both answer for", async () => {
    const id = await store.begin("held");
    await store.operator(BOTH, "inbox_claim", { p_conversation_id: id });
    const before = await team();
    expect(await remove(LIMITED, BOTH)).toBe("ok");
    expect(await team()).toEqual(before);
    expect(await agentsOf(BOTH)).toEqual([AGENT]);
    const { row } = await store.operator(OLGA, "inbox_thread", { p_conversation_id: id });
    expect(row.assignee).toMatchObject({ id: BOTH });
    expect(await remove(LIMITED, BOTH)).toBe("PT403 not_allowed");
  });

  it("has whom others put into their team out of it again, and not out of the others'", async () => {
    await invite(AGENT, BESIDE, "Ben", "operator", false);
    expect(await remove(LIMITED, BESIDE)).toBe("ok");
    expect(await agentsOf(BESIDE)).toEqual([AGENT]);
  });

  it("changes and removes who answers for that agent alone, themselves too", async () => {
    expect(await change(LIMITED, BESIDE, { role: "owner", name: "Benno" })).toBe("ok");
    expect(await roleOf(BESIDE)).toBe("owner");
    expect(await change(LIMITED, LIMITED, { name: "Helena" })).toBe("ok");
    expect(await remove(LIMITED, BESIDE)).toBe("ok");
    expect(await roleOf(BESIDE)).toBeUndefined();
    expect(await change(LIMITED, LIMITED, { role: "operator" })).toBe("ok");
    expect(await change(LIMITED, BESIDE, { name: "Ben" })).toBe("PT403 not_allowed");
  });

  it("rules who answers for both agents once they own both", async () => {
    await invite(AGENT, LIMITED, "Lena", "owner", false);
    expect(await change(LIMITED, BOTH, { name: "Bob" })).toBe("ok");
    expect(await remove(LIMITED, ELSEWHERE)).toBe("ok");
    expect(await remove(LIMITED, BOTH)).toBe("ok");
    // Of agents to come they are none of the owners.
    expect(await change(LIMITED, PIET, { name: "Pit" })).toBe("PT403 not_allowed");
  });

  it("learns of somebody who is no member that there is nobody", async () => {
    const nobody = crypto.randomUUID();
    expect(await change(LIMITED, nobody, { name: "No" })).toBe("PT404 item_not_found");
    expect(await remove(LIMITED, nobody)).toBe("PT404 item_not_found");
  });

  it("leaves who is given another agent at that moment there, as they are", async () => {
    const acts = [
      [() => remove(LIMITED, BESIDE), "ok", [AGENT]],
      [() => change(LIMITED, BESIDE, { role: "owner" }), "PT403 not_allowed", [AGENT, second].sort()],
    ] as const;
    for (const [act, outcome, agents] of acts) {
      await invite(second, BESIDE, "Ben", "operator", false);
      await store.sql`delete from heddle.member_agents where user_id = ${BESIDE} and agent_id = ${AGENT}`;
      let late: Promise<string> = Promise.resolve("");
      await holding.begin(async (tx) => {
        await tx`select heddle_api.invite_member(${AGENT}, ${BESIDE}, 'Ben', null, 'operator', false)`;
        late = act();
        await expect.poll(async () => {
          const [row] = await store.sql`
            select count(*)::int as waiting from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`;
          return row?.waiting;
        }, { interval: 5 }).toBeGreaterThan(0);
      });
      expect(await late).toBe(outcome);
      expect(await roleOf(BESIDE)).toBe("operator");
      expect((await agentsOf(BESIDE)).sort()).toEqual(agents);
    }
  });
});

describe("an owner of all agents", () => {
  it("changes and removes every member, whichever agent they name", async () => {
    for (const user of [PIET, LIMITED, BESIDE, ELSEWHERE, BOTH]) {
      expect(await change(OLGA, user, { name: "New", role: "operator" })).toBe("ok");
      expect(await remove(OLGA, user, AGENT)).toBe("ok");
    }
    expect(await team()).toHaveLength(1);
  });
});

describe("an operator", () => {
  it("changes their own name, however far they reach, and nobody else", async () => {
    for (const user of [BOTH, BESIDE, PIET]) {
      expect(await change(user, user, { name: `Own ${user}` })).toBe("ok");
    }
    expect(await change(PIET, BESIDE, { name: "Other" })).toBe("PT403 not_allowed");
    expect(await remove(BESIDE, BOTH)).toBe("PT403 not_allowed");
  });
});

describe("an invitation for one agent", () => {
  it("is no way to another role for the others, up or down", async () => {
    const before = await team();
    for (const [user, role] of [[PIET, "owner"], [ELSEWHERE, "owner"], [BOTH, "owner"], [OLGA, "operator"]]) {
      expect(await outcome(invite(second, user ?? "", "Taken", role ?? "", false))).toBe("PT409 conflict");
    }
    expect(await team()).toEqual(before);
    expect(await store.sql`select from heddle.member_agents where user_id = ${ELSEWHERE}`).toHaveLength(1);
  });

  it("gives another role to who answers for that agent alone", async () => {
    expect(await outcome(invite(second, BESIDE, "Ben", "owner", false))).toBe("ok");
    expect(await roleOf(BESIDE)).toBe("owner");
  });
});

/** Every function that takes an agent or a conversation, called for the first agent by an owner of the second. */
it("to an owner of one agent the others are those of strangers, by whichever function", async () => {
  const callable = await store.sql<{ name: string; args: string[] }[]>`
    select proname as name, coalesce(proargnames, '{}') as args from pg_proc
    where pronamespace = 'heddle_api'::regnamespace and proname like 'inbox\\_%'
      and (proargnames && array['p_agent_id', 'p_conversation_id']) order by proname`;
  expect(callable.length).toBeGreaterThan(25);
  const id = await store.begin("victim");
  const given: Record<string, unknown> = { p_agent_id: AGENT, p_conversation_id: id, p_user_id: ELSEWHERE };
  for (const { name, args } of callable) {
    const call = store.operator(
      LIMITED,
      name,
      Object.fromEntries(args.map((arg) => [arg, given[arg] ?? null])),
    );
    expect([name, (await outcome(call)).split(" ")[0]]).toEqual([name, "PT404"]);
  }
});

it("labels, replies and conversations of another agent are not changed by naming one's own", async () => {
  const label = { p_name: "Mine", p_color: "#000000" };
  const reply = { p_shortcut: "mine", p_body: "Mine" };
  const { id: labelId } = await store.operator(OLGA, "inbox_save_label", {
    ...label,
    p_agent_id: AGENT,
    p_label_id: null,
  });
  const { id: replyId } = await store.operator(OLGA, "inbox_save_reply", {
    ...reply,
    p_agent_id: AGENT,
    p_reply_id: null,
  });
  const conversation = await store.begin("labelled");
  await store.operator(OLGA, "inbox_label", {
    p_conversation_id: conversation,
    p_label_id: labelId,
    p_on: true,
  });
  const everything = () =>
    store.sql`
    select (select jsonb_agg(l) from heddle.labels l) as labels, (select jsonb_agg(r) from heddle.saved_replies r) as replies,
      (select jsonb_agg(c.*) from (select id, status, rev from heddle.conversations order by id) c) as conversations`;
  const before = await everything();
  const at = { p_agent_id: second };
  const by = (name: string, args: Record<string, unknown>) =>
    outcome(store.operator(LIMITED, name, { ...at, ...args }));
  expect(await by("inbox_save_label", { ...label, p_label_id: labelId })).toBe("PT404 item_not_found");
  expect(await by("inbox_save_reply", { ...reply, p_reply_id: replyId })).toBe("PT404 item_not_found");
  expect(await by("inbox_delete_label", { p_label_id: labelId })).toBe("PT404 item_not_found");
  expect(await by("inbox_delete_reply", { p_reply_id: replyId })).toBe("PT404 item_not_found");
  await by("inbox_resolve_many", { p_ids: [conversation] });
  expect(await everything()).toEqual(before);
});
