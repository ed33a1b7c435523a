import { expect, test } from "vitest";
import { ChannelRegistry, type Subscriber } from "../../../../../local/realtime/channels/registry.ts";
import type { Codec, Frame, TextBroadcast } from "../../../../../local/realtime/codec/codec.ts";
import { protocol2 } from "../../../../../local/realtime/codec/protocol2.ts";

interface Member extends Subscriber {
  frames: Frame[];
}

function member(settings: Partial<Subscriber> = {}): Member {
  const frames: Frame[] = [];
  return {
    codec: protocol2,
    receivesBroadcasts: true,
    receivesPresence: false,
    replayed: new Set(),
    deliver: (frame) => frames.push(frame),
    frames,
    ...settings,
  };
}

const A = { topic: "a", private: true };
const hello: TextBroadcast = { kind: "text", payload: { hello: 1 } };

test("a broadcast reaches the members of its topic and flag, and nobody else", () => {
  const registry = new ChannelRegistry();
  const [here, publicly, elsewhere] = [member(), member(), member()];
  registry.add(A, here);
  registry.add({ ...A, private: false }, publicly);
  registry.add({ ...A, topic: "b" }, elsewhere);

  registry.broadcast(A, hello);

  expect(here.frames).toEqual(['[null,null,"realtime:a","broadcast",{"hello":1}]']);
  expect([publicly.frames, elsewhere.frames]).toEqual([[], []]);
});

test("the sender can be left out, and members without the right to broadcasts are", () => {
  const registry = new ChannelRegistry();
  const [sender, listener, presenceOnly] = [member(), member(), member({ receivesBroadcasts: false })];
  for (const each of [sender, listener, presenceOnly]) registry.add(A, each);

  registry.broadcast(A, hello, sender);

  expect([sender, listener, presenceOnly].map(({ frames }) => frames.length)).toEqual([0, 1, 0]);
});

test("a frame is encoded once for each protocol, and members of one that cannot carry it are skipped", () => {
  const registry = new ChannelRegistry();
  let encoded = 0;
  const codec: Codec = {
    ...protocol2,
    encodeBroadcast: () => {
      encoded++;
      return null;
    },
  };
  const members = [member({ codec }), member({ codec }), member()];
  for (const each of members) registry.add(A, each);

  registry.broadcast(A, hello);

  expect(encoded).toBe(1);
  expect(members.map(({ frames }) => frames.length)).toEqual([0, 0, 1]);
});

test("a topic without members is forgotten", () => {
  const registry = new ChannelRegistry();
  const [one, two] = [member(), member()];
  registry.add(A, one);
  registry.add(A, two);
  expect(registry.counts()).toEqual([{ ...A, members: 2 }]);

  for (const each of [one, two]) registry.remove(A, each);
  expect(registry.counts()).toEqual([]);
});

test("a number of members can be awaited", async () => {
  const registry = new ChannelRegistry();
  const gone = member();
  const two = registry.reached("a", 2);
  registry.add(A, gone);
  registry.add(A, member());
  await two;
  const one = registry.reached("a", 1);
  registry.remove(A, gone);
  await one;
});

test("a message that a member has heard at its join is not handed to it again", () => {
  const registry = new ChannelRegistry();
  const [replayed, other] = [member({ replayed: new Set(["1"]) }), member()];
  for (const each of [replayed, other]) registry.add(A, each);
  for (const id of ["1", "2"]) {
    const payload = new TextEncoder().encode("{}");
    registry.broadcast(A, { kind: "user", event: "ev", encoding: "json", payload, meta: { id } });
  }
  expect([replayed.frames.length, other.frames.length]).toEqual([1, 2]);
});
