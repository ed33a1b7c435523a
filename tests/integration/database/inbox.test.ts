import { beforeEach, describe, expect, it } from "vitest";
import { drainBuckets } from "../../support/database.ts";
import { AGENT, type Json, OLGA, PIET, STRANGER, useStore } from "./conversation_store.ts";

const store = useStore();
beforeEach(async () => {
  await store.sent();
});

const reply = (id: string, body: string, by = OLGA) =>
  store.operator(by, "inbox_post", { p_conversation_id: id, p_client_id: crypto.randomUUID(), p_body: body });
const rowOf = async (id: string): Promise<Json> =>
  (await store.operator(OLGA, "inbox_thread", { p_conversation_id: id })).row;
const inboxTypes = async () =>
  (await store.sent()).filter(({ to }) => to === "inbox").map(({ events }) => events.map(({ type }) => type));

describe("a team", () => {
  it("learns who it is, what it may do and where it listens", async () => {
    const { userId, agents } = await store.operator(PIET, "inbox_channels");
    expect(userId).toBe(PIET);
    expect(agents).toMatchObject([{
      id: AGENT,
      role: "operator",
      rights: ["answer", "labels", "replies"],
      inboxChannel: `agent-${AGENT}-inbox-1`,
      epoch: 1,
      members: [{ name: "Olga", role: "owner", state: "offline" }, { name: "Piet", role: "operator" }],
    }]);
    expect((await store.operator(STRANGER, "inbox_channels")).agents).toEqual([]);
  });

  it("is told at once of who joins, is called otherwise or may do something else, and of nothing besides", async () => {
    const user = crypto.randomUUID();
    await store.visitor("invite_member", { p_user_id: user, p_name: "Jonas" });
    expect(await inboxTypes()).toContainEqual(["refresh"]);
    for (const change of [{ name: "Jonas Okafor" }, { role: "owner" }, { every_agent: false }]) {
      await store.sql`update heddle.members set ${store.sql(change)} where user_id = ${user}`;
      expect(await inboxTypes()).toContainEqual(["refresh"]);
      await store.sql`update heddle.members set ${store.sql(change)} where user_id = ${user}`;
      expect(await inboxTypes()).toEqual([]);
    }
    await store.sql`insert into heddle.member_agents (org_id, user_id, agent_id)
      select org_id, user_id, ${AGENT} from heddle.members where user_id = ${user}`;
    expect(await inboxTypes()).toEqual([["refresh"]]);
    await store.sql`delete from heddle.members where user_id = ${user}`;
  });

  it("of others stands behind those that somebody was in before, whatever it is called", async () => {
    await store.sql`update heddle.members set created_at = now() - interval '1 day' where user_id = ${PIET}`;
    const [other] = await store.sql`
      insert into heddle.agents (org_id, name) values (${crypto.randomUUID()}, '!!! First') returning id`;
    await store.visitor("invite_member", { p_agent_id: other?.id, p_user_id: PIET, p_name: "Piet" });
    const { agents } = await store.operator(PIET, "inbox_channels");
    expect(agents.map(({ id }: Json) => id)).toEqual([AGENT, other?.id]);
    await store.visitor("remove_member", { p_agent_id: other?.id, p_user_id: PIET });
    await store.sql`delete from heddle.agents where id = ${other?.id}`;
  });

  it("learns who is invited and has not come in, operators too", async () => {
    const user = crypto.randomUUID();
    await store.sql`insert into auth.users (id, email) values (${user}, 'jonas@shop.example')`;
    await store.visitor("invite_member", { p_user_id: user, p_name: "Jonas" });
    const invited = async () => {
      const { members } = await store.operator(PIET, "inbox_members", { p_agent_id: AGENT });
      return members.filter((each: Json) => each.invited).map(({ name }: Json) => name);
    };
    expect(await invited()).toEqual(["Jonas"]);
    await store.sql`update auth.users set email_confirmed_at = now() where id = ${user}`;
    expect(await invited()).toEqual([]);
    await store.sql`delete from auth.users where id = ${user}`;
  });

  it("sees conversations by their state, in pages, with counts", async () => {
    const ids = [];
    for (let n = 0; n < 5; n++) ids.unshift(await store.begin(`lister-${n}`));
    const [first, second, third, fourth] = ids as [string, string, string, string];
    await store.operator(PIET, "inbox_claim", { p_conversation_id: first });
    await store.operator(PIET, "inbox_status", { p_conversation_id: second, p_status: "RESOLVED" });
    await store.operator(PIET, "inbox_needs_human", { p_conversation_id: third, p_needs: true });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await store.operator(PIET, "inbox_status", {
      p_conversation_id: fourth,
      p_status: "snoozed",
      p_until: until,
    });
    const view = async (p_view: string) => {
      const { rows } = await store.operator(PIET, "inbox_list", { p_agent_id: AGENT, p_view });
      return rows.map(({ id }: Json) => id);
    };
    expect(await view("mine")).toEqual([first]);
    expect(await view("resolved")).toEqual([second]);
    expect(await view("needs_human")).toEqual([third]);
    expect(await view("snoozed")).toEqual([fourth]);
    // Asked for a person since.
    expect(await view("open")).toEqual([third, first, ids[4]]);
    expect(await view("unassigned")).toEqual([third, ids[4]]);
    const page = (more: object) =>
      store.operator(PIET, "inbox_list", { p_agent_id: AGENT, p_limit: 2, ...more });
    const { next } = await page({});
    expect(await page({ p_before_at: next.at, p_before_id: next.id }))
      .toMatchObject({ rows: [{ id: ids[4] }], next: null });
    expect(await store.operator(PIET, "inbox_counts", { p_agent_id: AGENT, p_cap: 2 }))
      .toEqual({ needsHuman: 1, waiting: 2, mine: 1, unassigned: 2, open: 2, snoozed: 1, cap: 2 });
    await expect(view("everything")).rejects.toMatchObject({ code: "PT400" });
  });
});

describe("a claim", () => {
  it("has one winner of any number, whom the losers are told, and one event", async () => {
    const users = Array.from({ length: 20 }, () => crypto.randomUUID());
    for (const [n, user] of users.entries()) {
      await store.visitor("invite_member", { p_user_id: user, p_name: `Member ${n}` });
    }
    const id = await store.begin("contested");
    await store.sent();
    const results = await Promise.allSettled(
      users.map((user) => store.operator(user, "inbox_claim", { p_conversation_id: id })),
    );
    const won = results.flatMap((each) => each.status === "fulfilled" ? [each.value.row.assignee] : []);
    expect(won).toHaveLength(1);
    const lost = results.flatMap((each) => each.status === "rejected" ? [each.reason] : []);
    expect(new Set(lost.map(({ code, message, detail }) => `${code} ${message} ${detail}`)))
      .toEqual(new Set([`PT409 conflict ${won[0].name}`]));
    expect(await inboxTypes()).toEqual([["conversation:updated"]]);
    const again = await store.operator(won[0].id, "inbox_claim", { p_conversation_id: id });
    expect(again.row.assignee).toEqual(won[0]);
    await store.sql`delete from heddle.members where user_id = any (${users})`;
  });

  it("can be handed over and given back, to members only", async () => {
    const id = await store.begin("handed");
    const assign = (p_to: string | null) =>
      store.operator(OLGA, "inbox_assign", { p_conversation_id: id, p_to });
    expect((await assign(PIET)).row.assignee).toEqual({ id: PIET, name: "Piet" });
    expect((await assign(null)).row.assignee).toBeNull();
    await expect(assign(STRANGER)).rejects.toMatchObject({ code: "PT400" });
  });
});

describe("a thread", () => {
  it("keeps the former texts of a note that was changed and deleted, until its person is erased", async () => {
    const p_conversation_id = await store.begin("revised");
    const { note } = await store.operator(PIET, "inbox_note", {
      p_conversation_id,
      p_client_id: crypto.randomUUID(),
      p_body: "first",
    });
    const edit = (p_body: string | null) =>
      store.operator(PIET, "inbox_edit_note", { p_conversation_id, p_note_id: Number(note.id), p_body });
    await edit("second");
    await edit(null);
    const kept = () =>
      store.sql`
        select body, replaced_by, rev from heddle.note_revisions
        where conversation_id = ${p_conversation_id} order by rev`;
    expect([...await kept()]).toEqual([
      { body: "first", replaced_by: PIET, rev: 3 },
      { body: "second", replaced_by: PIET, rev: 4 },
    ]);
    const former = { p_conversation_id, p_note_id: Number(note.id) };
    expect(await store.operator(OLGA, "inbox_former_texts", former)).toEqual({
      texts: ["first", "second"].map((text) => ({ text, replacedAt: expect.any(String) })),
    });
    await expect(store.operator(STRANGER, "inbox_former_texts", former)).rejects.toMatchObject({
      code: "PT404",
    });
    expect(JSON.stringify(await store.visitor("store_export", { p_end_user: "revised" }))).not.toMatch(
      /first|second/,
    );
    await store.visitor("store_erase", { p_end_user: "revised" });
    expect([...await kept()]).toEqual([]);
  });

  it("tells the team what a message said before it was changed, and nothing of another one", async () => {
    const id = await store.begin("rewritten", "first");
    await reply(id, "Hi");
    const texts = async (which: object) => {
      const { texts } = await store.operator(PIET, "inbox_former_texts", { p_conversation_id: id, ...which });
      return texts.map(({ text }: { text: string }) => text);
    };
    for (const p_body of ["second", "third"]) {
      await store.visitor("store_edit", { p_end_user: "rewritten", p_conversation_id: id, p_seq: 1, p_body });
    }
    expect([await texts({ p_seq: 1 }), await texts({ p_seq: 2 })]).toEqual([["first", "second"], []]);
    await expect(texts({})).rejects.toMatchObject({ code: "PT400" });
  });

  it("replaces an own message or note only where it is the text that was seen", async () => {
    const id = await store.begin("corrected");
    const { message } = await reply(id, "first");
    const { note } = await store.operator(OLGA, "inbox_note", {
      p_conversation_id: id,
      p_client_id: crypto.randomUUID(),
      p_body: "first",
    });
    const edits = {
      inbox_edit: { p_seq: Number(message.id), p_version: message.createdAt },
      inbox_edit_note: { p_note_id: Number(note.id), p_version: note.createdAt },
    };
    for (const [name, seen] of Object.entries(edits)) {
      const edit = (p_body: string | null, more: object = seen) =>
        store.operator(OLGA, name, { p_conversation_id: id, ...more, p_body });
      const both = await Promise.allSettled([edit("left"), edit("right")]);
      expect(both.map(({ status }) => status).sort(), name).toEqual(["fulfilled", "rejected"]);
      expect(both.find(({ status }) => status === "rejected"), name).toMatchObject({
        reason: { code: "PT409" },
      });
      await edit("whatever it was", { ...seen, p_version: null });
      await expect(edit(null), name).rejects.toMatchObject({ code: "PT409" });
      await edit(null, { ...seen, p_version: null });
      await expect(edit("again"), name).rejects.toMatchObject({ code: "PT404" });
    }
  });

  it("tells the team what changed after a rev: messages, edits, notes; a visitor none of the notes", async () => {
    const id = await store.begin("threaded");
    const { message } = await reply(id, "Hi");
    const note = await store.operator(PIET, "inbox_note", {
      p_conversation_id: id,
      p_client_id: crypto.randomUUID(),
      p_body: "secret plan",
    });
    const { rev } = await store.operator(OLGA, "inbox_thread", { p_conversation_id: id });
    await store.operator(OLGA, "inbox_edit", {
      p_conversation_id: id,
      p_seq: Number(message.id),
      p_body: "Hello",
    });
    await store.operator(PIET, "inbox_edit_note", { p_conversation_id: id, p_note_id: Number(note.note.id) });
    const changes = (after: number) =>
      store.operator(OLGA, "inbox_thread_changes", { p_conversation_id: id, p_after_rev: after });
    expect(await changes(rev)).toMatchObject({
      messages: [{ id: message.id, text: "Hello" }],
      notes: [{ id: note.note.id, text: "", deletedAt: expect.any(String) }],
    });
    expect(await changes(rev + 2)).toMatchObject({ messages: [], notes: [] });
    expect(await changes(rev + 3)).toEqual({ tooMany: true, rev: rev + 2 });

    const sent = await store.sent();
    expect(JSON.stringify(sent.filter(({ to }) => to === "inbox"))).toContain("secret plan");
    expect(JSON.stringify(sent.filter(({ to }) => to !== "inbox"))).not.toContain("secret plan");
    const seq = (await store.visitor("store_thread", { p_end_user: "threaded", p_conversation_id: id })).seq;
    expect(seq).toBe(3);
  });

  it("numbers every event of the team without a hole", async () => {
    const id = await store.begin("numbered");
    await reply(id, "Hi");
    await store.operator(OLGA, "inbox_claim", { p_conversation_id: id });
    await store.operator(OLGA, "inbox_read", { p_conversation_id: id, p_seq: 2 });
    await store.operator(OLGA, "inbox_status", { p_conversation_id: id, p_status: "resolved" });
    await store.visitor("store_post", {
      p_end_user: "numbered",
      p_conversation_id: id,
      p_client_id: crypto.randomUUID(),
      p_body: "Again",
    });
    await store.sql`update heddle.conversations set needs_human = true where id = ${id}`;
    const revs = (await store.sent()).filter(({ to }) => to === "inbox")
      .map(({ events }) => new Set(events.flatMap(({ data }) => data.rev ?? [])));
    expect(revs.map((each) => [...each])).toEqual([[0], [1], [2], [3], [4], [5], [6], [7]]);
    expect((await rowOf(id)).rev).toBe(7);
  });

  it("tells with a visitor's message that it reopened the conversation, in a line before it", async () => {
    const id = await store.begin("returning");
    await store.operator(OLGA, "inbox_status", { p_conversation_id: id, p_status: "resolved" });
    await store.sent();
    await store.visitor("store_post", {
      p_end_user: "returning",
      p_conversation_id: id,
      p_client_id: crypto.randomUUID(),
      p_body: "Again",
    });
    const sent = await store.sent();
    expect(sent.map(({ to, events }) => [to, ...events.map(({ type }) => type)])).toEqual([
      ["conversation", "message:new"],
      ["list", "conversation:view-update", "conversation:updated"],
      ["inbox", "message:new", "conversation:updated", "conversation:view-update"],
    ]);
    const row = sent[2]?.events[1]?.data;
    expect(row).toMatchObject({
      status: "OPEN",
      line: { afterSeq: 1, change: { by: "USER", was: "RESOLVED", status: "OPEN" } },
    });
    expect(sent[1]?.events[1]?.data).toMatchObject({ status: "OPEN" });
  });

  it("is read for the team by its holder, and by anybody while it has none", async () => {
    const id = await store.begin("watched");
    const read = (by: string, p_seq: number, p_seen = true) =>
      store.operator(by, "inbox_read", { p_conversation_id: id, p_seq, p_seen });
    expect(await read(PIET, 1, false)).toMatchObject({ readSeqs: { team: 0 }, deliveredSeqs: { team: 1 } });
    await store.operator(OLGA, "inbox_claim", { p_conversation_id: id });
    await store.sent();
    expect(await read(PIET, 1)).toMatchObject({ readSeqs: { team: 0 } });
    expect(await inboxTypes()).toEqual([]);
    expect(await rowOf(id)).toMatchObject({ unread: 1 });
    expect(await read(OLGA, 1)).toMatchObject({ readSeqs: { team: 1 } });
    expect(await rowOf(id)).toMatchObject({ unread: 0 });
    const sent = await store.sent();
    expect(sent.map(({ to, events }) => [to, ...events.map(({ type }) => type)])).toEqual([
      ["conversation", "read"],
      ["inbox", "read", "conversation:updated"],
    ]);
    const { agentId, seenBy } = await store.operator(OLGA, "inbox_thread", { p_conversation_id: id });
    expect(agentId).toBe(AGENT);
    expect(seenBy.map(({ userId }: Json) => userId)).toEqual([PIET, OLGA]);
  });

  it.each(
    [["handed over to", PIET], ["released to", null]] as const,
  )("is read for the team by who looked in before it was %s them", async (how, to) => {
    const id = await store.begin(`taken over: ${how}`);
    const read = () => store.operator(PIET, "inbox_read", { p_conversation_id: id, p_seq: 1, p_seen: true });
    await store.operator(OLGA, "inbox_claim", { p_conversation_id: id });
    await read();
    await store.operator(OLGA, "inbox_assign", { p_conversation_id: id, p_to: to });
    expect(await rowOf(id)).toMatchObject({ unread: 1 });
    await store.sent();
    expect(await read()).toMatchObject({ readSeqs: { team: 1 } });
    expect(await rowOf(id)).toMatchObject({ unread: 0 });
    expect((await store.sent()).map(({ to, events }) => [to, ...events.map(({ type }) => type)])).toEqual([
      // That it was handed to them is read with it.
      ...to === PIET ? [["inbox", "notification:updated"]] : [],
      ["conversation", "read"],
      ["inbox", "read", "conversation:updated"],
    ]);
    await read();
    expect(await inboxTypes()).toEqual([]);
  });
});

it("a snoozed conversation wakes when its time has come and somebody looks", async () => {
  const id = await store.begin("sleeper");
  await store.operator(OLGA, "inbox_status", {
    p_conversation_id: id,
    p_status: "snoozed",
    p_until: new Date(Date.now() + 60_000).toISOString(),
  });
  await store.operator(OLGA, "inbox_here", { p_state: "online" });
  expect((await rowOf(id)).status).toBe("SNOOZED");
  await store
    .sql`update heddle.conversations set snoozed_until = now() - interval '1 second' where id = ${id}`;
  await store.sent();
  await store.operator(OLGA, "inbox_here", { p_state: "online" });
  expect(await rowOf(id)).toMatchObject({ status: "OPEN", snoozedUntil: null });
  expect(await inboxTypes()).toEqual([["conversation:updated"]]);
});

describe("presence", () => {
  const statuses = async () =>
    (await store.sent()).flatMap(({ events }) => events).filter(({ type }) => type.startsWith("user:"))
      .map(({ type, data }) => `${type} ${data.user_id} ${data.status}`);

  it("is told once when it begins, changes or ends, by whoever is here", async () => {
    await store.sql`delete from heddle.leases`;
    const here = (state: string, by = PIET) => store.operator(by, "inbox_here", { p_state: state });
    for (const state of ["online", "online", "away", "offline", "offline"]) await here(state);
    expect(await statuses()).toEqual([
      `user:online ${PIET} online`,
      `user:online ${PIET} away`,
      `user:offline ${PIET} offline`,
    ]);
    await here("online");
    await store.sql`update heddle.leases set until = now() - interval '1 second'`;
    await store.sent();
    await here("online", OLGA);
    expect((await statuses()).sort()).toEqual([
      `user:offline ${PIET} offline`,
      `user:online ${OLGA} online`,
    ]);
    await expect(here("asleep")).rejects.toMatchObject({ code: "PT400" });
  });

  it("of a visitor who went says when they were there last, as the team then reads", async () => {
    await store.sql`delete from heddle.leases`;
    const id = await store.begin("u1");
    await store
      .sql`update heddle.visitors set last_seen_at = now() - interval '1 hour' where end_user_id = 'u1'`;
    const lastSeen = async () =>
      (await store.operator(OLGA, "inbox_visitor", { p_conversation_id: id })).visitor;
    const [lease] = await store.sql`
      insert into heddle.leases (agent_id, subject, key, state, until)
      values (${AGENT}, 'visitor', 'u1', 'online', now() + interval '1 minute')
      returning to_json(until - interval '2 minutes') as seen`;
    expect(await lastSeen()).toMatchObject({ online: true, lastSeenAt: lease?.seen });
    const [ended] = await store.sql`
      update heddle.leases set until = now() - interval '1 second' where key = 'u1'
      returning to_json(until - interval '2 minutes') as seen`;
    await store.sent();
    await store.operator(OLGA, "inbox_here", { p_state: "online" });
    const went = (await store.sent()).flatMap(({ events }) => events).find(({ type }) =>
      type === "user:offline"
    );
    expect(went?.data).toMatchObject({ user_id: `${AGENT}/u1`, lastSeenAt: ended?.seen });
    expect(await lastSeen()).toMatchObject({ online: false, lastSeenAt: ended?.seen });
  });

  it("of who changes it without end is told a few times, and then at a later call", async () => {
    await store.sql`delete from heddle.leases`;
    await store.sql`delete from heddle.rate_buckets`;
    const here = (state: string) => store.operator(PIET, "inbox_here", { p_state: state });
    const shown = async () => {
      const present = await store.operator(OLGA, "inbox_present", { p_agent_id: AGENT });
      return present.find(({ user_id }: Json) => user_id === PIET)?.status ?? "offline";
    };
    for (const state of ["away", "online", "away"]) await here(state);
    const told = await statuses();
    expect(told).toEqual(["away", "online", "away"].map((state) => `user:online ${PIET} ${state}`));
    await drainBuckets(store.sql);
    for (let n = 0; n < 20; n++) await here(n % 2 === 0 ? "online" : "away");
    expect(await statuses()).toEqual([]);
    expect(await shown()).toBe("away");

    // Who is offline has said so; coming again is what is limited.
    for (let n = 0; n < 20; n++) await here(n % 2 === 0 ? "online" : "offline");
    expect(await statuses()).toEqual([`user:offline ${PIET} offline`]);
    expect(await shown()).toBe("offline");

    await store.sql`update heddle.rate_buckets set full_at = now()`;
    await here("away");
    expect(await statuses()).toEqual([`user:online ${PIET} away`]);
    // What is not told yet still keeps them here.
    await store.sql`update heddle.rate_buckets set full_at = now() + interval '1 minute'`;
    await store.sql`update heddle.leases set until = now() + interval '5 seconds' where key = ${PIET}`;
    await here("online");
    const [lease] = await store.sql`
      select state, until > now() + interval '30 seconds' as kept from heddle.leases where key = ${PIET}`;
    expect(lease).toEqual({ state: "away", kept: true });
    expect(await statuses()).toEqual([]);
  });

  it("of a visitor follows from any call of a store's tab, once they have written", async () => {
    const { id: tab } = await store.visitor("create_tab", {
      p_name: "Chat",
      p_category: "messaging",
      p_source: "store",
    });
    const [version] = await store.sql`select session_version as v from heddle.agents where id = ${AGENT}`;
    const call = (endUser: string) =>
      store.visitor("tab_context", {
        p_tab_id: tab,
        p_action: "get_items",
        p_end_user_id: endUser,
        p_session_version: version?.v,
        p_address_hash: null,
      });
    expect(await call("silent")).toEqual({
      outcome: "ok",
      source: "store",
      tab: { id: tab, category: "messaging" },
    });
    await store.begin("speaking");
    await store.sent();
    await call("speaking");
    await call("speaking");
    expect(await statuses()).toEqual([`user:online ${AGENT}/speaking online`]);
    const present = await store.operator(OLGA, "inbox_present", { p_agent_id: AGENT });
    expect(present.map(({ user_id }: Json) => user_id)).toContain(`${AGENT}/speaking`);
  });
});

it("typing is heard on the other side, at most every few seconds, and writes nothing", async () => {
  const id = await store.begin("typist");
  await store.sent();
  const [before] = await store.sql`select rev, xid::text from heddle.conversations where id = ${id}`;
  const typing = () => store.operator(OLGA, "inbox_typing", { p_conversation_id: id });
  expect([await typing(), await typing(), await typing()].map(({ sent }) => sent)).toEqual([
    true,
    true,
    false,
  ]);
  const heard = await store.sent();
  expect(heard.slice(0, 2).map(({ to, events }) => [to, events[0]?.data])).toMatchObject([
    ["conversation", { conversationId: id, role: "AGENT", name: "Olga" }],
    ["inbox", { conversationId: id, role: "AGENT", name: "Olga", userId: OLGA }],
  ]);
  await store.visitor("store_typing", { p_end_user: "typist", p_conversation_id: id });
  expect((await store.sent()).map(({ to, events }) => [to, events[0]?.data.role])).toEqual([[
    "inbox",
    "USER",
  ]]);
  const [after] = await store.sql`select rev, xid::text from heddle.conversations where id = ${id}`;
  expect(after).toEqual(before);
});

it("a visitor asks for a human and says who they are, and the team sees it", async () => {
  const id = await store.begin("asking");
  await store.visitor("store_needs_human", {
    p_end_user: "asking",
    p_conversation_id: id,
    p_needs: true,
  });
  await store.visitor("store_visitor", {
    p_end_user: "asking",
    p_changes: { name: " Ada ", email: "ada@example.com" },
  });
  expect(await rowOf(id)).toMatchObject({
    needsHuman: true,
    customerName: "Ada",
    customerEmail: "ada@example.com",
  });
  const list = async () => {
    const { items } = await store.visitor("store_list", { p_end_user: "asking" }) as {
      items: { fields: object }[];
    };
    return items.map(({ fields }) => fields);
  };
  expect(await list()).toEqual([{ needsHuman: true, asked: true }]);
  await store.sent();
  await store.operator(OLGA, "inbox_claim", { p_conversation_id: id });
  expect(await rowOf(id)).toMatchObject({ needsHuman: false });
  expect(await list()).toEqual([{}]);
  expect((await store.sent()).filter(({ to }) => to === "list").map(({ events }) => events[0]?.data))
    .toMatchObject([{ conversationId: id, needsHuman: false }]);
  await expect(store.visitor("store_visitor", { p_end_user: "nobody", p_changes: {} }))
    .rejects.toMatchObject({ code: "PT404" });
});

it("labels and saved replies are kept by the team and seen by all of it", async () => {
  const id = await store.begin("labelled");
  const save = (p_name: string, p_label_id: number | null = null) =>
    store.operator(PIET, "inbox_save_label", { p_agent_id: AGENT, p_label_id, p_name, p_color: "#aa0000" });
  const label = await save("Urgent");
  for (const same of ["Urgent", "urgent"]) {
    await expect(save(same)).rejects.toMatchObject({ code: "PT409" });
  }
  const put = (p_on: boolean) =>
    store.operator(PIET, "inbox_label", { p_conversation_id: id, p_label_id: label.id, p_on });
  expect((await put(true)).row.labels).toEqual([label.id]);
  const list = { p_agent_id: AGENT, p_label_id: label.id };
  expect((await store.operator(OLGA, "inbox_list", list)).rows).toMatchObject([{ id }]);
  expect((await put(false)).row.labels).toEqual([]);
  await put(true);
  await store.operator(PIET, "inbox_delete_label", list);
  expect((await rowOf(id)).labels).toEqual([]);

  const replies = async () => (await store.operator(OLGA, "inbox_replies", { p_agent_id: AGENT })).replies;
  const saved = await store.operator(PIET, "inbox_save_reply", {
    p_agent_id: AGENT,
    p_reply_id: null,
    p_shortcut: "hi",
    p_body: "Hello there",
  });
  expect(await replies()).toEqual([saved]);
  await store.operator(PIET, "inbox_delete_reply", { p_agent_id: AGENT, p_reply_id: saved.id });
  expect(await replies()).toEqual([]);
});

it("a person's answer is what somebody waited for who asked for a human", async () => {
  const id = await store.begin("waits");
  await store.visitor("store_needs_human", { p_end_user: "waits", p_conversation_id: id, p_needs: true });
  await store.operator(PIET, "inbox_note", {
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "Mine?",
  });
  expect(await rowOf(id)).toMatchObject({ needsHuman: true });
  await store.operator(PIET, "inbox_post", {
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "Here!",
  });
  expect(await rowOf(id)).toMatchObject({ needsHuman: false });
});

it("search finds a letter with and without its accent, in messages and in people", async () => {
  const id = await store.begin("accents", "Ein Café über der Straße, jalapen\u0303o, Ελλάδα, ångström");
  const other = await store.begin("plain", "A cafe uber der Strasse, jalapeño, Ελλαδα, angstrom");
  await store.visitor("store_visitor", { p_end_user: "accents", p_changes: { name: "Zoë Ångström" } });
  const search = (p_text: string) => store.operator(OLGA, "inbox_search", { p_agent_id: AGENT, p_text });
  for (
    const word of [
      "cafe",
      "café",
      "CAFE\u0301",
      "Über",
      "uber",
      "strasse",
      "straße",
      "jalapeno",
      "Ελλαδα",
      "Ang",
    ]
  ) {
    const { messages } = await search(word);
    const found = messages.map(({ conversationId }: Json) => conversationId);
    expect([word, found]).toEqual([word, [other, id]]);
  }
  for (const part of ["zoe", "Zoë", "angstr", "ångstr"]) {
    expect([part, (await search(part)).people.map(({ id }: Json) => id)]).toEqual([part, ["accents"]]);
  }
});

it("search finds messages by their words, the last one unfinished, and people by any part of them", async () => {
  const id = await store.begin("seeker", "The Sansevieria, arrived broken");
  await store.begin("other", "The palm arrived whole");
  await store.visitor("store_visitor", { p_end_user: "seeker", p_changes: { name: "Zoë Quist" } });
  const search = (p_text: string) => store.operator(OLGA, "inbox_search", { p_agent_id: AGENT, p_text });
  expect(await search("arrived sansev")).toMatchObject({
    messages: [{ conversationId: id, message: { text: "The Sansevieria, arrived broken" } }],
    people: [],
    rows: [{ id }],
  });
  expect(await search("uist")).toMatchObject({ messages: [], people: [{ id: "seeker" }], rows: [{ id }] });
  const order = await store.begin("buyer", "Where is FF-20417? See https://shop.example/orders/black-white.");
  for (const part of ["20417", "ff-204", "orders black", "white"]) {
    expect(await search(part), part).toMatchObject({ messages: [{ conversationId: order }] });
  }
  for (const nothing of ["", "  ", "100%_'\\", "':*", "&|!"]) {
    expect(await search(nothing), nothing).toEqual({ messages: [], notes: [], people: [], rows: [] });
  }
});

it("many are resolved at once, those of other agents not", async () => {
  const ids = [await store.begin("many-1"), await store.begin("many-2")];
  const { resolved } = await store.operator(OLGA, "inbox_resolve_many", {
    p_agent_id: AGENT,
    p_ids: [...ids, STRANGER],
  });
  expect(resolved.sort()).toEqual([...ids].sort());
  await expect(store.operator(OLGA, "inbox_resolve_many", {
    p_agent_id: AGENT,
    p_ids: Array.from({ length: 16 }, () => STRANGER),
  })).rejects.toMatchObject({ code: "PT400" });
});

describe("a member who is removed", () => {
  it("finds no door any more, leaves what they held, and the others move to another channel", async () => {
    const gone = crypto.randomUUID();
    await store.visitor("invite_member", { p_user_id: gone, p_name: "Gus", p_email: "gus@example.com" });
    const id = await store.begin("held");
    await store.operator(gone, "inbox_claim", { p_conversation_id: id });
    await store.sent();
    const { epoch } = (await store.operator(OLGA, "inbox_channels")).agents[0];
    await store.operator(OLGA, "inbox_remove_member", { p_agent_id: AGENT, p_user_id: gone });
    const [moved, ...rest] = await store.sent();
    expect(rest).toEqual([]);
    expect(moved).toMatchObject({
      topic: `agent-${AGENT}-inbox-${epoch}`,
      events: [{ type: "inbox:moved", data: { epoch: epoch + 1 } }],
    });
    expect((await store.operator(gone, "inbox_channels")).agents).toEqual([]);
    await expect(reply(id, "Still here", gone)).rejects.toMatchObject({ code: "PT404" });
    expect((await rowOf(id)).assignee).toBeNull();
    await reply(id, "Hi");
    expect((await store.sent()).filter(({ to }) => to === "inbox").map(({ topic }) => topic))
      .toEqual([`agent-${AGENT}-inbox-${epoch + 1}`]);
  });

  it("is removed by owners only, of whom one stays", async () => {
    const remove = (by: string, user: string) =>
      store.operator(by, "inbox_remove_member", { p_agent_id: AGENT, p_user_id: user });
    await expect(remove(PIET, OLGA)).rejects.toMatchObject({ code: "PT403", message: "not_allowed" });
    await expect(remove(OLGA, OLGA)).rejects.toMatchObject({ code: "PT409" });
    await expect(remove(OLGA, STRANGER)).rejects.toMatchObject({ code: "PT404" });
    const change = (by: string, user: string, p_changes: object) =>
      store.operator(by, "inbox_update_member", { p_agent_id: AGENT, p_user_id: user, p_changes });
    await expect(change(PIET, PIET, { role: "owner" })).rejects.toMatchObject({ code: "PT403" });
    await expect(change(OLGA, OLGA, { role: "operator" })).rejects.toMatchObject({ code: "PT409" });
    expect(await change(PIET, PIET, { name: "Pieter" })).toMatchObject({ name: "Pieter", role: "operator" });
  });

  it("may have gone by themselves, whatever they may do there", async () => {
    const gone = crypto.randomUUID();
    await store.visitor("invite_member", { p_user_id: gone, p_name: "Gus" });
    const leave = () => store.operator(gone, "inbox_remove_member", { p_agent_id: AGENT, p_user_id: gone });
    expect(await leave()).toMatchObject({ id: gone, name: "Gus" });
    expect((await store.operator(gone, "inbox_channels")).agents).toEqual([]);
    await expect(leave()).rejects.toMatchObject({ code: "PT404", message: "agent_not_found" });
  });

  it("is heard by nobody who posted before it and commits after it", async () => {
    const gone = crypto.randomUUID();
    await store.visitor("invite_member", { p_user_id: gone, p_name: "Late" });
    const id = await store.begin("slow");
    await store.sent();
    let removal: Promise<unknown> = Promise.resolve();
    await store.sql.begin(async (tx) => {
      await tx`insert into heddle.messages (conversation_id, role, body) values (${id}, 'bot', 'slow one')`;
      removal = store.operator(OLGA, "inbox_remove_member", { p_agent_id: AGENT, p_user_id: gone });
      await expect.poll(async () =>
        (await store.sql`select from pg_locks where locktype = 'advisory' and not granted
          and database = (select oid from pg_database where datname = current_database())`).length
      ).toBe(1);
    });
    await removal;
    const types = (await store.sent()).filter(({ to }) => to === "inbox").map(({ events }) =>
      events[0]?.type
    );
    expect(types).toEqual(["message:new", "inbox:moved"]);
  });
});
