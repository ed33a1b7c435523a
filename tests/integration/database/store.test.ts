import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { eventsOf, readEnvelope, readMessage } from "../../../shared/events.ts";
import { AGENT, OLGA, STRANGER, useStore } from "./conversation_store.ts";

interface Vector {
  kind: "user" | "conversation";
  secret: string;
  id: string;
  name: string;
}

const { agentId, contentVectors }: { agentId: string; contentVectors: Vector[] } = JSON.parse(
  readFileSync(new URL("../../unit/functions/realtime/vectors.json", import.meta.url), "utf8"),
);

const store = useStore();
beforeEach(async () => {
  await store.sent();
});

const types = async () =>
  (await store.sent()).map(({ to, events }) => [to, ...events.map(({ type }) => type)]);

it.each(contentVectors)("names of content in SQL are those in TypeScript: $kind $id", async (vector) => {
  const base = vector.kind === "user" ? `agent-${agentId}-user-${vector.id}` : `conv-${vector.id}`;
  const [row] = await store.sql`select heddle.content_name(${vector.secret}, ${base}) as name`;
  expect(row?.name).toBe(vector.name);
});

describe("a visitor's first message", () => {
  it("names its conversation in the visitor's list, until it has a name or says nothing any more", async () => {
    const id = await store.begin("namer", "  Is a north\n window enough?  ");
    const title = async () => {
      const { items } = await store.visitor("store_list", { p_end_user: "namer" });
      return items[0].title;
    };
    await store.visitor("store_post", {
      p_end_user: "namer",
      p_conversation_id: id,
      p_client_id: crypto.randomUUID(),
      p_body: "And how often?",
    });
    expect(await title()).toBe("Is a north window enough?");
    const about = { p_end_user: "namer", p_conversation_id: id };
    await store.visitor("store_edit", { ...about, p_seq: 1, p_body: null });
    expect(await title()).toBe("Fern & Fable");
    await store.sql`update heddle.conversations set name = 'Windows' where id = ${id}`;
    expect(await title()).toBe("Windows");
  });

  it("begins one conversation, however often and by however many it is sent at once", async () => {
    const args = {
      p_end_user: "racer",
      p_conversation_id: null,
      p_client_id: crypto.randomUUID(),
      p_body: "Hi",
    };
    const answers = await Promise.all(Array.from({ length: 12 }, () => store.visitor("store_post", args)));
    expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(answers[0]).toMatchObject({ seq: 1, message: { id: "1", text: "Hi", role: "USER" } });
    const { items } = await store.visitor("store_list", { p_end_user: "racer" });
    expect(items).toMatchObject([{ title: "Hi", preview: "Hi", unread: 0, status: "OPEN" }]);
    expect(await types()).toEqual([
      ["list", "conversation:new"],
      ["inbox", "conversation:new", "conversation:updated"],
      ["conversation", "message:new"],
      ["list", "conversation:view-update", "conversation:updated"],
      ["inbox", "message:new", "conversation:updated", "conversation:view-update"],
    ]);
  });

  it("keeps who writes and from where, of which the visitor's own channels hear nothing", async () => {
    await store.visitor("store_post", {
      p_end_user: "ann",
      p_conversation_id: null,
      p_client_id: crypto.randomUUID(),
      p_body: "Hi",
      p_visitor: { name: "Ann", email: "ann@example.com" },
      p_page: { title: "Ferns", url: "https://shop.example/ferns" },
    });
    const sent = await store.sent();
    const inbox = sent.find(({ to }) => to === "inbox");
    expect(inbox?.events[0]?.data.conversation).toMatchObject({
      psid: "ann",
      customerName: "Ann",
      customerEmail: "ann@example.com",
      pageName: "Ferns",
      platform: "WIDGET",
    });
    expect(JSON.stringify(sent.filter(({ to }) => to !== "inbox"))).not.toMatch(/ann@|"Ann"|rev"/);
    expect(JSON.stringify(sent.filter(({ to }) => to === "inbox"))).not.toContain('"seq"');
  });

  it.each([
    ["https://shop.example/go?to=https://evil.example/#t", "https://shop.example/go"],
    ["https://me:pw@shop.example/a@b#x?y", "https://shop.example/a@b"],
    ["HTTPS:\\\\me@x@shop.example\\@c", "HTTPS:\\\\shop.example\\@c"],
    ["https://shop.example", "https://shop.example"],
  ])("keeps of the page %s no query, fragment and user, and shows none that is there", async (url, plain) => {
    const page = { title: "Go", url, locale: "en" };
    await store.visitor("store_post", {
      p_end_user: "pia",
      p_conversation_id: null,
      p_client_id: crypto.randomUUID(),
      p_body: "Hi",
      p_page: page,
    });
    const kept = () => store.sql`select page from heddle.visitors where end_user_id = 'pia'`;
    expect(await kept()).toEqual([{ page: { ...page, url: plain } }]);
    await store.sql`update heddle.visitors set page = ${store.sql.json(page)} where end_user_id = 'pia'`;
    const [begun] = await store.sql`
      select id from heddle.conversations where visitor_id = (select id from heddle.visitors where end_user_id = 'pia')`;
    const { visitor } = await store.operator(OLGA, "inbox_visitor", { p_conversation_id: begun?.id });
    expect(visitor.page).toEqual({ ...page, url: plain });
    expect(await store.visitor("store_export", { p_end_user: "pia" }))
      .toMatchObject({ endUser: { page: { url: plain } } });
  });

  it("is heard under the names that the visitor was handed", async () => {
    const answer = await store.visitor("store_post", {
      p_end_user: "bo",
      p_conversation_id: null,
      p_client_id: crypto.randomUUID(),
      p_body: "Hi",
    });
    const topics = (await store.sent()).map(({ topic }) => topic);
    expect(topics).toContain(answer.listChannel);
    expect(topics).toContain(answer.conversationChannel);
    expect((await store.visitor("store_list", { p_end_user: "bo" })).listChannel).toBe(answer.listChannel);
  });
});

it("everything sent is an event of ours, and its message one that clients can read", async () => {
  const id = await store.begin("reader", "Hello");
  await store.operator(OLGA, "inbox_post", {
    p_conversation_id: id,
    p_client_id: crypto.randomUUID(),
    p_body: "Hi",
  });
  const rows = await store.sql`select payload from public.sent order by n`;
  const events = rows.flatMap(({ payload }) => {
    const envelope = readEnvelope(payload);
    return envelope ? eventsOf(envelope) : [];
  });
  expect(events.map(({ type }) => type)).not.toContain("refresh");
  const messages = events.filter(({ type }) => type === "message:new");
  expect(messages).toHaveLength(4);
  for (const { data } of messages) expect(readMessage(data["message"])).not.toBeNull();
  expect(messages.at(-1)?.data).toMatchObject({
    message: { role: "AGENT", meta: { author: { id: OLGA, name: "Olga" } } },
  });
});

describe("a conversation", () => {
  it("is nobody else's: another visitor, another agent's, none", async () => {
    const id = await store.begin("owner");
    for (const name of ["store_thread", "store_changes", "store_read", "store_edit", "store_post"]) {
      const more: Record<string, object> = {
        store_thread: {},
        store_changes: { p_after_seq: 0 },
        store_read: { p_seq: 1 },
        store_edit: { p_seq: 1, p_body: "x" },
        store_post: { p_client_id: crypto.randomUUID(), p_body: "x" },
      };
      const as = (who: object) =>
        store.visitor(name, { p_end_user: "owner", p_conversation_id: id, ...more[name], ...who });
      for (
        const who of [{ p_end_user: "other" }, { p_agent_id: STRANGER }, { p_conversation_id: STRANGER }]
      ) {
        await expect(as(who), name).rejects.toMatchObject({ code: "PT404", message: "item_not_found" });
      }
    }
  });

  it("comes in pages, each message once", async () => {
    const id = await store.begin("pages", "1");
    for (let n = 2; n <= 7; n++) {
      await store.sql`
      insert into heddle.messages (conversation_id, role, body) values (${id}, 'bot', ${String(n)})`;
    }
    const seen: string[] = [];
    let before: number | null = null;
    do {
      const page = await store.visitor("store_thread", {
        p_end_user: "pages",
        p_conversation_id: id,
        p_before_seq: before,
        p_limit: 3,
      });
      seen.unshift(...page.messages.map(({ text }: { text: string }) => text));
      before = page.next;
    } while (before !== null);
    expect(seen).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
  });

  it("says what changed after a number, edits, deletions and reads too, and nothing else", async () => {
    const who = { p_end_user: "delta", p_conversation_id: await store.begin("delta", "one") };
    await store.visitor("store_post", { ...who, p_client_id: crypto.randomUUID(), p_body: "two" });
    await store.visitor("store_post", { ...who, p_client_id: crypto.randomUUID(), p_body: "three" });
    await store.visitor("store_edit", { ...who, p_seq: 1, p_body: "ONE" });
    await store.visitor("store_edit", { ...who, p_seq: 2, p_body: null });
    const after = (seq: number) => store.visitor("store_changes", { ...who, p_after_seq: seq });
    expect(await after(5)).toMatchObject({ seq: 5, messages: [] });
    expect(await after(3)).toMatchObject({
      seq: 5,
      messages: [
        { id: "1", text: "ONE", meta: { editedAt: expect.any(String) } },
        { id: "2", text: "", meta: { deletedAt: expect.any(String) } },
      ],
    });
    expect((await after(2)).messages.map(({ id }: { id: string }) => id)).toEqual(["1", "2", "3"]);
    await store.sql`update heddle.conversations set seq = 400 where id = ${who.p_conversation_id}`;
    expect(await after(199)).toEqual({ tooMany: true, seq: 400 });
    expect(await after(401)).toEqual({ tooMany: true, seq: 400 });
  });

  it("keeps what edits and deletions replaced, and lets nobody bring it back", async () => {
    const who = { p_end_user: "editor", p_conversation_id: await store.begin("editor", "first") };
    await store.sent();
    await store.visitor("store_edit", { ...who, p_seq: 1, p_body: "second" });
    await store.visitor("store_edit", { ...who, p_seq: 1, p_body: null });
    const again = await store.visitor("store_edit", { ...who, p_seq: 1, p_body: null });
    expect(again).toMatchObject({ seq: 3, message: { text: "" } });
    const kept = await store.sql`
      select body from heddle.message_revisions where conversation_id = ${who.p_conversation_id} order by changed_seq`;
    expect(kept.map(({ body }) => body)).toEqual(["first", "second"]);
    expect((await types()).filter(([to]) => to === "conversation")).toEqual([
      ["conversation", "message:updated"],
      ["conversation", "message:deleted"],
    ]);
    await expect(store.visitor("store_edit", { ...who, p_seq: 1, p_body: "third" })).rejects
      .toMatchObject({ code: "PT404" });
    await expect(store.sql`update heddle.messages set deleted_at = null
      where conversation_id = ${who.p_conversation_id}`).rejects.toMatchObject({ code: "PT400" });
  });

  it("replaces a text only where it is the one that was seen, and says the same of one that is replaced already", async () => {
    const who = { p_end_user: "twice", p_conversation_id: await store.begin("twice", "first") };
    const { messages: [first] } = await store.visitor("store_thread", who);
    const edit = (p_body: string, p_version: string) =>
      store.visitor("store_edit", { ...who, p_seq: 1, p_body, p_version });
    const second = await edit("second", first.createdAt);
    expect(await edit("second", first.createdAt)).toEqual(second);
    await expect(edit("third", first.createdAt)).rejects.toMatchObject({ code: "PT409" });
    const both = await Promise.allSettled(
      ["left", "right"].map((body) => edit(body, second.message.meta.editedAt)),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await store.visitor("store_edit", { ...who, p_seq: 1, p_body: null });
    await expect(edit("third", first.createdAt)).rejects.toMatchObject({ code: "PT404" });
  });

  it("is opened again by a message of its visitor, and by nobody else's", async () => {
    const id = await store.begin("returning");
    await store.sql`update heddle.conversations set status = 'resolved' where id = ${id}`;
    await store.sql`insert into heddle.messages (conversation_id, role, body) values (${id}, 'bot', 'Bye')`;
    const status = async () =>
      (await store.visitor("store_list", { p_end_user: "returning" })).items[0].status;
    expect(await status()).toBe("RESOLVED");
    await store.visitor("store_post", {
      p_end_user: "returning",
      p_conversation_id: id,
      p_client_id: crypto.randomUUID(),
      p_body: "One more thing",
    });
    expect(await status()).toBe("OPEN");
  });
});

describe("reading", () => {
  it("moves forward only, and tells what moved once", async () => {
    const who = { p_end_user: "looker", p_conversation_id: await store.begin("looker") };
    const { p_conversation_id: id } = who;
    await store.sql`insert into heddle.messages (conversation_id, role, body) values (${id}, 'bot', 'a')`;
    await store.sql`insert into heddle.messages (conversation_id, role, body) values (${id}, 'bot', 'b')`;
    const unread = async () => (await store.visitor("store_list", { p_end_user: "looker" })).items[0].unread;
    expect(await unread()).toBe(2);
    await store.sent();
    const read = (seq: number, seen = true) =>
      store.visitor("store_read", { ...who, p_seq: seq, p_seen: seen });
    expect(await read(3, false)).toEqual({ readSeq: 0, deliveredSeq: 3 });
    expect(await unread()).toBe(2);
    expect(await read(2)).toEqual({ readSeq: 2, deliveredSeq: 3 });
    expect(await unread()).toBe(1);
    expect(await read(99)).toEqual({ readSeq: 5, deliveredSeq: 5 });
    expect(await read(1)).toEqual({ readSeq: 5, deliveredSeq: 5 });
    expect(await unread()).toBe(0);
    const sent = await store.sent();
    expect(sent.filter(({ to }) => to === "conversation").map(({ events }) => events[0]?.data)).toMatchObject(
      [
        { role: "USER", readSeq: 0, deliveredSeq: 3, seq: 4 },
        { role: "USER", readSeq: 2, deliveredSeq: 3, seq: 5 },
        { role: "USER", readSeq: 5, deliveredSeq: 5, seq: 6 },
      ],
    );
  });

  it("counts for the team a message that was changed since they read it, once, until they have read the change", async () => {
    const id = await store.begin("edits", "One");
    const visitor = { p_end_user: "edits", p_conversation_id: id };
    const post = (p_body: string) =>
      store.visitor("store_post", { ...visitor, p_client_id: crypto.randomUUID(), p_body });
    const edit = (p_seq: number, p_body: string | null) =>
      store.visitor("store_edit", { ...visitor, p_seq, p_body });
    const read = (p_seq: number) => store.operator(OLGA, "inbox_read", { p_conversation_id: id, p_seq });
    const row = async () => (await store.operator(OLGA, "inbox_thread", { p_conversation_id: id })).row;
    const two = Number((await post("Two")).message.id);
    await edit(two, "Two, corrected");
    expect((await row()).unread).toBe(2);
    expect(await row()).not.toHaveProperty("edited");
    await read(1000);
    expect(await row()).toMatchObject({ unread: 0 });
    await edit(1, "One, corrected");
    const last = await edit(1, "One, corrected again");
    expect(await row()).toMatchObject({ unread: 1, edited: { ids: ["1"], seq: last.seq } });
    const three = Number((await post("Three")).message.id);
    await edit(two, "Two, once more");
    expect(await row()).toMatchObject({ unread: 3, edited: { ids: [`${two}`, "1"] } });
    await read(three);
    expect(await row()).toMatchObject({ unread: 1, edited: { ids: [`${two}`] } });
    await edit(two, null);
    expect(await row()).toMatchObject({ unread: 0 });
    expect(await row()).not.toHaveProperty("edited");
    await edit(three, null);
    await edit(1, null);
    expect((await row()).unread).toBe(0);
  });

  it("counts a message that is deleted before it was read no more", async () => {
    const id = await store.begin("deleted");
    const reply = await store.operator(OLGA, "inbox_post", {
      p_conversation_id: id,
      p_client_id: crypto.randomUUID(),
      p_body: "Oops",
    });
    await store.operator(OLGA, "inbox_edit", { p_conversation_id: id, p_seq: Number(reply.message.id) });
    const { items } = await store.visitor("store_list", { p_end_user: "deleted" });
    expect(items[0]).toMatchObject({ unread: 0, previewRole: "operator" });
    expect(items[0]).not.toHaveProperty("preview");
    const { row } = await store.operator(OLGA, "inbox_thread", { p_conversation_id: id });
    expect(row.lastMessage).toMatchObject({ text: "", role: "AGENT", authorId: OLGA, isDeleted: true });
    await store.begin("deleted", "Again");
    const { rows } = await store.operator(OLGA, "inbox_list", { p_agent_id: AGENT });
    expect(rows[0].lastMessage).toEqual({
      text: "Again",
      role: "USER",
      createdAt: rows[0].lastMessageAt,
    });
  });
});

describe("a broadcast that fails", () => {
  const post = async (endUser: string) =>
    (await store.visitor("store_thread", {
      p_end_user: endUser,
      p_conversation_id: await store.begin(endUser),
    }))
      .messages.length;

  it("fails no write, and is counted as an issue of the store's tab", async () => {
    await store.sql`alter table realtime.messages add constraint full_up check (topic = '')`;
    expect(await post("unheard")).toBe(1);
    await store.sql`alter table realtime.messages drop constraint full_up`;
    const issues = await store.visitor("list_issues");
    expect(issues).toMatchObject([{ tab: "Chat with us", kind: "broadcast_failed", count: 2 }]);
  });

  it("becomes a hint where the content is too big", async () => {
    const id = await store.begin("big");
    await store.sent();
    const attachments = Array.from(
      { length: 3000 },
      () => ({ url: "https://files.example/".padEnd(80, "x") }),
    );
    await store.sql`insert into heddle.messages (conversation_id, role, body, attachments)
      values (${id}, 'bot', 'All of it', ${store.sql.json(attachments)})`;
    expect(await types()).toEqual([
      ["conversation", "refresh"],
      ["list", "conversation:view-update", "conversation:updated"],
      ["inbox", "refresh"],
    ]);
  });
});

describe("while a signing secret is rotated", () => {
  it("content goes out on both names, and after an end at once only hints on the former", async () => {
    const id = await store.begin("rotator");
    const thread = () => store.visitor("store_thread", { p_end_user: "rotator", p_conversation_id: id });
    const former = (await thread()).conversationChannel;
    const heard = async () => {
      await store.sent();
      await store.sql`insert into heddle.messages (conversation_id, role, body) values (${id}, 'bot', 'x')`;
      const sent = (await store.sent()).filter(({ to }) => to === "conversation");
      return Object.fromEntries(sent.map(({ topic, events }) => [topic, events[0]?.type]));
    };
    await store.sql`select heddle_api.rotate_signing_secret(${AGENT}, '24 hours', '0 seconds')`;
    const current = (await thread()).conversationChannel;
    expect(current).not.toBe(former);
    expect(await heard()).toEqual({ [current]: "message:new", [former]: "message:new" });

    await store.sql`select heddle_api.rotate_signing_secret(${AGENT}, '0')`;
    expect((await thread()).conversationChannel).toBeNull();
    const after = await heard();
    expect(after).toMatchObject({ [current]: "refresh", [former]: "refresh" });
    expect(Object.values(after).filter((type) => type === "message:new")).toHaveLength(1);
  });
});
