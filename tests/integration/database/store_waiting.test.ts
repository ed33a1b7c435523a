import { expect, it } from "vitest";
import { AGENT, type Json, OLGA, useStore } from "./conversation_store.ts";

const store = useStore();

const ask = (id: string, endUser: string, p_body = "And?") =>
  store.visitor("store_post", {
    p_end_user: endUser,
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body,
  });
const reply = (p_conversation_id: string): Promise<{ message: { id: string } }> =>
  store.operator(OLGA, "inbox_post", {
    p_conversation_id,
    p_client_id: crypto.randomUUID(),
    p_body: "Here you are",
  });
const setStatus = (p_conversation_id: string, p_status: string, p_until?: string) =>
  store.operator(OLGA, "inbox_status", { p_conversation_id, p_status, p_until: p_until ?? null });
const messagesOf = (id: string) =>
  store
    .sql`select seq, role, created_at::text as at from heddle.messages where conversation_id = ${id} order by seq`;

/** Since when the conversation waits, as the number of the message; null if it does not. */
async function waitsFrom(id: string): Promise<number | null> {
  const { row } = await store.operator(OLGA, "inbox_thread", { p_conversation_id: id });
  if (row.waitingSince === null) return null;
  const times = await store.sql`
    select seq from heddle.messages
    where conversation_id = ${id} and created_at = ${row.waitingSince}::text::timestamptz`;
  return times[0]?.seq;
}

async function waiting(args: object = {}): Promise<Json> {
  return await store.operator(OLGA, "inbox_list", { p_agent_id: AGENT, p_view: "waiting", ...args });
}
const idsOf = ({ rows }: Json) => rows.map(({ id }: Json) => id);

it("a visitor waits from the first message that nobody has answered, read or not", async () => {
  const id = await store.begin("asker");
  await ask(id, "asker");
  expect(await waitsFrom(id)).toBe(1);
  await store.operator(OLGA, "inbox_read", { p_conversation_id: id, p_seq: 2, p_seen: true });
  expect(await waitsFrom(id)).toBe(1);
  await store.operator(OLGA, "inbox_note", {
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "Who knows?",
  });
  await store.operator(OLGA, "inbox_claim", { p_conversation_id: id });
  await store
    .sql`insert into heddle.messages (conversation_id, role, body) values (${id}, 'system', 'Queued')`;
  expect(await waitsFrom(id)).toBe(1);
  await reply(id);
  expect(await waitsFrom(id)).toBeNull();
  await ask(id, "asker");
  expect(await waitsFrom(id)).toBe(Number((await messagesOf(id)).at(-1)?.seq));
  await store.sql`
    insert into heddle.messages (conversation_id, role, author_id, body) values (${id}, 'bot', 'Bot', 'I know')`;
  expect(await waitsFrom(id)).toBeNull();
});

it("a deleted question waits for nothing, and a deleted answer answers nothing", async () => {
  const id = await store.begin("undecided");
  const { message: second } = await ask(id, "undecided");
  const remove = (seq: string) =>
    store.visitor("store_edit", {
      p_end_user: "undecided",
      p_conversation_id: id,
      p_seq: Number(seq),
      p_body: null,
    });
  await remove("1");
  expect(await waitsFrom(id)).toBe(Number(second.id));
  await remove(second.id);
  expect(await waitsFrom(id)).toBeNull();
  const { message: third } = await ask(id, "undecided");
  const { message: answer } = await reply(id);
  const removeAnswer = () =>
    store.operator(OLGA, "inbox_edit", {
      p_conversation_id: id,
      p_seq: Number(answer.id),
      p_body: null,
    });
  await removeAnswer();
  expect(await waitsFrom(id)).toBe(Number(third.id));
});

it("an answer that broke off or was stopped while it grew answers nothing, a whole one does", async () => {
  for (const [done, since] of [["error", 1], ["cancelled", 1], ["stop", null]] as const) {
    const id = await store.begin(`streamed ${done}`);
    await store.sql`
      select heddle_api.stream_begin(${id}, ${crypto.randomUUID()}, 'b1', 'Fern bot', 'A ')`;
    expect(await waitsFrom(id)).toBeNull();
    await store.sql`select heddle_api.stream_end(${id}, 2, 'A north', ${done})`;
    expect(await waitsFrom(id), done).toBe(since);
  }
});

it("nobody waits in what is resolved, and a new message waits from then on", async () => {
  const id = await store.begin("thankful");
  await setStatus(id, "resolved");
  expect(await waitsFrom(id)).toBeNull();
  expect(idsOf(await waiting())).not.toContain(id);
  const { message } = await ask(id, "thankful");
  expect(await waitsFrom(id)).toBe(Number(message.id));
});

it("who was resolved without an answer waits on once the team opens it again, who had one does not", async () => {
  const id = await store.begin("overlooked");
  for (const reopen of ["open", "snoozed"]) {
    await setStatus(id, "resolved");
    await setStatus(
      id,
      reopen,
      reopen === "snoozed" ? new Date(Date.now() + 60_000).toISOString() : undefined,
    );
    expect(await waitsFrom(id), reopen).toBe(1);
  }
  await reply(id);
  await setStatus(id, "resolved");
  await setStatus(id, "open");
  expect(await waitsFrom(id)).toBeNull();
  const { message } = await ask(id, "overlooked");
  await store.sql`update heddle.conversations set status = 'resolved' where id = ${id}`;
  await store.sql`update heddle.conversations set status = 'open' where id = ${id}`;
  expect(await waitsFrom(id)).toBe(Number(message.id));
});

it("the view of those who wait has the longest first, in pages, and none that is snoozed", async () => {
  await store.sql`delete from heddle.visitors`;
  const [first, second, third, put] = [
    await store.begin("w1"),
    await store.begin("w2"),
    await store.begin("w3"),
    await store.begin("w4"),
  ];
  await ask(first, "w1");
  await setStatus(put, "snoozed", new Date(Date.now() + 3_600_000).toISOString());
  // As exact as the times that the driver takes.
  await store
    .sql`update heddle.conversations set waiting_since = date_trunc('milliseconds', waiting_since)`;
  expect(idsOf(await waiting())).toEqual([first, second, third]);
  const page = await waiting({ p_limit: 2 });
  expect(idsOf(page)).toEqual([first, second]);
  expect(idsOf(await waiting({ p_limit: 2, p_before_at: page.next.at, p_before_id: page.next.id })))
    .toEqual([third]);
  await setStatus(put, "open");
  expect(idsOf(await waiting())).toEqual([first, second, third, put]);
  await reply(second);
  expect(idsOf(await waiting())).toEqual([first, third, put]);
  expect(await store.operator(OLGA, "inbox_counts", { p_agent_id: AGENT })).toMatchObject({ waiting: 3 });
});

it("what is taken over from elsewhere and still open waits from its first message without an answer", async () => {
  const [open, answered, done] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  const said = (role: string, minute: number) => ({
    role,
    body: "…",
    createdAt: `2026-01-01T00:0${minute}:00Z`,
  });
  await store.visitor("store_import", {
    p_conversations: [
      {
        id: open,
        endUserId: "i1",
        status: "open",
        messages: [said("visitor", 1), said("operator", 2), said("visitor", 3), said("visitor", 4)],
      },
      {
        id: answered,
        endUserId: "i2",
        status: "open",
        messages: [said("visitor", 1), said("operator", 2)],
      },
      { id: done, endUserId: "i3", messages: [said("visitor", 1)] },
    ],
  });
  expect([await waitsFrom(open), await waitsFrom(answered), await waitsFrom(done)]).toEqual([3, null, null]);
});
