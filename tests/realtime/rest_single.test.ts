import { afterAll, beforeAll, expect, test } from "vitest";
import { RawClient } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { openRooms, visitorTopic } from "./support/topics.ts";
import { nowInSeconds, sign, tokenFor } from "./support/tokens.ts";

let server: TestRealtime;
beforeAll(async () => {
  server = await startRealtime({ payloadBytes: 1000 });
  await openRooms(server.database.sql);
});
afterAll(() => server.stop());

const JSON_TYPE = { "content-type": "application/json" };

async function answer(response: Promise<Response>): Promise<[number, string]> {
  const { status, text } = await response.then(async (r) => ({ status: r.status, text: await r.text() }));
  return [status, text];
}

/** Posts to a public room as the service role. */
function post(init: RequestInit, path = "/api/broadcast/room/events/ev"): Promise<[number, string]> {
  return answer(
    server.post(path, { ...init, headers: { apikey: server.serviceRole, ...JSON_TYPE, ...init.headers } }),
  );
}

test("accepted broadcasts are answered with 202 and nothing", async () => {
  expect(await answer(server.broadcast(visitorTopic()))).toEqual([202, ""]);
});

test("anybody with a key of the project may broadcast in public", async () => {
  const response = server.broadcast("lobby", { private: false, token: server.anon });
  expect(await answer(response)).toEqual([202, ""]);
});

test("the key may come as apikey header or as bearer, in any case", async () => {
  for (
    const [name, value] of [["apikey", server.anon], ["authorization", `bearer ${server.anon}`]] as const
  ) {
    const init = { headers: { ...JSON_TYPE, [name]: value }, body: "{}" };
    expect((await server.post("/api/broadcast/lobby/events/ev", init)).status).toBe(202);
  }
});

const inAnHour = nowInSeconds() + 3600;
test.each([
  ["no key", () => ""],
  ["garbage", () => "garbage"],
  ["a project key that nobody translated", () => "sb_secret_x"],
  ["a wrong secret", () => sign({ role: "service_role", exp: inAnHour }, "x".repeat(32))],
  ["an expired token", () => tokenFor("service_role", { exp: nowInSeconds() - 1 })],
  ["no role", () => sign({ exp: inAnHour })],
])("%s is refused with 401", async (_case, token) => {
  const key = await token();
  const headers = { ...JSON_TYPE, ...key && { apikey: key } };
  const response = server.post("/api/broadcast/lobby/events/ev", { headers, body: "{}" });
  expect(await answer(response)).toEqual([401, '{"message":"Unauthorized"}']);
});

test("a key in the URL is none", async () => {
  const path = `/api/broadcast/lobby/events/ev?apikey=${server.serviceRole}`;
  const response = server.post(path, { headers: JSON_TYPE, body: "{}" });
  expect(await answer(response)).toEqual([401, '{"message":"Unauthorized"}']);
});

test("private broadcasts need a permission to write", async () => {
  const forbidden = server.broadcast(visitorTopic(), { token: server.anon });
  expect(await answer(forbidden)).toEqual([403, '{"message":"Unauthorized"}']);
  expect(await answer(server.broadcast("room:1", { token: server.anon }))).toEqual([202, ""]);
});

test("a role that Postgres does not know is a policy error", async () => {
  const response = server.broadcast("room:1", { token: await tokenFor("nobody") });
  expect(await answer(response)).toEqual([422, '{"message":"RLS policy error"}']);
});

test("a NUL in a private topic is a policy error", async () => {
  expect(await answer(server.broadcast("room:\0"))).toEqual([422, '{"message":"RLS policy error"}']);
});

test("only private=true is private", async () => {
  const client = await RawClient.open(server);
  await client.join("room:flag", {});
  expect(await post({ body: "{}" }, "/api/broadcast/room%3Aflag/events/ev?private=1")).toEqual([202, ""]);
  expect(await client.next()).toBeInstanceOf(Buffer);
  await client.close();
});

test.each([
  ["?private=true", '{"private":false}', "public"],
  ["?private=true", '{"private":null}', "public"],
  ["?private=true", '{"private":"x"}', "public"],
  ["", '{"private":true}', "private"],
  ["?private=false", '{"private":true}', "private"],
  ["?private=true", "[true]", "private"],
  ["?private=true&private=false", "{}", "public"],
  ["?private=false&private=true", "{}", "private"],
])("the query %j with the body %s is %s", async (query, body, expected) => {
  const client = await RawClient.open(server);
  await client.join("room:either", { private: expected === "private" });
  await post({ body }, `/api/broadcast/room%3Aeither/events/ev${query}`);
  expect(await client.next()).toBeInstanceOf(Buffer);
  await client.close();
});

test.each([
  ["[1]", '{"_json":[1]}'],
  ['"x"', '{"_json":"x"}'],
  ["null", '{"_json":null}'],
  ["", "{}"],
  ['{"a":"ä"}', '{"a":"ä"}'],
])("the body %s is received as %s", async (body, received) => {
  const client = await RawClient.open(server);
  await client.join("room", {});
  expect(await post({ body })).toEqual([202, ""]);
  const frame = await client.next() as Buffer;
  expect(frame.subarray(5 + "realtime:room".length + "ev".length).toString()).toBe(received);
  await client.close();
});

test("a slash at the end of a path changes nothing", async () => {
  expect(await post({ body: "{}" }, "/api/broadcast/room/events/ev/")).toEqual([202, ""]);
  const empty = await post({ body: '{"messages":[]}' }, "/api/broadcast/");
  expect(empty).toEqual([422, `{"errors":{"messages":["can't be blank"]}}`]);
});

test("a topic with slashes and colons arrives under its own name", async () => {
  const client = await RawClient.open(server);
  await client.join("a/b:c d%", {});
  await server.broadcast("a/b:c d%", { private: false });
  expect(String(await client.next())).toContain("realtime:a/b:c d%refresh");
  await client.close();
});

test("what cannot be parsed is refused, and is neither JSON nor counted", async () => {
  for (const body of ["{", "x".repeat(8_000_001)]) {
    const init = { headers: { apikey: server.serviceRole, ...JSON_TYPE }, body };
    const { headers } = await server.post("/api/broadcast/room/events/ev", init);
    expect([headers.get("content-type"), headers.get("x-rate-limit")]).toEqual([
      "text/html; charset=utf-8",
      null,
    ]);
  }

  expect(await post({ body: "{" })).toEqual([400, "Bad Request"]);
  const plain = { body: "x", headers: { "content-type": "text/plain" } };
  const error = "Unsupported Media Type. Use application/json or application/octet-stream";
  expect(await post(plain)).toEqual([415, JSON.stringify({ error })]);
  expect(await post({ body: "x".repeat(8_000_001) })).toEqual([413, "Request Entity Too Large"]);
  expect(await post({ body: "{}" }, "/api/broadcast/%ff/events/ev")).toEqual([400, "Bad Request"]);
});

test("an event needs a name, a payload has a limit", async () => {
  const blank = await post({ body: "{}" }, "/api/broadcast/room/events/%20");
  expect(blank).toEqual([422, `{"errors":{"event":["can't be blank"]}}`]);
  const long = await post({ body: JSON.stringify({ a: "x".repeat(1000) }) });
  expect(long).toEqual([422, '{"errors":{"payload":["Payload size exceeds tenant limit"]}}']);
});

test("a name too long for a binary frame fails only where somebody listens", async () => {
  const longest = "x".repeat(246);
  const tooLong = "x".repeat(247);
  const broadcast = (topic: string) => answer(server.broadcast(topic, { private: false }));
  expect(await broadcast(tooLong)).toEqual([202, ""]);

  const client = await RawClient.open(server);
  await client.join(longest, {});
  await client.join(tooLong, {});
  expect(await broadcast(longest)).toEqual([202, ""]);
  expect(await client.next()).toBeInstanceOf(Buffer);
  expect(await broadcast(tooLong)).toEqual([500, "Internal Server Error"]);
  const longEvent = { private: false, event: "e".repeat(256) };
  expect((await server.broadcast("nobody", longEvent)).status).toBe(202);
  expect(await answer(server.broadcast(longest, longEvent))).toEqual([500, "Internal Server Error"]);
  await client.close();
});

test("a URL may be long, but not any length", async () => {
  expect((await server.broadcast("x".repeat(5000), { private: false })).status).toBe(202);
  expect(await answer(server.broadcast("x".repeat(9000), { private: false }))).toEqual([414, ""]);
});

test.each(["Bearer", "Bearer a b"])("an Authorization of %j breaks the endpoint", async (authorization) => {
  const init = { headers: { ...JSON_TYPE, authorization, apikey: server.serviceRole }, body: "{}" };
  expect(await answer(server.post("/api/broadcast/room/events/ev", init)))
    .toEqual([500, "Internal Server Error"]);
});

test("other paths and methods are not found", async () => {
  expect(await answer(fetch(`${server.httpUrl}/api/broadcast/room/events/ev`))).toEqual([404, "Not Found"]);
  expect(await answer(server.post("/api/other"))).toEqual([404, "Not Found"]);
});
