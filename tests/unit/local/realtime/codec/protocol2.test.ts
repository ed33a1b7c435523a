import { expect, test } from "vitest";
import { codecFor, FieldTooLong, type UserBroadcast } from "../../../../../local/realtime/codec/codec.ts";
import { protocol2 } from "../../../../../local/realtime/codec/protocol2.ts";

const bytes = (...parts: (string | number[])[]) =>
  new Uint8Array(Buffer.concat(parts.map((p) => Buffer.from(p))));

const broadcast = (settings: Partial<UserBroadcast> = {}): UserBroadcast => ({
  kind: "user",
  event: "ev",
  encoding: "json",
  payload: bytes('{"a":1}'),
  meta: null,
  ...settings,
});

test("a text frame is join_ref, ref, topic, event and payload; what follows is ignored", () => {
  const frame = '["6","7","realtime:a","phx_join",{"config":{}},"more"]';
  expect(protocol2.decode(frame)).toEqual({
    joinRef: "6",
    ref: "7",
    topic: "realtime:a",
    event: "phx_join",
    payload: { config: {} },
    broadcast: null,
  });
});

test.each(["", "null", "{}", "[]", '["1","1","t","e"]', '["1","1",null,"e",{}]', '["1","1","t",5,{}]'])(
  "the text %j is no message",
  (text) => expect(protocol2.decode(text)).toBeNull(),
);

test("messages to the client are text arrays", () => {
  const message = { joinRef: "1", ref: null, topic: "realtime:a", event: "system", payload: { b: 1 } };
  expect(protocol2.encode(message)).toBe('["1",null,"realtime:a","system",{"b":1}]');
});

test("kind 0 is read as bytes under an event of Phoenix's", () => {
  const frame = bytes([0, 1, 1, 10, 9], "6", "7", "realtime:a", "broadcast", [0, 255]);
  expect(protocol2.decode(frame)).toEqual({
    joinRef: "6",
    ref: "7",
    topic: "realtime:a",
    event: "broadcast",
    payload: null,
    broadcast: { kind: "native", payload: bytes([0, 255]) },
  });
  expect(protocol2.decode(frame.slice(0, 20))).toBeNull();
});

test("bytes of Phoenix's own go down as kind 2, and nowhere where a name is too long", () => {
  const broadcast = { kind: "native", payload: bytes([0, 255]) } as const;
  expect(protocol2.encodeBroadcast("realtime:a", broadcast))
    .toEqual(bytes([2, 10, 9], "realtime:a", "broadcast", [0, 255]));
  expect(() => protocol2.encodeBroadcast("x".repeat(256), broadcast)).toThrow(FieldTooLong);
});

test("kind 3 is read as a broadcast, its JSON left as bytes", () => {
  const frame = bytes([3, 1, 1, 15, 2, 0, 1], "6", "7", "realtime:room:1", "ev", '{"a":1}');
  expect(protocol2.decode(frame)).toEqual({
    joinRef: "6",
    ref: "7",
    topic: "realtime:room:1",
    event: "broadcast",
    payload: null,
    broadcast: broadcast(),
  });
});

test("kind 3 may be binary, without references, and carry metadata that goes no further", () => {
  const frame = bytes([3, 0, 0, 11, 2, 16, 0], "realtime:ä", "ü", '{"persist":true}', [0, 255]);
  expect(protocol2.decode(frame)).toEqual({
    joinRef: null,
    ref: null,
    topic: "realtime:ä",
    event: "broadcast",
    payload: null,
    broadcast: broadcast({ event: "ü", encoding: "binary", payload: bytes([0, 255]) }),
  });
});

test.each([
  ["nothing", []],
  ["another kind", [4, 0, 0, 0, 0]],
  ["a header that ends early", [3, 1, 1]],
  ["lengths beyond the frame", [3, 255, 255, 255, 255, 255, 1]],
  ["metadata that is not JSON", [3, 0, 0, 0, 0, 1, 1, 0x7b]],
])("%s is no message", (_case, frame) => expect(protocol2.decode(Uint8Array.from(frame))).toBeNull());

test("kind 4 carries topic, event and payload", () => {
  expect(protocol2.encodeBroadcast("realtime:room:1", broadcast())).toEqual(
    bytes([4, 15, 2, 0, 1], "realtime:room:1", "ev", '{"a":1}'),
  );
});

test("kind 4 marks binary payloads and carries metadata", () => {
  const sent = broadcast({ encoding: "binary", payload: bytes([7]), meta: { id: "1" } });
  expect(protocol2.encodeBroadcast("t", sent)).toEqual(bytes([4, 1, 2, 10, 0], "tev", '{"id":"1"}', [7]));
});

test("text broadcasts have no references", () => {
  expect(protocol2.encodeBroadcast("realtime:a", { kind: "text", payload: { b: 1 } })).toBe(
    '[null,null,"realtime:a","broadcast",{"b":1}]',
  );
});

test("255 bytes fit a binary frame, 256 do not, whatever the number of characters", () => {
  const encode = (topic: string) => protocol2.encodeBroadcast(topic, broadcast());
  expect(encode("ä".repeat(127) + "x")).toBeInstanceOf(Uint8Array);
  expect(() => encode("ä".repeat(128))).toThrow(FieldTooLong);
  expect(() => protocol2.encodeBroadcast("t", broadcast({ event: "x".repeat(256) }))).toThrow(FieldTooLong);
});

test("every frame that was cut short is refused without an exception", () => {
  const whole = bytes([3, 1, 1, 15, 2, 2, 1], "6", "7", "realtime:room:1", "ev", "{}", '{"a":1}');
  const headAndFields = whole.length - '{"a":1}'.length;
  for (let length = 0; length < headAndFields; length++) {
    expect(protocol2.decode(whole.slice(0, length))).toBeNull();
  }
});

test("only protocol 2.0.0 is spoken", () => {
  expect([codecFor("2.0.0"), codecFor("2.0.1")]).toEqual([protocol2, protocol2]);
  expect(codecFor("3.0.0")).toBeNull();
});
