import { beforeEach, describe, expect, it } from "vitest";
import { AGENT, type Arguments, type Json, OLGA, ORG, PIET, useStore } from "./conversation_store.ts";

const store = useStore();
let id: string;
beforeEach(async () => {
  await store.visitor("invite_member", { p_user_id: OLGA, p_name: "Olga", p_role: "owner" });
  await store.visitor("invite_member", { p_user_id: PIET, p_name: "Piet" });
  id = await store.begin("vera");
  await store.sent();
});

const olga = { id: OLGA, name: "Olga" };
const piet = { id: PIET, name: "Piet" };

const act = (who: string, name: string, args: Arguments = {}) =>
  store.operator(who, name, { p_conversation_id: id, ...args });

const ask = (needs: boolean) =>
  store.visitor("store_needs_human", { p_end_user: "vera", p_conversation_id: id, p_needs: needs });

/** What the lines of the conversation say, oldest first. */
async function lines(): Promise<Json[]> {
  const { notes } = await act(OLGA, "inbox_thread");
  return notes.filter(({ change }: Json) => change).map(({ author, change }: Json) => ({
    ...(author.id ? { who: author.name } : {}),
    ...change,
  }));
}

describe("a line says", () => {
  it("who claimed, handed over and released a conversation, and to whom", async () => {
    await act(OLGA, "inbox_claim");
    await act(OLGA, "inbox_assign", { p_to: PIET });
    await act(PIET, "inbox_assign", { p_to: null });
    await act(PIET, "inbox_assign", { p_to: OLGA });
    expect(await lines()).toEqual([
      { who: "Olga", by: "AGENT", to: olga },
      { who: "Olga", by: "AGENT", from: olga, to: piet },
      { who: "Piet", by: "AGENT", from: piet },
      { who: "Piet", by: "AGENT", to: olga },
    ]);
  });

  it("who resolved and reopened it, also by the visitor's message", async () => {
    await act(PIET, "inbox_status", { p_status: "resolved" });
    await act(OLGA, "inbox_status", { p_status: "open" });
    await store.operator(OLGA, "inbox_resolve_many", { p_agent_id: AGENT, p_ids: [id] });
    await store.visitor("store_post", {
      p_end_user: "vera",
      p_conversation_id: id,
      p_client_id: crypto.randomUUID(),
      p_body: "Still there?",
    });
    expect(await lines()).toEqual([
      { who: "Piet", by: "AGENT", was: "OPEN", status: "RESOLVED" },
      { who: "Olga", by: "AGENT", was: "RESOLVED", status: "OPEN" },
      { who: "Olga", by: "AGENT", was: "OPEN", status: "RESOLVED" },
      { by: "USER", was: "RESOLVED", status: "OPEN" },
    ]);
    const { notes } = await act(OLGA, "inbox_thread");
    expect(notes.at(-1).afterSeq).toBe(1);
  });

  it("until when it is snoozed, and that the snooze ended, whoever happened to look", async () => {
    const until = new Date(Date.now() + 60_000).toISOString();
    await act(OLGA, "inbox_status", { p_status: "snoozed", p_until: until });
    const [snoozed] = await lines();
    expect(snoozed).toMatchObject({ who: "Olga", was: "OPEN", status: "SNOOZED" });
    expect(Date.parse(snoozed.until)).toBe(Date.parse(until));
    await store.sql`update heddle.conversations set snoozed_until = now() where id = ${id}`;
    await store.operator(PIET, "inbox_here", { p_state: "online" });
    expect((await lines()).at(-1)).toEqual({ by: "SYSTEM", was: "SNOOZED", status: "OPEN" });
  });

  it("who asked for a person: the visitor, an operator, a bot or a rule", async () => {
    await ask(true);
    await act(PIET, "inbox_needs_human", { p_needs: false });
    await act(PIET, "inbox_needs_human", { p_needs: true });
    await act(PIET, "inbox_needs_human", { p_needs: false });
    await store.sql.begin(async (sql) => {
      await sql`select set_config('heddle.by', 'BOT Fern', true)`;
      await sql`update heddle.conversations set needs_human = true where id = ${id}`;
    });
    await act(PIET, "inbox_claim");
    await store.sql`update heddle.conversations set needs_human = true where id = ${id}`;
    expect(await lines()).toEqual([
      { by: "USER", needsHuman: true },
      { who: "Piet", by: "AGENT", needsHuman: true },
      { by: "BOT", needsHuman: true },
      { who: "Piet", by: "AGENT", to: piet },
      { by: "SYSTEM", needsHuman: true },
    ]);
    const { notes } = await act(OLGA, "inbox_thread");
    expect(notes[2].author).toEqual({ name: "Fern" });
  });

  it("who was removed from the team while they held it", async () => {
    await act(PIET, "inbox_claim");
    await store.operator(OLGA, "inbox_remove_member", { p_agent_id: AGENT, p_user_id: PIET });
    expect((await lines()).at(-1)).toEqual({ who: "Olga", by: "AGENT", from: piet });
    const { row } = await act(OLGA, "inbox_thread");
    expect([row.rev, row.assignee]).toEqual([3, null]);
  });

  it("what plain SQL changes, all of one change in one line", async () => {
    await store.sql`
      update heddle.conversations set assignee_id = ${PIET}, status = 'resolved', needs_human = true where id = ${id}`;
    await store.sql`update heddle.conversations set name = 'Parcel' where id = ${id}`;
    expect(await lines()).toEqual([
      { by: "SYSTEM", to: piet, was: "OPEN", status: "RESOLVED", needsHuman: true },
    ]);
  });
});

describe("a line goes out", () => {
  it("with the change, in its one event to the team, and to nobody else", async () => {
    const { rev } = await act(PIET, "inbox_claim");
    const sent = await store.sent();
    expect(sent.map(({ to, events }) => [to, events.map(({ type }) => type)])).toEqual([
      ["inbox", ["conversation:updated"]],
    ]);
    const { rev: told, line, assignee } = sent[0]?.events[0]?.data;
    expect([told, assignee]).toEqual([rev, piet]);
    expect(line).toMatchObject({ id: `${rev}`, text: "", afterSeq: 1, author: piet, change: { to: piet } });
    const { notes } = await act(OLGA, "inbox_thread_changes", { p_after_rev: rev - 1 });
    expect(notes).toEqual([line]);
  });

  it("once for one winner, of any number who claim at once", async () => {
    const claims = Array.from(
      { length: 12 },
      (_, n) => act(n % 2 ? OLGA : PIET, "inbox_claim").then(() => "held", ({ code }) => code),
    );
    await Promise.all(claims);
    expect(await lines()).toHaveLength(1);
    expect((await store.sent()).filter(({ to }) => to === "inbox")).toHaveLength(1);
  });

  it("not for what stays as it is", async () => {
    await ask(true);
    await act(PIET, "inbox_claim");
    const before = await lines();
    const version = () => store.sql`select xmin, xmax from heddle.conversations where id = ${id}`;
    const row = await version();
    await store.sent();
    await act(PIET, "inbox_claim");
    await act(PIET, "inbox_assign", { p_to: PIET });
    await act(PIET, "inbox_status", { p_status: "open" });
    await act(PIET, "inbox_needs_human", { p_needs: false });
    await ask(false);
    expect(await store.sent()).toEqual([]);
    expect(await lines()).toEqual(before);
    expect(await version()).toEqual(row);
  });

  it("once for a visitor who asks for a person again and again", async () => {
    for (let n = 0; n < 5; n++) {
      await ask(true);
      await ask(true);
      await ask(false);
    }
    expect(await lines()).toEqual([{ by: "USER", needsHuman: true }]);
  });
});

describe("a line stays", () => {
  const change = () => store.sql`select change, body from heddle.notes where conversation_id = ${id}`;
  const refused = (work: Promise<unknown>) => work.then(() => "done", ({ code }: { code: string }) => code);

  it("as it was written, whoever would change it", async () => {
    const { rev } = await act(OLGA, "inbox_claim");
    const before = await change();
    const asNote = { p_note_id: rev, p_body: "Piet claimed it" };
    expect(await refused(act(OLGA, "inbox_edit_note", asNote))).toBe("PT404");
    expect(await refused(act(OLGA, "inbox_edit_note", { ...asNote, p_body: null }))).toBe("PT404");
    expect(
      await refused(store.sql`update heddle.notes set change = '{}' where conversation_id = ${id}`.execute()),
    )
      .toBe("PT400");
    expect(await change()).toEqual(before);
  });

  it("out of search, counts and previews", async () => {
    const before = (await act(OLGA, "inbox_thread")).row;
    await act(PIET, "inbox_assign", { p_to: OLGA });
    const { row } = await act(OLGA, "inbox_thread");
    const { unread, lastMessage, lastMessageAt, messageCount } = before;
    expect(row).toMatchObject({ unread, lastMessage, lastMessageAt, messageCount });
    const { messages } = await store.operator(OLGA, "inbox_search", { p_agent_id: AGENT, p_text: "Olga" });
    expect(messages).toEqual([]);
  });

  it("on the page of the message that it follows", async () => {
    await act(OLGA, "inbox_claim");
    for (const p_body of ["One", "Two", "Three"]) {
      await act(OLGA, "inbox_post", { p_client_id: crypto.randomUUID(), p_body });
    }
    await act(OLGA, "inbox_status", { p_status: "resolved" });
    const newest = await act(OLGA, "inbox_thread", { p_limit: 2 });
    expect(newest.notes.map(({ change }: Json) => change.status)).toEqual(["RESOLVED"]);
    const older = await act(OLGA, "inbox_thread", { p_limit: 2, p_before_seq: newest.next });
    expect(older.notes.map(({ change }: Json) => change.to)).toEqual([olga]);
  });

  it("until the visitor is erased", async () => {
    await act(OLGA, "inbox_claim");
    await store.visitor("store_erase", { p_end_user: "vera" });
    expect(await change()).toEqual([]);
    expect(await store.sql`select from heddle.members where org_id = ${ORG}`).toHaveLength(2);
  });
});
