import type { RealtimeClient } from "@supabase/realtime-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient, joined } from "./support/client.ts";
import { RawClient } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { openRooms, visitorTopic } from "./support/topics.ts";

let server: TestRealtime;
let client: RealtimeClient;
beforeAll(async () => {
  server = await startRealtime();
  await openRooms(server.database.sql);
  client = createClient(server);
});
afterAll(async () => {
  await client.disconnect();
  await server.stop();
});

const replayConfig = (replay: Record<string, unknown>) => ({ private: true, broadcast: { replay } });

async function send(topic: string, from: number, to: number): Promise<void> {
  const { sql } = server.database;
  for (let n = from; n <= to; n++) {
    await sql`select realtime.send(${sql.json({ n })}, 'ev', ${topic})`;
  }
}

async function replayed(topic: string, replay: Record<string, unknown>) {
  const raw = await RawClient.open(server);
  const { ref, reply } = await raw.join(topic, replayConfig(replay));
  expect(reply.status).toBe("ok");
  await send(topic, 1000, 1000);
  const frames: unknown[][] = [];
  for (let frame = await raw.next(); !Buffer.isBuffer(frame); frame = await raw.next()) frames.push(frame);
  await raw.close();
  return { ref, frames, numbers: frames.map(([, , , , payload]) => Object(payload).payload.n) };
}

test("a join hears the newest messages again, the oldest of them first, before what is new", async () => {
  const topic = visitorTopic();
  await send(topic, 1, 30);
  const { ref, frames, numbers } = await replayed(topic, { since: 0 });
  expect(numbers).toEqual(Array.from({ length: 25 }, (_, index) => index + 6));
  const rows = await server.database.sql`
    select id from realtime.messages where topic = ${topic} and payload ->> 'n' = '6'`;
  expect(frames[0]).toEqual([ref, null, `realtime:${topic}`, "broadcast", {
    event: "ev",
    payload: { id: rows[0]?.id, n: 6 },
    type: "broadcast",
    meta: { replayed: true, id: rows[0]?.id },
  }]);
});

test.each([[2, [29, 30]], [0, [30]], [-3, [30]], [100, Array.from({ length: 25 }, (_, index) => index + 6)]])(
  "a limit of %i is kept between 1 and 25",
  async (limit, numbers) => {
    const topic = visitorTopic();
    await send(topic, 1, 30);
    expect((await replayed(topic, { since: 0, limit })).numbers).toEqual(numbers);
  },
);

test("only messages since the given time, of that private topic and from SQL are heard again", async () => {
  const topic = visitorTopic();
  await send(topic, 1, 1);
  await server.database.sql`update realtime.messages set inserted_at = inserted_at - interval '1 minute'`;
  await server.database.sql`select realtime.send('{"n": 2}', 'ev', ${topic}, false)`;
  await server.broadcast(topic, { payload: { n: 3 } });
  await send(visitorTopic(), 4, 4);
  await send(topic, 5, 5);
  expect((await replayed(topic, { since: Date.now() - 30_000 })).numbers).toEqual([5]);
});

test("the client library says which messages it hears again", async () => {
  const topic = visitorTopic();
  await send(topic, 1, 1);
  const { messages } = await joined(client, topic, replayConfig({ since: 0, limit: 5 }) as never);
  expect(await messages.next()).toMatchObject({ event: "ev", payload: { n: 1 }, meta: { replayed: true } });
  await send(topic, 2, 2);
  const { payload, meta } = await messages.next();
  expect([payload, meta]).toEqual([expect.objectContaining({ n: 2 }), { id: expect.any(String) }]);
});

test("a limit of null is the usual one, and a replay that is no object is none", async () => {
  const topic = visitorTopic();
  await send(topic, 1, 2);
  expect((await replayed(topic, { since: 0, limit: null })).numbers).toEqual([1, 2]);
  expect((await replayed(topic, "all" as never)).numbers).toEqual([]);
});

test("who may not hear broadcasts may not hear them again", async () => {
  await server.database.sql`
    create policy "presence only" on realtime.messages for select to anon
    using (realtime.topic() = 'watchers' and extension = 'presence')`;
  const raw = await RawClient.open(server);
  const watcher = { private: true, presence: { enabled: true } };
  expect((await raw.join("watchers", watcher)).reply.status).toBe("ok");
  const second = await RawClient.open(server);
  const { reply } = await second.join("watchers", { ...watcher, broadcast: { replay: { since: 0 } } });
  const reason = "Unauthorized: You do not have permissions to read from this Channel topic: watchers";
  expect(reply).toEqual({ status: "error", response: { reason } });
  await Promise.all([raw.close(), second.close()]);
});

test("bytes are heard again as bytes", async () => {
  await server.database.sql`select realtime.send_binary('\\x01ff'::bytea, 'bytes', 'room:1')`;
  const { messages } = await joined(client, "room:1", replayConfig({ since: 0 }) as never);
  const { payload, meta } = await messages.next();
  expect([...new Uint8Array(payload as ArrayBuffer)]).toEqual([1, 255]);
  expect(meta).toMatchObject({ replayed: true });
});

test.each([
  [
    "on a public channel",
    { broadcast: { replay: { since: 0 } } },
    "Replay is not allowed for public channels",
  ],
  [
    "of nothing on a public channel",
    { broadcast: { replay: null } },
    "Replay is not allowed for public channels",
  ],
  ["without a time", replayConfig({}), "Replay params are not valid"],
  ["since half a millisecond", replayConfig({ since: 0.5 }), "Replay params are not valid"],
  ["since a time in microseconds", replayConfig({ since: 1e15 }), "Replay params are not valid"],
  ["with a limit of words", replayConfig({ since: 0, limit: "all" }), "Replay params are not valid"],
  [
    "since beyond all time",
    replayConfig({ since: Number.MAX_VALUE }),
    "Replay params are not valid",
  ],
])("a replay %s refuses the join", async (_what, config, message) => {
  const raw = await RawClient.open(server);
  const { reply } = await raw.join("room:2", config);
  expect(reply).toEqual({ status: "error", response: { reason: `UnableToReplayMessages: ${message}` } });
  await raw.close();
});
