import { expect, test } from "vitest";
import { parseJoin } from "../../../../../local/realtime/channels/join_payload.ts";

const KEY = "sb_publishable_x";

test("what a client leaves out has Realtime's defaults", () => {
  expect(parseJoin({ config: {} }, "a")).toEqual({
    private: false,
    broadcast: { ack: false, self: false, replicationReady: false, replay: undefined },
    presence: { key: expect.stringMatching(/^[0-9a-f-]{36}$/), enabled: false },
    postgresChanges: [],
    accessToken: null,
  });
});

test.each([{}, { config: null }, { config: { broadcast: null, presence: [], postgres_changes: "x" } }])(
  "the payload %j is read as one without settings",
  (payload) => expect(parseJoin(payload, "a")).toMatchObject({ private: false, accessToken: null }),
);

test.each([
  [null, "expected params to be a :map, got: `nil`"],
  [5, "expected params to be a :map, got: `5`"],
  ["x", 'expected params to be a :map, got: `"x"`'],
  [[null, 1], "expected params to be a :map, got: `[nil, 1]`"],
  [{ config: "x" }, 'expected config to be a :map, got: `"x"`'],
  [{ config: [] }, "expected config to be a :map, got: `[]`"],
  [{ config: { broadcast: [] } }, "expected broadcast to be a :map, got: `[]`"],
])("the payload %j can't be read", (payload, message) => {
  expect(() => parseJoin(payload, "a")).toThrow(message);
});

test.each([[true, true], ["true", true], ["TRUE", true], [false, false], ["no", false], [1, false]])(
  "the flag %j means %j",
  (flag, meaning) => {
    const config = {
      private: flag,
      broadcast: { ack: flag, self: flag },
      presence: { enabled: flag, key: "k" },
    };
    expect(parseJoin({ config }, "a")).toMatchObject({
      private: meaning,
      broadcast: { ack: meaning, self: meaning },
      presence: { key: "k", enabled: meaning },
    });
  },
);

test.each([
  ["public", { schema: "public" }],
  ["public:items", { schema: "public", table: "items" }],
  ["public:items:id=eq.a:b", { schema: "public", table: "items", filter: "id=eq.a:b" }],
])("without settings the topic %s says which Postgres changes are meant", (topic, change) => {
  expect(parseJoin({ user_token: "jwt" }, topic).postgresChanges).toEqual([change]);
  expect(parseJoin({ config: null }, topic).postgresChanges).toEqual([]);
});

test("nulls in the list of Postgres changes are dropped", () => {
  const change = { event: "*", schema: "public" };
  expect(parseJoin({ config: { postgres_changes: [null, change] } }, "a").postgresChanges).toEqual([change]);
});

test.each([
  [{ access_token: "jwt" }, "jwt"],
  [{ user_token: "jwt" }, "jwt"],
  [{ access_token: KEY }, null],
  [{ access_token: KEY, user_token: "jwt" }, null],
  [{ access_token: null, user_token: KEY }, null],
  [{ access_token: 5 }, null],
])("the token of %j is %j", (payload, token) => expect(parseJoin(payload, "a").accessToken).toBe(token));
