import { expect, test } from "vitest";
import { codecFor, type UserBroadcast } from "../../../../../local/realtime/codec/codec.ts";
import { protocol1 } from "../../../../../local/realtime/codec/protocol1.ts";

const broadcast = (settings: Partial<UserBroadcast> = {}): UserBroadcast => ({
  kind: "user",
  event: "ev",
  encoding: "json",
  payload: new Uint8Array(Buffer.from('{"a":1}')),
  meta: null,
  ...settings,
});
const decoded = (frame: unknown) => JSON.parse(String(frame));

test("a frame is an object", () => {
  const payload = { type: "broadcast", event: "ev", payload: { a: 1 } };
  const frame = { topic: "realtime:a", event: "broadcast", payload, ref: "7", join_ref: "6" };
  expect(protocol1.decode(JSON.stringify(frame))).toEqual({
    joinRef: "6",
    ref: "7",
    topic: "realtime:a",
    event: "broadcast",
    payload,
    broadcast: null,
  });
});

test("references may be numbers", () => {
  const frame = { topic: "a", event: "phx_join", payload: {}, ref: 1, join_ref: 1 };
  expect(protocol1.decode(JSON.stringify(frame))).toMatchObject({ joinRef: 1, ref: 1 });
});

test.each(["", "null", "[]", "{}", '{"topic":"a"}', '{"topic":1,"event":"e"}', new Uint8Array([3, 0])])(
  "%j is no message",
  (frame) => expect(protocol1.decode(frame)).toBeNull(),
);

test("downstream there is no join_ref", () => {
  const message = {
    joinRef: "6",
    ref: "7",
    topic: "realtime:a",
    event: "phx_reply",
    payload: { status: "ok" },
  };
  expect(decoded(protocol1.encode(message))).toEqual({
    topic: "realtime:a",
    event: "phx_reply",
    payload: { status: "ok" },
    ref: "7",
  });
});

test("a broadcast of JSON is text, with its metadata if it has some", () => {
  const frame = { topic: "realtime:a", event: "broadcast", ref: null };
  expect(decoded(protocol1.encodeBroadcast("realtime:a", broadcast()))).toEqual({
    ...frame,
    payload: { event: "ev", payload: { a: 1 }, type: "broadcast" },
  });
  expect(decoded(protocol1.encodeBroadcast("realtime:a", broadcast({ meta: { id: "x" } })))).toEqual({
    ...frame,
    payload: { event: "ev", payload: { a: 1 }, type: "broadcast", meta: { id: "x" } },
  });
});

test("a text broadcast is relayed word for word", () => {
  const payload = { event: "ev", more: true };
  expect(decoded(protocol1.encodeBroadcast("realtime:a", { kind: "text", payload }))).toMatchObject({
    payload,
  });
});

test.each([broadcast({ encoding: "binary" }), broadcast({ payload: new Uint8Array([1]) })])(
  "bytes can't be carried",
  (bytes) => expect(protocol1.encodeBroadcast("realtime:a", bytes)).toBeNull(),
);

test("is what clients speak that name no version", () => {
  expect([codecFor("1.0.0"), codecFor("1.0.5"), codecFor(null)]).toEqual([protocol1, protocol1, protocol1]);
  expect([codecFor("1.1.0"), codecFor("1.0"), codecFor("9.9.9")]).toEqual([null, null, null]);
});
