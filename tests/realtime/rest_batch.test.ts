import { afterAll, beforeAll, expect, test } from "vitest";
import { RawClient } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { visitorTopic } from "./support/topics.ts";
import { tokenFor } from "./support/tokens.ts";

let server: TestRealtime;
beforeAll(async () => {
  server = await startRealtime({ payloadBytes: 1000 });
});
afterAll(() => server.stop());

async function batch(body: unknown, token = server.serviceRole): Promise<[number, string]> {
  const response = await server.post("/api/broadcast", {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return [response.status, await response.text()];
}

const message = (topic: string, settings: Record<string, unknown> = {}) => ({
  topic,
  event: "ev",
  payload: {},
  ...settings,
});

test("a batch reaches several topics, private and public, each in order", async () => {
  const [secret, open] = [visitorTopic(), "lobby"];
  const client = await RawClient.open(server);
  await client.join(secret, { private: true });
  await client.join(open, {});

  const messages = [
    message(secret, { private: true, event: "1" }),
    message(open, { event: "2" }),
    message(secret, { private: "true", event: "3" }),
  ];
  expect(await batch({ messages })).toEqual([202, ""]);

  const received = [await client.next(), await client.next(), await client.next()];
  expect(received).toMatchObject([
    [null, null, `realtime:${open}`, "broadcast", { event: "2" }],
    [null, null, `realtime:${secret}`, "broadcast", { event: "1" }],
    [null, null, `realtime:${secret}`, "broadcast", { event: "3" }],
  ]);
  await client.close();
});

test("private messages without permission are dropped, the rest is sent, and the answer is 202", async () => {
  const topic = visitorTopic();
  const client = await RawClient.open(server);
  await client.join(topic, { private: true });
  await client.join("lobby", {});

  const messages = [message(topic, { private: true }), message("lobby", { event: "sent" })];
  expect(await batch({ messages }, server.anon)).toEqual([202, ""]);
  expect(await batch({ messages: [message(topic, { private: true })] }, await tokenFor("nobody")))
    .toEqual([202, ""]);

  expect(await client.next()).toMatchObject([null, null, "realtime:lobby", "broadcast", { event: "sent" }]);
  expect(await client.expectNothing()).toMatchObject([null, "3", "phoenix", "phx_reply", {}]);
  await client.close();
});

test("a name too long for a binary frame arrives as text", async () => {
  const topic = "x".repeat(300);
  const client = await RawClient.open(server);
  await client.join(topic, {});
  const event = "e".repeat(256);
  expect(await batch({ messages: [message(topic, { event })] })).toEqual([202, ""]);
  expect(await client.next()).toMatchObject([null, null, `realtime:${topic}`, "broadcast", { event }]);
  await client.close();
});

const invalid = (messages: unknown) => [422, JSON.stringify({ errors: { messages } })];
test.each([
  ["nothing", {}, ["can't be blank"]],
  ["an array", [], ["can't be blank"]],
  ["no messages", { messages: [] }, ["can't be blank"]],
  ["something else than messages", { messages: "x" }, ["is invalid"]],
  ["a blank event", { messages: [message("a", { event: " " })] }, [{ event: ["can't be blank"] }]],
  ["a payload that is no object", { messages: [message("a", { payload: [] })] }, [{
    payload: ["is invalid"],
  }]],
  ["an odd flag", { messages: [message("a", { private: "yes" })] }, [{ private: ["is invalid"] }]],
  [
    "one bad message of two",
    { messages: [message("a"), message("b", { payload: { a: "x".repeat(1000) } })] },
    [{}, { payload: ["Payload size exceeds tenant limit"] }],
  ],
])("%s is refused as a whole, with positions", async (_case, body, errors) => {
  expect(await batch(body)).toEqual(invalid(errors));
});

test("what cannot be parsed is refused; what is not meant to be parsed has no messages", async () => {
  const post = async (body: string, type = "application/json") => {
    const headers = { apikey: server.serviceRole, "content-type": type };
    const response = await server.post("/api/broadcast", { headers, body });
    return [response.status, await response.text()];
  };
  expect(await post("{")).toEqual([400, "Bad Request"]);
  expect(await post("x".repeat(8_000_001))).toEqual([413, "Request Entity Too Large"]);
  expect(await post("{}", "text/plain")).toEqual(invalid(["can't be blank"]));
});

test("without a key of the project there is no batch", async () => {
  expect(await batch({ messages: [message("lobby")] }, "garbage")).toEqual([
    401,
    '{"message":"Unauthorized"}',
  ]);
});
