import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { nowInSeconds, sign, tokenFor } from "./support/tokens.ts";

let server: TestRealtime;
beforeAll(async () => {
  server = await startRealtime();
});
afterAll(() => server.stop());

async function refusal(query: Record<string, string>, headers = {}): Promise<[number | undefined, string]> {
  const socket = new WebSocket(`${server.wsUrl}/websocket?${new URLSearchParams(query)}`, { headers });
  const [, response] = await once(socket, "unexpected-response") as [unknown, IncomingMessage];
  const chunks = await response.toArray();
  socket.on("error", () => undefined).terminate();
  return [response.statusCode, Buffer.concat(chunks).toString()];
}

const inAnHour = nowInSeconds() + 3600;
test.each([
  ["no key", () => "", "API key is missing"],
  ["garbage", () => "garbage", "The token provided is not a valid JWT"],
  [
    "a wrong secret",
    () => sign({ role: "anon", exp: inAnHour }, "x".repeat(32)),
    "Failed to validate JWT signature",
  ],
  ["an expired token", () => tokenFor("anon", { exp: nowInSeconds() - 5 }), "Token has expired"],
  ["no role", () => sign({ exp: inAnHour }), "Fields `role` and `exp` are required in JWT"],
  ["no expiry", () => sign({ role: "anon" }), "Fields `role` and `exp` are required in JWT"],
])("%s is refused with 401 and the reason", async (_case, apikey, error) => {
  expect(await refusal({ apikey: await apikey(), vsn: "2.0.0" })).toEqual([401, JSON.stringify({ error })]);
});

test("a protocol that is not spoken is refused with 403 and no word", async () => {
  expect(await refusal({ apikey: server.anon, vsn: "9.9.9" })).toEqual([403, ""]);
});

test("the key may come as x-api-key", async () => {
  const headers = { "x-api-key": server.anon };
  const socket = new WebSocket(`${server.wsUrl}/websocket?vsn=2.0.0`, { headers });
  await once(socket, "open");
  socket.close();
  await once(socket, "close");
});

test("a key in the Authorization header is none", async () => {
  const headers = { authorization: `Bearer ${server.anon}` };
  expect(await refusal({ vsn: "2.0.0" }, headers)).toEqual([401, '{"error":"API key is missing"}']);
});

test("a request without upgrade is refused", async () => {
  const answer = await fetch(`${server.httpUrl}/websocket?vsn=2.0.0&apikey=${server.anon}`);
  expect(answer.status).toBe(400);
});
