import { once } from "node:events";
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { childrenOf } from "../support/processes.ts";
import { type Client, createClient } from "./support/client.ts";
import { goodOwner } from "./support/owner_answers.ts";
import { endlessBody, endlessHeaders, openSlowSockets } from "./support/slow_sockets.ts";
import { validCall, validCalls } from "./support/valid_calls.ts";
import { startWorld, type World } from "./support/world.ts";

const SLOW_HEADERS = 400;
const SLOW_BODIES = 50;
const BURST = 1_000;
const SOCKETS = 250;
/** Connections to the database and between the processes that may be one more or less at any time. */
const LEEWAY = 10;

let world: World;
let client: Client;
/** Of a stack that has been used and is idle again. */
let handlesBefore: number | undefined;
beforeAll(async () => {
  world = await startWorld();
  world.owner.answer(goodOwner);
  client = createClient(world.stack.apiUrl);
  await statuses(validCalls(world, 100));
});
afterAll(async () => {
  client.close();
  await world.stop();
});

async function statuses(requests: Parameters<Client["send"]>[0][]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of await Promise.all(requests.map(client.send))) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

/** Open files and connections of the proxy and of all functions. */
function openHandles(): number {
  const { pid } = world.stack;
  return [pid, ...childrenOf(pid, "local/functions/worker.ts")]
    .reduce((sum, process) => sum + readdirSync(`/proc/${process}/fd`).length, 0);
}

/** Connections that are kept for the next request go after a while. */
async function idleHandles(): Promise<number> {
  let known = Infinity;
  await expect.poll(() => {
    const before = known;
    known = openHandles();
    return known >= before;
  }, { interval: 6_000 }).toBe(true);
  return known;
}

it("connections that never finish their headers or bodies keep nobody else from being answered", async () => {
  handlesBefore ??= await idleHandles();
  const posts = [validCall(world, "validate-widget"), validCall(world, "tab-action")];
  const publish = validCall(world, "realtime-publish");
  const slow = await openSlowSockets(world.stack.apiUrl, [
    ...validCalls(world, SLOW_HEADERS).map(endlessHeaders),
    ...[...posts, publish].flatMap((call) => Array.from({ length: SLOW_BODIES }, () => endlessBody(call))),
  ]);

  for (let round = 0; round < 20; round++) {
    expect(await statuses(validCalls(world, 8)), `round ${round}`).toEqual({ 200: 8 });
  }
  // A function gives a body ten seconds.
  await expect.poll(() => slow.answers.length).toBe(SLOW_BODIES * 3);
  expect(new Set(slow.answers)).toEqual(new Set(["HTTP/1.1 400 Bad Request"]));
  expect(await statuses(validCalls(world, 8))).toEqual({ 200: 8 });

  await slow.stop();
  await expect.poll(openHandles).toBeLessThanOrEqual(handlesBefore + LEEWAY);
});

it("a thousand requests and some hundred sockets at once are all answered", async () => {
  handlesBefore ??= await idleHandles();
  const { apiUrl, publishableKey } = world.stack;
  const url = `${apiUrl.replace("http", "ws")}/realtime/v1/websocket?apikey=${publishableKey}&vsn=2.0.0`;
  const sockets = Array.from({ length: SOCKETS }, () => new WebSocket(url));
  const heard = Promise.all(sockets.map(async (socket) => {
    await once(socket, "open");
    socket.send(JSON.stringify([null, "1", "phoenix", "heartbeat", {}]));
    const [message] = await once(socket, "message");
    return JSON.parse(String(message)).at(-1).status;
  }));

  expect(await statuses(validCalls(world, BURST))).toEqual({ 200: BURST });
  expect(new Set(await heard)).toEqual(new Set(["ok"]));
  expect(await statuses(validCalls(world, 8))).toEqual({ 200: 8 });

  await Promise.all(sockets.map((socket) => (socket.close(), once(socket, "close"))));
  client.close();
  client = createClient(apiUrl);
  await expect.poll(openHandles).toBeLessThanOrEqual(handlesBefore + LEEWAY);
});
