import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AGENT, OLGA, ORG, PIET, useStore } from "./conversation_store.ts";
import { CHAT, tabContext } from "./tab_call.ts";

const store = useStore();
/** Connections on which something is held open, while others wait. */
let holding: Sql;
beforeAll(() => {
  holding = postgres(store.adminUrl, { max: 2, onnotice: () => {} });
});
afterAll(() => holding.end());
beforeEach(async () => {
  await store.visitor("invite_member", { p_user_id: OLGA, p_name: "Olga", p_role: "owner" });
  await store.visitor("invite_member", { p_user_id: PIET, p_name: "Piet" });
  await store.sql`update heddle.members set role = 'operator' where org_id = ${ORG} and user_id = ${PIET}`;
});

const codeOf = (work: Promise<unknown>) => work.then(() => "ok", (error: { code?: string }) => error.code);

/** Resolves once somebody waits for a lock, or so many do. */
async function somebodyWaits(least = 1): Promise<void> {
  await expect.poll(async () => {
    const [row] = await store.sql`
      select count(*)::int as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    return row?.waiting;
  }, { interval: 5 }).toBeGreaterThanOrEqual(least);
}

/** What becomes of a call that comes while Piet's dismissal is under way, and that waits for it. */
async function duringDismissal(call: () => Promise<unknown>): Promise<string | undefined> {
  let outcome: Promise<string | undefined> = Promise.resolve("");
  await holding.begin(async (tx) => {
    await tx`select heddle_api.remove_member(${AGENT}, ${PIET})`;
    outcome = codeOf(call());
    await somebodyWaits();
  });
  return await outcome;
}

describe("whoever is being dismissed", () => {
  it("does nothing any more, by whichever function", async () => {
    const writing = await store.sql<{ name: string; args: string[] }[]>`
      select proname as name, coalesce(proargnames, '{}') as args from pg_proc
      where pronamespace = 'heddle_api'::regnamespace and provolatile = 'v'
        and proname like 'inbox\\_%' and proname <> 'inbox_here' order by proname`;
    expect(writing.length).toBeGreaterThan(15);
    const colleague = crypto.randomUUID();
    await store.visitor("invite_member", { p_user_id: colleague, p_name: "Colleague" });
    for (const { name, args } of writing) {
      await store.visitor("invite_member", { p_user_id: PIET, p_name: "Piet", p_role: "owner" });
      const id = await store.begin();
      const room = await store.visitor("create_room", {
        p_name: "Room",
        p_participants: [{ role: "visitor", id: "t1" }],
      });
      const given: Record<string, unknown> = {
        p_agent_id: AGENT,
        p_conversation_id: id,
        p_room_id: room.id,
        p_participant: { role: "operator", id: colleague },
        p_role: "operator",
        p_id: colleague,
        p_user_id: colleague,
        p_client_id: crypto.randomUUID(),
        p_ids: [id],
        p_seq: 1,
        p_seen: true,
        p_on: true,
        p_needs: true,
        p_label_id: null,
        p_note_id: 1,
        p_reply_id: null,
        p_body: "Bye",
        p_name: "Late",
        p_color: "#000000",
        p_shortcut: "late",
        p_status: "resolved",
        p_changes: { name: "Late" },
        p_attachments: null,
        p_until: null,
        p_to: null,
      };
      const call = () =>
        store.operator(PIET, name, Object.fromEntries(args.map((arg) => [arg, given[arg] ?? null])));
      expect([name, await duringDismissal(call)]).toEqual([name, "PT404"]);
      const [row] = await store.sql`select rev, assignee_id from heddle.conversations where id = ${id}`;
      expect([name, row]).toEqual([name, { rev: 1, assignee_id: null }]);
    }
    await store.visitor("remove_member", { p_user_id: colleague });
  });

  it("is not here any more", async () => {
    const here = () => store.operator(PIET, "inbox_here", { p_state: "online" });
    expect(await duringDismissal(here)).toBe("ok");
    expect(await store.sql`select from heddle.leases where subject = 'operator' and key = ${PIET}`)
      .toHaveLength(0);
  });

  it("is given nothing any more", async () => {
    const id = await store.begin();
    const give = () => store.operator(OLGA, "inbox_assign", { p_conversation_id: id, p_to: PIET });
    expect(await duringDismissal(give)).toBe("PT400");
  });
});

describe("an organisation keeps an owner", () => {
  const owners = async () =>
    (await store.sql`select user_id from heddle.members where org_id = ${ORG} and role = 'owner'`).length;

  it("when two owners make each other operators at once", async () => {
    await store.sql`update heddle.members set role = 'owner' where org_id = ${ORG}`;
    const demote = (me: string, other: string) =>
      codeOf(store.operator(me, "inbox_update_member", {
        p_agent_id: AGENT,
        p_user_id: other,
        p_changes: { role: "operator" },
      }));
    let second: Promise<string | undefined> = Promise.resolve("");
    await holding.begin(async (tx) => {
      await tx`select set_config('role', 'authenticated', true),
        set_config('request.jwt.claims', ${JSON.stringify({ sub: OLGA, role: "authenticated" })}, true)`;
      await tx`select heddle_api.inbox_update_member(${AGENT}, ${PIET}, '{"role": "operator"}')`;
      second = demote(PIET, OLGA);
      await somebodyWaits();
    });
    expect(await second).toBe("PT409");
    expect(await owners()).toBe(1);
  });

  it("when two owners remove each other at once: the second is no member any more", async () => {
    await store.sql`update heddle.members set role = 'owner' where org_id = ${ORG}`;
    const third = crypto.randomUUID();
    await store.visitor("invite_member", { p_user_id: third, p_name: "Third", p_role: "owner" });
    const remove = (me: string, other: string) =>
      codeOf(store.operator(me, "inbox_remove_member", { p_agent_id: AGENT, p_user_id: other }));
    const got = await Promise.all([remove(OLGA, PIET), remove(PIET, OLGA)]);
    expect(got.sort()).toEqual(["PT404", "ok"]);
    expect(await owners()).toBe(2);
    await store.visitor("remove_member", { p_user_id: third });
  });

  it("of all its agents, whoever owns one of them", async () => {
    const ofOne = crypto.randomUUID();
    const invitation = { p_user_id: ofOne, p_name: "One", p_role: "owner", p_every_agent: false };
    await store.visitor("invite_member", invitation);
    const self = { p_agent_id: AGENT, p_user_id: OLGA };
    const leave = () => codeOf(store.operator(OLGA, "inbox_remove_member", self));
    const demote = () =>
      codeOf(store.operator(OLGA, "inbox_update_member", { ...self, p_changes: { role: "operator" } }));
    expect([await leave(), await demote()]).toEqual(["PT409", "PT409"]);
    await store.visitor("invite_member", { ...invitation, p_every_agent: true });
    expect(await demote()).toBe("ok");
    await store.visitor("invite_member", { p_user_id: OLGA, p_name: "Olga", p_role: "owner" });
    await store.visitor("remove_member", { p_user_id: ofOne });
  });

  it("when the last one is invited again as an operator", async () => {
    const again = { p_user_id: OLGA, p_name: "Olga", p_role: "operator" };
    expect(await codeOf(store.visitor("invite_member", again))).toBe("PT409");
    expect(await codeOf(store.visitor("remove_member", { p_user_id: OLGA }))).toBe("PT409");
    const self = { p_agent_id: AGENT, p_user_id: OLGA };
    expect(await codeOf(store.operator(OLGA, "inbox_remove_member", self))).toBe("PT409");
    expect(
      await codeOf(store.operator(OLGA, "inbox_update_member", { ...self, p_changes: { role: "operator" } })),
    )
      .toBe("PT409");
    expect(await owners()).toBe(1);
  });
});

it("of fifty operators at once one claims a conversation, and the others learn who", async () => {
  const id = await store.begin();
  const ids = Array.from({ length: 50 }, () => crypto.randomUUID());
  for (const [n, userId] of ids.entries()) {
    await store.visitor("invite_member", { p_user_id: userId, p_name: `Operator ${n}` });
  }
  await store.sent();
  const got = await Promise.all(
    ids.map((userId) =>
      store.operator(userId, "inbox_claim", { p_conversation_id: id }).then(
        ({ row }) => row.assignee.name,
        ({ code, detail }: { code: string; detail: string }) => `${code} ${detail}`,
      )
    ),
  );
  const winner = got.find((each) => !each.startsWith("PT409"));
  expect(got.filter((each) => each === `PT409 ${winner}`)).toHaveLength(49);
  expect((await store.sent()).filter(({ to }) => to === "inbox")).toHaveLength(1);
});

it("a message to a conversation that is being erased is told that it is gone", async () => {
  const id = await store.begin("leaving");
  let late: Promise<string | undefined> = Promise.resolve("");
  await holding.begin(async (tx) => {
    await tx`select heddle_api.store_erase(${AGENT}, 'leaving')`;
    late = codeOf(store.operator(OLGA, "inbox_post", {
      p_conversation_id: id,
      p_client_id: crypto.randomUUID(),
      p_body: "Still there?",
    }));
    await somebodyWaits();
  });
  expect(await late).toBe("PT404");
});

describe("an erasure beside a call of the same visitor", () => {
  const calls = {
    "a call that takes its token first": (id: string) =>
      tabContext(store.sql, { endUserId: id, tabId: CHAT }).then(() => undefined),
    "a call that has its token already": async (id: string) => {
      await store.sql`select heddle.keep_visitor(${AGENT}, ${id})`;
    },
  };

  it.each(Object.entries(calls))(
    "waits for nobody who waits for it, and no lease is left: %s",
    async (_, call) => {
      const id = await store.begin("parting");
      let [erasure, late]: Promise<string | undefined>[] = [];
      await holding.begin(async (tx) => {
        // The erasure has begun and waits for its conversations.
        await tx`select from heddle.conversations where id = ${id} for update`;
        erasure = codeOf(store.visitor("store_erase", { p_end_user: "parting" }));
        await somebodyWaits();
        late = codeOf(call("parting"));
        await somebodyWaits(2);
      });
      expect([await erasure, await late]).toEqual(["ok", "ok"]);
      expect(await store.sql`select from heddle.leases where key = 'parting'`).toHaveLength(0);
    },
  );
});

it("what time ends does not deadlock with a dismissal: leases that ran out, conversations that wake", async () => {
  const id = await store.begin("sleeper");
  await store.sql`
    insert into heddle.leases (agent_id, subject, key, state, until)
    values (${AGENT}, 'operator', ${PIET}, 'online', now() - interval '1 second')
    on conflict (agent_id, subject, key) do update set until = excluded.until`;
  for (const name of ["end_leases", "wake_snoozed"]) {
    await store.visitor("invite_member", { p_user_id: PIET, p_name: "Piet" });
    await store.sql`
      update heddle.conversations set assignee_id = ${PIET}, status = 'snoozed', snoozed_until = now() - interval '1 second'
      where id = ${id}`;
    let tended: Promise<string | undefined> = Promise.resolve("");
    await holding.begin(async (tx) => {
      await tx`select heddle.hold_inboxes(${ORG}, ${PIET})`;
      tended = codeOf(store.sql.unsafe(`select heddle.${name}()`));
      await somebodyWaits();
      await tx`select heddle_api.remove_member(${AGENT}, ${PIET})`;
    });
    expect([name, await tended]).toEqual([name, "ok"]);
  }
});

it("a label that is set while it is deleted is refused as one that is not there", async () => {
  const id = await store.begin("labelled");
  const agent = { p_agent_id: AGENT };
  const label = await store.operator(OLGA, "inbox_save_label", {
    ...agent,
    p_label_id: null,
    p_name: "Brief",
    p_color: "#aa0000",
  });
  let late: Promise<string | undefined> = Promise.resolve("");
  await holding.begin(async (tx) => {
    await tx`delete from heddle.labels where id = ${label.id}`;
    late = codeOf(store.operator(PIET, "inbox_label", {
      p_conversation_id: id,
      p_label_id: label.id,
      p_on: true,
    }));
    await somebodyWaits();
  });
  expect(await late).toBe("PT400");
});
