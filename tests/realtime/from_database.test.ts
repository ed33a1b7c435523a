import type { RealtimeClient } from "@supabase/realtime-js";
import postgres, { type Sql } from "postgres";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { createClient, joined } from "./support/client.ts";
import { RawClient } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { openRooms, visitorTopic } from "./support/topics.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const READY = { private: true, broadcast: { replication_ready: true } };

let server: TestRealtime;
let client: RealtimeClient;
let sql: Sql;
beforeAll(async () => {
  server = await startRealtime({ payloadBytes: 20_000, replicationTimeoutMs: 600 });
  sql = server.database.sql;
  await openRooms(sql);
  client = createClient(server);
});
afterEach(() => client.removeAllChannels());
afterAll(() => server.stop());

const send = (topic: string, payload: unknown, isPrivate = true, on: Sql = sql) =>
  on`select realtime.send(${sql.json(payload as never)}, 'refresh', ${topic}, ${isPrivate})`;

test("a message of realtime.send is a broadcast whose metadata names its row, and whose payload gets an id", async () => {
  const topic = visitorTopic();
  const { messages } = await joined(client, topic);
  await send(topic, { n: 1 });
  await send(topic, { id: "mine" });

  const rows = await sql`select id from realtime.messages where topic = ${topic} order by inserted_at`;
  expect([await messages.next(), await messages.next()]).toEqual([
    { type: "broadcast", event: "refresh", payload: { n: 1, id: rows[0]?.id }, meta: { id: rows[0]?.id } },
    { type: "broadcast", event: "refresh", payload: { id: "mine" }, meta: { id: rows[1]?.id } },
  ]);
});

test("the frame is a binary one of kind 4 that says JSON", async () => {
  const raw = await RawClient.open(server);
  await raw.join("lobby", {});
  await send("lobby", { n: 1 }, false);
  const frame = await raw.next();
  if (!Buffer.isBuffer(frame)) throw new Error("a text frame");
  const [kind, topicLength = 0, eventLength = 0, metaLength = 0, encoding] = frame;
  expect([kind, encoding]).toEqual([4, 1]);
  const meta = frame.subarray(5 + topicLength + eventLength).subarray(0, metaLength).toString();
  expect(JSON.parse(meta)).toEqual({ id: expect.stringMatching(UUID) });
  await raw.close();
});

test("messages come when their transaction has committed, in its order", async () => {
  const topic = visitorTopic();
  const { messages } = await joined(client, topic);
  await sql.begin(async (transaction) => {
    for (let n = 1; n <= 150; n++) await send(topic, { n }, true, transaction as unknown as Sql);
    await send(topic, { n: "of another transaction" });
    expect((await messages.next()).payload).toMatchObject({ n: "of another transaction" });
  });
  for (let n = 1; n <= 150; n++) expect((await messages.next()).payload).toMatchObject({ n });
});

test("of a transaction that is rolled back nothing comes", async () => {
  const topic = visitorTopic();
  const { messages } = await joined(client, topic);
  const rolledBack = sql.begin(async (transaction) => {
    await send(topic, { n: 1 }, true, transaction as unknown as Sql);
    throw new Error("rolled back");
  });
  await expect(rolledBack).rejects.toThrow("rolled back");
  await send(topic, { n: 2 });
  expect((await messages.next()).payload).toMatchObject({ n: 2 });
});

test("a message whose row its transaction deletes again comes all the same, and leaves nothing", async () => {
  const topic = visitorTopic();
  const { messages } = await joined(client, topic);
  const [row] = await sql.begin(async (transaction) => {
    const rows = await transaction`
      insert into realtime.messages (topic, private, extension, event, payload)
      values (${topic}, true, 'broadcast', 'refresh', '{"n": 1}') returning id`;
    await transaction`delete from realtime.messages where topic = ${topic}`;
    return rows;
  });
  expect(await messages.next()).toEqual({
    type: "broadcast",
    event: "refresh",
    payload: { n: 1 },
    meta: { id: row?.id },
  });
  expect([...await sql`select from realtime.messages where topic = ${topic}`]).toEqual([]);
});

test("heddle_api.broadcast is heard by the client library, as it was sent, and leaves nothing", async () => {
  const [one, two] = [await joined(client, visitorTopic()), await joined(client, visitorTopic())];
  const topics = [one, two].map(({ channel }) => channel.subTopic);
  const envelope = { v: 1, id: "mine", type: "message:new", at: "now", data: { text: "🌿" } };
  await sql.begin(async (transaction) => {
    await transaction`set local role service_role`;
    await transaction`select heddle_api.broadcast(${topics}, 'message:new', ${transaction.json(envelope)})`;
  });
  const meta = { id: expect.stringMatching(UUID) };
  for (const { messages } of [one, two]) {
    expect(await messages.next()).toEqual({
      type: "broadcast",
      event: "message:new",
      payload: envelope,
      meta,
    });
  }
  expect([...await sql`select from realtime.messages where topic = any(${topics})`]).toEqual([]);
});

test("a message of any length comes whole, beside others of its transaction", async () => {
  const topic = visitorTopic();
  const { messages } = await joined(client, topic);
  const texts = [...'a🌿é"\n'].flatMap((each) => [each.repeat(1_900), each.repeat(4_000)]);
  await sql.begin(async (transaction) => {
    for (const text of texts) await send(topic, { text, id: "x" }, true, transaction as unknown as Sql);
  });
  for (const text of texts) expect((await messages.next()).payload).toEqual({ text, id: "x" });
});

test("public and private messages keep to their own channels", async () => {
  const [mine, theirs] = [await joined(client, "room:1"), await joined(createClient(server), "room:1", {})];
  await send("room:1", { to: "public" }, false);
  await send("room:1", { to: "private" });
  expect((await mine.messages.next()).payload).toMatchObject({ to: "private" });
  expect((await theirs.messages.next()).payload).toMatchObject({ to: "public" });
  expect([mine.messages.size, theirs.messages.size]).toEqual([0, 0]);
});

test("a role without an insert policy sends nothing and gets no error", async () => {
  const topic = visitorTopic();
  const { messages } = await joined(client, topic);
  await sql.begin(async (transaction) => {
    await transaction`set local role anon`;
    await send(topic, { n: "forged" }, true, transaction as unknown as Sql);
  });
  await send(topic, { n: "genuine" });
  expect((await messages.next()).payload).toMatchObject({ n: "genuine" });
});

test("a message that is too long is lost, also one whose topic no binary frame can hold", async () => {
  const long = `room:${"x".repeat(300)}`;
  const [{ messages }, tooLong] = [await joined(client, "room:2"), await joined(client, long)];
  await send("room:2", { text: "x".repeat(20_000) });
  await send(long, {});
  await send("room:2", { text: "x".repeat(19_000) });
  expect((await messages.next()).payload).toMatchObject({ text: expect.stringMatching(/^x{19000}$/) });
  expect(tooLong.messages.size).toBe(0);
});

test("realtime.send_binary sends bytes", async () => {
  const { messages } = await joined(client, "room:3");
  await sql`select realtime.send_binary('\\x0001ff'::bytea, 'bytes', 'room:3')`;
  const { event, payload } = await messages.next();
  expect([event, [...new Uint8Array(payload as ArrayBuffer)]]).toEqual(["bytes", [0, 1, 255]]);
});

test("realtime.broadcast_changes sends a trigger's old and new row", async () => {
  const { messages } = await joined(client, "room:notes");
  await sql.unsafe(`
    create table public.notes (id int, body text);
    create function public.tell() returns trigger language plpgsql as $$
    begin
      perform realtime.broadcast_changes('room:notes', tg_op, tg_op, tg_table_name, tg_table_schema, new, old);
      return null;
    end $$;
    create trigger tell after insert or update or delete on public.notes
      for each row execute function public.tell();
    insert into public.notes values (1, 'a');
    update public.notes set body = 'b';
    delete from public.notes;`);
  const changes = [await messages.next(), await messages.next(), await messages.next()];
  const of = { id: expect.stringMatching(UUID), schema: "public", table: "notes" };
  const [a, b] = [{ id: 1, body: "a" }, { id: 1, body: "b" }];
  expect(changes.map(({ event, payload }) => [event, payload])).toEqual([
    ["INSERT", { ...of, operation: "INSERT", record: a, old_record: null }],
    ["UPDATE", { ...of, operation: "UPDATE", record: b, old_record: a }],
    ["DELETE", { ...of, operation: "DELETE", record: null, old_record: b }],
  ]);
  await expect(
    sql`select realtime.broadcast_changes('room:notes', 'x', 'TRUNCATE', 'notes', 'public', null, null)`,
  )
    .rejects.toThrow("Unexpected operation type: TRUNCATE");
});

test("a join with replication_ready hears when broadcasts from the database reach it", async () => {
  const topic = visitorTopic();
  const raw = await RawClient.open(server);
  const { ref } = await raw.join(topic, READY);
  expect(await raw.next()).toEqual([ref, null, `realtime:${topic}`, "system", {
    extension: "system",
    status: "ok",
    message: "Replication connection established",
    channel: topic,
  }]);
  await send(topic, {});
  expect(await raw.next()).toBeInstanceOf(Buffer);
  await raw.close();
});

test("the client library passes the system message on", async () => {
  const channel = client.channel(visitorTopic(), { config: READY as never });
  const system = new Promise((resolve) => channel.on("system", {}, resolve));
  channel.subscribe();
  expect(await system).toMatchObject({ status: "ok", message: "Replication connection established" });
});

test("where that can't be established in time the channel is closed; later messages come again", async () => {
  const raw = await RawClient.open(server);
  const join = async () => {
    const { ref } = await raw.join("lobby", { broadcast: { replication_ready: true } });
    return { ref, system: await raw.next() };
  };
  const [admin, { name }] = [postgres(inject("adminUrl"), { max: 1 }), server.database];
  await admin`alter database ${admin(name)} with allow_connections false`;
  await admin`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = ${name} and application_name = 'heddle realtime'`;

  const { ref, system } = await join();
  expect(system).toEqual([ref, null, "realtime:lobby", "system", {
    extension: "system",
    status: "error",
    message: "Replication connection was not established in time",
    channel: "lobby",
  }]);
  expect(await raw.next()).toEqual([ref, ref, "realtime:lobby", "phx_close", {}]);

  await admin`alter database ${admin(name)} with allow_connections true`;
  await admin.end();
  while (!JSON.stringify((await join()).system).includes("connection established")) await raw.next();
  await send("lobby", {}, false);
  expect(await raw.next()).toBeInstanceOf(Buffer);
  await raw.close();
});
