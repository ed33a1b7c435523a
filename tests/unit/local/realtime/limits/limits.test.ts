import { expect, test } from "vitest";
import { fakeServices, type FakeSocket, openSocket } from "../fake_services.ts";

const OPEN = { private: false };
const PRESENT = { presence: { enabled: true, key: "me" } };

const system = (ref: string, topic: string, message: string) => [
  ref,
  null,
  `realtime:${topic}`,
  "system",
  { extension: "system", status: "error", message, channel: topic },
];
const closed = (ref: string, topic: string) => [ref, ref, `realtime:${topic}`, "phx_close", {}];

const broadcast = ({ send }: FakeSocket, topic: string) =>
  send("1", "9", `realtime:${topic}`, "broadcast", { event: "ev" });

test("one join too many a second is refused, then the socket is closed, and others go on", async () => {
  const world = fakeServices({ joinsPerSecond: 2, joinBackoffMs: 0 });
  const [one, other] = [openSocket(world), openSocket(world)];
  await one.join("a", "1");
  await other.join("b", "1");
  world.clock.advance(1000);

  const reason = "ClientJoinRateLimitReached: Too many joins per second";
  expect(await one.join("c", "2")).toEqual(
    ["2", "2", "realtime:c", "phx_reply", { status: "error", response: { reason } }],
  );
  await Promise.resolve();
  expect([one.ended, other.ended]).toEqual([[1001], []]);
});

test("refused joins do not count: a second later there is room again", async () => {
  const world = fakeServices({ joinsPerSecond: 2, joinBackoffMs: 0 });
  await openSocket(world).join("a", "1");
  await openSocket(world).join("b", "1");
  world.clock.advance(1000);
  await openSocket(world).join("c", "1");
  world.clock.advance(1000);
  expect((await openSocket(world).join("d", "1"))[4]).toMatchObject({ status: "ok" });
});

test("above the limit on messages a subscriber hears one more, and is closed", async () => {
  const world = fakeServices({ messagesPerSecond: 3 });
  const [sender, receiver] = [openSocket(world), openSocket(world)];
  await sender.join("a", "1", OPEN);
  await receiver.join("a", "1", OPEN);
  for (const _time of [1, 2]) broadcast(sender, "a"); // two sent and two delivered
  expect([(await receiver.received.next())[3], (await receiver.received.next())[3]])
    .toEqual(["broadcast", "broadcast"]);
  world.clock.advance(1000);

  broadcast(sender, "a");
  expect(await receiver.received.next()).toMatchObject({ 3: "broadcast" });
  expect(await receiver.received.next()).toEqual(system("1", "a", "Too many messages per second"));
  expect(await receiver.received.next()).toEqual(closed("1", "a"));
  expect(receiver.ended).toEqual([]);
});

test("who only sends above the limit is left alone", async () => {
  const world = fakeServices({ messagesPerSecond: 1 });
  const sender = openSocket(world);
  await sender.join("a", "1", { ...OPEN, broadcast: { ack: true } });
  broadcast(sender, "a");
  await sender.received.next();
  world.clock.advance(1000);
  broadcast(sender, "a");
  expect(await sender.received.next()).toMatchObject(["1", "9", "realtime:a", "phx_reply", { status: "ok" }]);
});

test("a broadcast that policies forbid does not count, an event that nobody knows does", async () => {
  const world = fakeServices({ messagesPerSecond: 100 });
  const { join, send, received } = openSocket(world);
  const { messages } = world.services.limits;
  world.services.authorizer.write = () => Promise.resolve(false);
  await join("a", "1");
  send("1", "2", "realtime:a", "broadcast", { event: "ev" });
  send("1", "3", "realtime:a", "made_up", {});
  send("1", "4", "realtime:a", "phx_leave", {});
  await received.next();
  world.clock.advance(1000);
  expect(messages.perSecond).toBe(1);
});

test("a state at the join counts as a presence message: one too many ends the channel", async () => {
  const world = fakeServices({ presencePerSecond: 1 });
  const { join, received } = openSocket(world);
  for (const topic of ["a", "b"]) {
    await join(topic, topic, PRESENT);
    expect(await received.next()).toMatchObject({ 3: "presence_state" });
  }
  world.clock.advance(1000);

  expect(await join("c", "c", PRESENT)).toMatchObject({ 3: "phx_reply", 4: { status: "ok" } });
  expect(await received.next()).toEqual(system("c", "c", "Too many presence messages per second"));
  expect(await received.next()).toEqual(closed("c", "c"));
});

test("so does a presence that is tracked, but not the same one again", async () => {
  const world = fakeServices({ presencePerSecond: 1 });
  const { join, send, received } = openSocket(world);
  const { presence } = world.services.limits;
  const track = async (ref: string, n: number) => {
    send("1", ref, "realtime:a", "presence", { event: "track", payload: { n } });
    return await received.nextWhere(({ 1: answered, 3: event }) => answered === ref || event === "system");
  };
  await join("a", "1", {});
  await track("2", 1);
  await track("3", 1);
  await track("4", 2);
  world.clock.advance(1000);
  expect(presence.perSecond).toBe(2);

  expect(await track("5", 2)).toMatchObject({ 3: "phx_reply", 4: { status: "ok" } });
  expect(await track("6", 3)).toEqual(system("1", "a", "Too many presence messages per second"));
  expect(await received.next()).toEqual(closed("1", "a"));
});
