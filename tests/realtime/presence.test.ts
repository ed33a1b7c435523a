import type { RealtimeChannel, RealtimeClient } from "@supabase/realtime-js";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createClient, joined } from "./support/client.ts";
import { Queue } from "./support/queue.ts";
import { RawClient } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { openRooms, visitorTopic } from "./support/topics.ts";

const REF = expect.stringMatching(/./);

let server: TestRealtime;
let clients: RealtimeClient[] = [];
beforeAll(async () => {
  server = await startRealtime({ payloadBytes: 1000 });
  await openRooms(server.database.sql);
  await server.database.sql`
    create policy "halls are for presence" on realtime.messages to anon
    using (realtime.topic() like 'hall:%') with check (realtime.topic() like 'hall:%')`;
});
afterEach(async () => {
  for (const client of clients) await client.disconnect();
  clients = [];
});
afterAll(() => server.stop());

/** A client of its own that says with every sync who is there, and queues joins and leaves. */
async function present(topic: string, key: string, isPrivate = false) {
  const client = createClient(server);
  clients.push(client);
  const events = new Queue<unknown[]>();
  const channel = client.channel(topic, { config: { private: isPrivate, presence: { key } } });
  channel.on(
    "presence",
    { event: "join" },
    ({ key, newPresences }) => events.push(["join", key, newPresences]),
  );
  channel.on(
    "presence",
    { event: "leave" },
    ({ key, leftPresences }) => events.push(["leave", key, leftPresences]),
  );
  await new Promise<void>((resolve, reject) =>
    channel.subscribe((status, error) => status === "SUBSCRIBED" ? resolve() : reject(error ?? status))
  );
  return { client, channel, events };
}

const keysOf = (channel: RealtimeChannel) => Object.keys(channel.presenceState()).sort();

test("those who are there hear of those who come, change and go", async () => {
  const ada = await present("room:1", "ada");
  expect(await ada.channel.track({ typing: false })).toBe("ok");
  expect(await ada.events.next()).toEqual(["join", "ada", [{ presence_ref: REF, typing: false }]]);

  const bob = await present("room:1", "bob");
  expect(await bob.events.next()).toEqual(["join", "ada", [{ presence_ref: REF, typing: false }]]);
  await bob.channel.track({ typing: false });
  expect(await ada.events.next()).toEqual(["join", "bob", [{ presence_ref: REF, typing: false }]]);

  await bob.channel.track({ typing: true });
  expect(await ada.events.next()).toEqual(["join", "bob", [{ presence_ref: REF, typing: true }]]);
  expect(await ada.events.next()).toEqual(["leave", "bob", [{ presence_ref: REF, typing: false }]]);
  expect(keysOf(ada.channel)).toEqual(["ada", "bob"]);

  await bob.channel.untrack();
  expect(await ada.events.next()).toEqual(["leave", "bob", [{ presence_ref: REF, typing: true }]]);
  expect(keysOf(ada.channel)).toEqual(["ada"]);
});

test.each<[string, (of: Awaited<ReturnType<typeof present>>) => unknown]>([
  ["leaves", ({ channel }) => channel.unsubscribe()],
  ["goes", ({ client }) => client.disconnect()],
])("who %s is gone for the others", async (how, go) => {
  const topic = `room:who ${how}`;
  const [ada, bob] = [await present(topic, "ada"), await present(topic, "bob")];
  await bob.channel.track({ n: 1 });
  expect((await ada.events.next()).slice(0, 2)).toEqual(["join", "bob"]);
  await go(bob);
  expect((await ada.events.next()).slice(0, 2)).toEqual(["leave", "bob"]);
});

test("one key holds a meta for each of its channels", async () => {
  const [one, other] = [await present("room:2", "ada"), await present("room:2", "ada")];
  await one.channel.track({ tab: 1 });
  await other.channel.track({ tab: 2 });
  const third = await present("room:2", "bob");
  await third.events.next();
  expect(third.channel.presenceState()).toEqual({
    ada: [{ presence_ref: REF, tab: 1 }, { presence_ref: REF, tab: 2 }],
  });
});

test("public and private channels of one name keep their own presence", async () => {
  const [publicly, privately] = [await present("hall:1", "ada"), await present("hall:1", "bob", true)];
  await publicly.channel.track({});
  await privately.channel.track({});
  await Promise.all([publicly.events.next(), privately.events.next()]);
  expect([keysOf(publicly.channel), keysOf(privately.channel)]).toEqual([["ada"], ["bob"]]);
});

test("who may not write presence is refused", async () => {
  const { channel } = await joined(createClient(server), "room:3", {
    private: true,
    presence: { key: "ada", enabled: true },
  });
  expect(await channel.track({})).toBe("error"); // the rooms' policy for inserts is for broadcasts only
  await channel.socket.disconnect();
});

async function raw(topic: string, config: Record<string, unknown> = {}) {
  const client = await RawClient.open(server);
  const { ref } = await client.join(topic, config);
  const name = `realtime:${topic}`;
  return {
    client,
    ref,
    send: (payload: unknown) => client.send([ref, "p", name, "presence", payload]),
    reply: (status: string, response: unknown) => [ref, "p", name, "phx_reply", { status, response }],
    event: (event: string, payload: unknown) => [ref, null, name, event, payload],
    diff: (payload: unknown) => [null, null, name, "presence_diff", payload],
    closed: [ref, ref, name, "phx_close", {}],
  };
}

test("who may not read presence gets no state", async () => {
  const { client } = await raw(visitorTopic(), { private: true, presence: { enabled: true } });
  expect(await client.expectNothing()).toMatchObject({ 2: "phoenix" });
  await client.close();
});

test("the frames: state, reply, diff, and an update that names the reference before", async () => {
  const { client, send, reply, event, diff } = await raw("lobby:1", {
    presence: { key: "me", enabled: true },
  });
  expect(await client.next()).toEqual(event("presence_state", {}));

  send({ type: "presence", event: "TRACK", payload: { n: 1 } });
  expect(await client.next()).toEqual(reply("ok", {}));
  const first = await client.next();
  const meta = { phx_ref: REF, n: 1 };
  expect(first).toEqual(diff({ joins: { me: { metas: [meta] } }, leaves: {} }));

  send({ type: "presence", event: "track", payload: { n: 1 } });
  expect(await client.next()).toEqual(reply("ok", {})); // and no diff: nothing has changed
  send({ type: "presence", event: "track", payload: { n: 2 } });
  expect(await client.next()).toEqual(reply("ok", {}));
  const second = await client.next();
  expect(second).toEqual(diff({
    joins: { me: { metas: [{ phx_ref: REF, phx_ref_prev: REF, n: 2 }] } },
    leaves: { me: { metas: [meta] } },
  }));
  await client.close();
});

test("who joins without presence may track, and hears of those who come and go, but gets no state", async () => {
  const other = await raw("lobby:2", { presence: { enabled: false } });
  const { client, send, reply, diff } = await raw("lobby:2", { presence: { key: "me", enabled: false } });
  send({ event: "track" });
  const me = { me: { metas: [{ phx_ref: REF }] } };
  expect(await client.next()).toEqual(reply("ok", {}));
  expect(await client.next()).toEqual(diff({ joins: me, leaves: {} }));
  expect(await client.expectNothing()).toMatchObject({ 2: "phoenix" });
  expect(await other.client.next()).toEqual(diff({ joins: me, leaves: {} }));
  await client.close();
  expect(await other.client.next()).toEqual(diff({ joins: {}, leaves: me }));
  await other.client.close();
});

test.each([
  [{ event: "track", payload: [] }, "error", { reason: "Presence track payload must be a map" }],
  [{ event: "made up" }, "error", {}],
  [{}, "ok", {}],
])("%j is answered with %s", async (message, status, response) => {
  const { client, send, reply } = await raw("lobby:3");
  send(message);
  expect(await client.next()).toEqual(reply(status, response));
  await client.close();
});

test.each([
  ["a payload that is too large", "Track message size exceeded", [{
    event: "track",
    payload: { text: "x".repeat(1000) },
  }]],
  [
    "the sixth message in thirty seconds",
    "Client presence rate limit exceeded",
    Array(6).fill({ event: "untrack" }),
  ],
])("%s ends the channel", async (_what, message, messages) => {
  const { client, send, event, closed } = await raw("lobby:4");
  for (const each of messages) send(each);
  for (const _each of messages.slice(1)) expect(await client.next()).toMatchObject({ 3: "phx_reply" });
  const system = { extension: "system", status: "error", message, channel: "lobby:4" };
  expect(await client.next()).toEqual(event("system", system));
  expect(await client.next()).toEqual(closed);
  await client.close();
});
